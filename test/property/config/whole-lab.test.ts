// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/** A whole lab in one file: what `config` prints is the lab that was loaded, and the address plan gives each address once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Diagnostics } from '../../../src/config/diagnose.ts';
import { giveAddresses } from '../../../src/config/nodes/addressing.ts';
import { printConfig } from '../../../src/config/print.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { visitsOf } from '../../support/model/visits.ts';
import { type Checked, check } from '../../unit/config/loading.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 8 }),
  fc.constantFrom('$', '${A}', '01', 'null', '1.10'),
);
const pairs = fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/), text, {
  maxKeys: 3,
  noNullPrototype: true,
});
const command = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
const common = {
  exec: fc.array(command, { maxLength: 2 }),
  run: fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]{1,5}$/), command }), {
    selector: ({ name }) => name,
    maxLength: 2,
  }),
  labels: pairs,
  on: fc.constantFrom('h1', 'h2'),
};
const container = {
  image: fc.constantFrom('alpine', 'quay.io/frr:9'),
  command: fc.constantFrom('sleep infinity', ['sh', '-c', 'a b']),
  env: fc.oneof(pairs, fc.constantFrom(['A=1', 'B=x=y'])),
  binds: fc.constantFrom(['./a:/b'], ['/x:/y:ro,z']),
  sysctls: fc.constantFrom({ 'net.ipv4.ip_forward': 1 }, ['net.ipv6.conf.all.disable_ipv6=0']),
  cap_add: fc.constantFrom(['NET_ADMIN'], ['cap_sys_admin', 'ALL']),
  memory: fc.constantFrom('128m', 6_291_456, '1.5g'),
  cpus: fc.constantFrom(0.5, '2'),
  copy: fc.constantFrom(['./a:/b:0644'], [{ source: './c', target: '/d' }]),
  healthcheck: fc.constantFrom({ test: 'true', interval: '1m30s' }, { disable: true }),
  restart: fc.constantFrom('always', 'on-failure:3'),
};
const node = fc.oneof(
  fc.constant(null),
  fc.record(common, { requiredKeys: [] }),
  fc.record({ ...container, ...common }, { requiredKeys: ['image'] }),
  fc.record({ image: fc.constant(null), ...common }, { requiredKeys: ['image'] }),
);
const linkDefaults = fc.record(
  {
    mtu: fc.integer({ min: 1280, max: 9000 }),
    state: fc.constantFrom('up', 'down'),
    impair: fc.constantFrom({ delay: '1ms' }, { loss: '1%' }),
    mode: fc.constantFrom('direct', 'linux'),
  },
  { requiredKeys: [] },
);
const layer = fc.record(
  { node: fc.record({ ...container, ...common }, { requiredKeys: [] }), link: linkDefaults },
  { requiredKeys: [] },
);
const settings = fc.record(
  {
    mtu: fc.integer({ min: 1280, max: 9000 }),
    impair: fc.constantFrom({ delay: '5ms' }, { a: { loss: '2%' } }, { a: { delay: '2ms' }, b: { rate: '1mbit' } }),
    mode: fc.constantFrom('direct', 'linux', 'patch'),
    ip: fc.constantFrom(['172.16.0.1/30', '172.16.0.2/30'], [['172.16.0.1/30', 'fd11::1/64'], []]),
    labels: fc.constant({ cable: 'c$1' }),
  },
  { requiredKeys: [] },
);
/** Both families, or one, or none; pools that hold all there can be. */
const addressing = fc.record(
  {
    wires: fc.record(
      { pool: fc.constant('10.0.0.0/16'), prefix: fc.integer({ min: 24, max: 31 }) },
      { requiredKeys: ['pool'] },
    ),
    wires6: fc.record({ pool: fc.constant('fd00::/32'), prefix: fc.constantFrom(64, 127) }, { requiredKeys: ['pool'] }),
    loopbacks: fc.record(
      { pool: fc.constant('10.255.0.0/16'), prefix: fc.integer({ min: 28, max: 32 }) },
      { requiredKeys: ['pool'] },
    ),
    loopbacks6: fc.constant({ pool: 'fd01::/64' }),
  },
  { requiredKeys: [] },
);
const lab = fc
  .record({
    nodes: fc.array(node, { minLength: 2, maxLength: 6 }),
    wires: fc.array(fc.tuple(fc.nat(), fc.nat(), settings), { maxLength: 6 }),
    defaults: layer,
    groups: fc.array(fc.tuple(fc.constantFrom('n*', 'n0', 'n?', '*1'), layer), { maxLength: 2 }),
    addressing,
  })
  .map(({ nodes, wires, groups, ...rest }) => ({
    lab: 'whole',
    nodes: Object.fromEntries(nodes.map((one, at) => [`n${at}`, one])),
    wires: wires.map(([a, b, more], at) => {
      const ends = [`n${a % nodes.length}:a${at}`, `n${b % nodes.length}:b${at}`];
      return Object.keys(more).length === 0 ? ends : { ends, ...more };
    }),
    groups: Object.fromEntries(groups.map(([glob, one], at) => [`g${at}`, { nodes: [glob], ...one }])),
    ...rest,
  }));

