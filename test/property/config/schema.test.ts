/** Of generated links the JSON Schema refuses what the loader refuses, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LINK_TYPES, linkKind } from '../../../src/kinds/links/link-kinds.ts';
import { BEYOND_SCHEMA, verdictsOf } from '../../support/schema/verdict.ts';

/** A valid text with one sign changed, taken out or put in: mostly wrong, sometimes not. */
const nearly = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.nat(), fc.constantFrom('', '0', '9', 'g', ':', '.', '/', '-', '%', ' '))
    .map(([whole, at, sign]) => {
      const place = at % (whole.length + 1);
      return `${whole.slice(0, place)}${sign}${whole.slice(place + 1)}`;
    });

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('0.0.0.0', '::', '::1', '0:0::1', 'ff02::1', 'fd00::1.2.3.4', 'fe80::'),
);
const prefix = fc.tuple(address, fc.integer({ min: 0, max: 140 })).map(([ip, length]) => `${ip}/${length}`);
const hex = fc.integer({ min: 0, max: 255 }).map((byte) => byte.toString(16).padStart(2, '0'));
const mac = fc.array(hex, { minLength: 6, maxLength: 6 }).map((bytes) => bytes.join(':'));
const device = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.-]{0,18}$/),
  fc.constantFrom('lo', 'all', 'default', '.', '..', 'a b', 'a/b', 'a:b'),
);
const number = (min: number, max: number) =>
  fc.oneof(fc.integer({ min: min - 2, max: max + 2 }), fc.constantFrom('12', 'x', 1.5));
const modes = [...new Set(LINK_TYPES.flatMap((type) => linkKind(type).modes)), 'none'];
const amount = fc.oneof(
  fc.constantFrom('10ms', '1.5s', '10', 10, 0, '0', '10 ms', '5%', '.5%', '1e1ms', '10mbit', '2Gibps', '1kbps', 'x'),
);
const impair = fc.record(
  { delay: amount, jitter: amount, loss: amount, rate: amount, limit: number(1, 10) },
  { requiredKeys: [] },
);

/** Values of all keys, of which a link gets some: of many, one would nearly always be wrong. */
const values = {
  netns: fc.oneof(fc.constant('a'), fc.constantFrom('host', 'linkloom-x', '-a', 'a b', '')),
  type: fc.constantFrom(...LINK_TYPES),
  bridge: fc.constantFrom('b', ''),
  dev: fc.oneof(device, nearly(device)),
  'outer-dev': fc.constant('x'),
  ip: fc.oneof(prefix, nearly(prefix), address, fc.array(prefix, { maxLength: 2 })),
  mac: fc.oneof(mac, nearly(mac), fc.constant('00:00:00:00:00:00')),
  mtu: number(68, 65_535),
  vlanid: number(1, 4094),
  state: fc.constantFrom('up', 'down', 'off'),
  mode: fc.constantFrom(...modes),
  base: fc.constantFrom('host', 'local', 'here'),
  queues: number(1, 4096),
  forward: fc
    .tuple(number(1, 65_535), number(1, 65_535), fc.constantFrom('tcp', 'udp', 'icmp'))
    .map(([a, b, c]) => `${a}:${b}/${c}`),
  impair,
  service: fc.constant('s'),
  brigde: fc.constant('b'),
};

const link = fc
  .tuple(fc.record(values), fc.subarray(Object.keys(values).slice(2), { maxLength: 4 }))
  .map(([all, keys]) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key) || key === 'netns' || key === 'type')),
  );

test('the verdicts are the same', async () => {
  await fc.assert(
    fc.asyncProperty(link, async (written) => {
      const verdict = await verdictsOf(JSON.stringify({ links: [written] }));
      assert.ok(verdict !== null);
      const { loader, schema } = verdict;
      if (loader.size === 0) assert.deepEqual(schema, []);
      else if (![...loader].every((code) => code in BEYOND_SCHEMA))
        assert.notDeepEqual(schema, [], [...loader].join(', '));
    }),
    { numRuns: 1000 },
  );
});
