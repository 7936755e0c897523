// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/** What `config` prints is the configuration that was loaded. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mergeInto } from '../../../src/config/merge.ts';
import { printConfig } from '../../../src/config/print.ts';
import { emitYaml } from '../../../src/config/text/emit.ts';
import { parseYaml } from '../../../src/config/text/yaml/yaml.ts';
import type { Diagnostic } from '../../../src/errors.ts';
import { parsePrefix, unassignable } from '../../../src/net/address.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { check } from '../../unit/config/loading.ts';

const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,11}$/)
  .filter((text) => !['all', 'default', 'lo'].includes(text));
const anyText = fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 12 });
const dollars = fc.constantFrom(
  '$',
  '$$',
  '$A',
  '${A}',
  '${A:-b}',
  'a$',
  'no: "yes"',
  '#',
  '- x',
  ' ',
  'null',
  '012',
  '1e3',
  '\\',
  '\n',
);
const free = fc.oneof(anyText, dollars);
const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => `${address}/${length}`);
const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, length]) => `${address}/${length}`);
const address = fc.oneof(v4, v6).filter((prefix) => {
  const parsed = parsePrefix(prefix);
  return typeof parsed !== 'string' && unassignable(parsed.address) === null;
});
const maybeList = <T>(item: fc.Arbitrary<T>) => fc.oneof(item, fc.array(item, { maxLength: 3 }));

const node = fc.oneof(
  fc.record({ service: free }),
  fc.record({ container: free }),
  fc.record({ netns: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/) }),
);
const common = {
  dev: name,
  ip: maybeList(address),
  mac: fc.stringMatching(/^[0-9a-fA-F][2468aceACE](:[0-9a-fA-F]{2}){5}$/),
  // The least that IPv6 takes.
  mtu: fc.oneof(fc.integer({ min: 1280, max: 65_535 }), fc.integer({ min: 1280, max: 65_535 }).map(String)),
  ethtool: maybeList(free.map((text) => `-s ${text}`)),
  state: fc.constantFrom('up', 'down'),
  queues: fc.integer({ min: 1, max: 4096 }),
};
const impairment = fc.oneof(
  fc.record({
    impair: fc.record({ delay: fc.constant('10ms'), loss: fc.constantFrom('0%', '1%') }, { requiredKeys: [] }),
  }),
  fc.record({ netem: fc.constantFrom('delay 10ms', ['loss 1%', 'delay 5ms 1ms']) }),
  fc.constant({}),
);
const route = fc.constantFrom('default via 10.0.0.1', '10.1.0.0/16 via 10.0.0.1 metric 5', 'fd01::/64 via fe80::1');
const veth = fc.record({ bridge: name, route: maybeList(route), ...common }, { requiredKeys: ['bridge'] });
const vlan = fc.record(
  { type: fc.constant('vlan'), vlanid: fc.integer({ min: 1, max: 4094 }), 'outer-dev': name, ...common },
  { requiredKeys: ['type', 'vlanid', 'outer-dev'] },
);
const link = fc.tuple(node, fc.oneof(veth, vlan), impairment).map((parts) => Object.assign({}, ...parts));
const bridge = fc.record(
  { bridge: name, mode: fc.constantFrom('auto', 'linux', 'ovs'), 'x-note': fc.oneof(free, fc.jsonValue()) },
  { requiredKeys: ['bridge'] },
);
const command = fc
  .tuple(node, fc.record({ command: fc.oneof(free, fc.array(free, { minLength: 1, maxLength: 3 })) }))
  .map((parts) => Object.assign({}, ...parts));
const tunnel = fc
  .tuple(
    fc.record({
      type: fc.constantFrom('vxlan', 'geneve'),
      bridge: name,
      remote: fc.oneof(fc.ipV4(), fc.ipV6()),
      vni: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
    }),
    impairment,
  )
  .map((parts) => Object.assign({}, ...parts));
const network = fc.record(
  {
    lab: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/),
    bridges: fc.array(bridge, { maxLength: 4 }),
    links: fc.array(link, { maxLength: 8 }),
    tunnels: fc.array(tunnel, { maxLength: 2 }),
    commands: fc.array(command, { maxLength: 3 }),
  },
  { requiredKeys: ['links'] },
);

/** Doubled, so that they are loaded as they are. */
const literally = (data: unknown): string => JSON.stringify(data).replaceAll('$', '$$$$');

/** Sorted: they are told in the order of the keys, and `config` prints keys in an order of its own. */
const errors = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message)
    .sort();

/** All but where and how things were written: `config` writes a tunnel's netem as a list. */
const said = (topology: Topology): unknown =>
  JSON.parse(
    JSON.stringify({ ...topology, tunnels: topology.tunnels.map(({ netemWritten: _written, ...tunnel }) => tunnel) }),
  );

describe('the printed configuration', () => {
  for (const format of ['yaml', 'json'] as const) {
    test(`loads as what was printed (${format})`, { timeout: 300_000 }, () =>
      fc.assert(
        fc.asyncProperty(network, async (data) => {
          const first = await check(literally(data));
          const options = { format, lab: first.lab, defaultBridgeMode: 'auto', defaultMtuBytes: 65_535 };
          const printed = printConfig(first.config, options);
          const second = await check(printed);
          assert.deepEqual(errors(second.diagnostics), errors(first.diagnostics));
          assert.deepEqual(said(second.topology), said(first.topology));
          assert.equal(printConfig(second.config, options), printed);
        }),
        { numRuns: 300 },
      ),
    );
  }

  test('any value survives as YAML', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const [{ value: read, faults } = { value: undefined, faults: [] }] = parseYaml(emitYaml(value), false);
        assert.deepEqual(faults, []);
        assert.deepEqual(JSON.stringify(read), JSON.stringify(value));
      }),
      { numRuns: 1000 },
    ));
});

describe('merging', () => {
  const item = fc.string({ maxLength: 3 });
  const part = fc.oneof(item, fc.array(item, { maxLength: 3 }));
  const mergeable = fc.dictionary(fc.constantFrom('a', 'b', 'c'), part, { noNullPrototype: true });
  const merged = (...all: unknown[]) => all.slice(1).reduce(mergeInto, structuredClone(all[0]));

  test('keeps every key, and leaves the later value alone', () =>
    fc.assert(
      fc.property(mergeable, mergeable, (first, second) => {
        const before = structuredClone(second);
        const result = merged(first, second) as Record<string, unknown>;
        assert.deepEqual(new Set(Object.keys(result)), new Set([...Object.keys(first), ...Object.keys(second)]));
        assert.deepEqual(second, before);
      }),
    ));

  test('strings lists together in order, whichever are joined first', () =>
    fc.assert(
      fc.property(fc.array(item), fc.array(item), fc.array(item), (a, b, c) => {
        assert.deepEqual(merged(a, b, c), [...a, ...b, ...c]);
        assert.deepEqual(merged(a, merged(b, c)), [...a, ...b, ...c]);
      }),
    ));

  test('of two single values gives the later, and adds a single value to a list', () =>
    fc.assert(
      fc.property(fc.array(item), item, item, (list, a, b) => {
        assert.equal(merged(a, b), b);
        assert.deepEqual(merged(list, a), [...list, a]);
        assert.deepEqual(merged(a, list), list);
      }),
    ));
});