/** Doubled, so that they are loaded as they are. */
const literally = (data: unknown): string => JSON.stringify(data).replaceAll('$', '$$$$');
const said = ({ topology }: { topology: Topology }): unknown => JSON.parse(JSON.stringify(topology));
const errorsOf = ({ diagnostics }: Checked): readonly string[] =>
  diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
const addressesOf = ({ topology }: Checked): readonly string[] => [
  ...topology.links.flatMap(({ addresses }) => addresses),
  ...(topology.nodes ?? []).flatMap(({ loopbacks }) => loopbacks),
];

describe('a whole lab', () => {
  for (const format of ['yaml', 'json'] as const) {
    test(`loads as what was printed (${format})`, () =>
      fc.assert(
        fc.asyncProperty(lab, async (data) => {
          const first = await check(literally(data));
          const options = { format, lab: first.lab, defaultBridgeMode: 'auto', defaultMtuBytes: 65_535 };
          const printed = printConfig(first.config, options);
          const second = await check(printed);
          assert.deepEqual(errorsOf(second), errorsOf(first));
          assert.deepEqual(said(second), said(first));
          assert.equal(printConfig(second.config, options), printed);
        }),
        { numRuns: 150 },
      ));
  }
});

const plain = fc.record({ nodes: fc.integer({ min: 1, max: 40 }), wires: fc.integer({ min: 0, max: 40 }), addressing });

function plainLab(nodes: number, wires: number, plan: unknown): string {
  const names = Array.from({ length: nodes }, (_, at) => `n${at}`);
  return JSON.stringify({
    addressing: plan,
    nodes: Object.fromEntries(names.map((name) => [name, null])),
    wires: Array.from({ length: wires }, (_, at) => [`n${at % nodes}:a${at}`, `n${(at * 7) % nodes}:b${at}`]),
  });
}

describe('an address plan', () => {
  test('gives each address once, and what is added at the end renumbers nothing', () =>
    fc.assert(
      fc.asyncProperty(plain, async ({ nodes, wires, addressing: plan }) => {
        const before = await check(plainLab(nodes, wires, plan));
        assert.deepEqual(errorsOf(before), []);
        const given = addressesOf(before).map((prefix) => prefix.slice(0, prefix.indexOf('/')));
        assert.equal(new Set(given).size, given.length);
        const after = await check(plainLab(nodes, wires + 1, plan));
        assert.deepEqual(
          after.topology.links.slice(0, 2 * wires).map(({ addresses }) => addresses),
          before.topology.links.map(({ addresses }) => addresses),
        );
        const more = await check(plainLab(nodes, wires, plan).replace('"n0":null', '"n0":null,"zz":null'));
        const loopbacks = (lab: Checked): readonly unknown[] => (lab.topology.nodes ?? []).map((one) => one.loopbacks);
        assert.equal(
          new Set(loopbacks(more).map(String)).size,
          Object.keys(plan).some((key) => key.startsWith('loop')) ? nodes + 1 : 1,
        );
      }),
      { numRuns: 60 },
    ));

  test('does twice the work for twice the lab', () => {
    const visits = (size: number): number => {
      const labels = Array.from({ length: size }, (_, at) => `wires[${at}]`);
      const written = labels.map((label, at) => ({ label, prefix: `172.16.${at >> 8}.${at & 255}/32` }));
      const entry = { value: { wires: { pool: '10.0.0.0/8' } }, origins: [], faulty: [] };
      return visitsOf(() => giveAddresses(entry, { wires: labels, nodes: [] }, written, new Diagnostics()));
    };
    assert.ok(visits(2000) < 2.7 * visits(1000));
  });
});
