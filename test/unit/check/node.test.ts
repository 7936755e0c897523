/** Which nodes and addresses a check means, and what its words are. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf, type CheckNode, chooseNodes } from '../../../src/check/node.ts';
import { httpFault, textFault, whyNot } from '../../../src/check/words.ts';

const node = (label: string, more: Partial<CheckNode> = {}): CheckNode => ({
  ...{ label, names: [label, `netns/${label}`], ns: `netns/${label}` as const, loopbacks: [], devices: [] },
  ...more,
});
const a = node('a', { devices: [{ dev: 'eth0', prefixes: ['10.0.1.1/24'] }] });
const devices = [
  { dev: 'eth0', prefixes: ['10.0.0.2/24', 'fd00::2/64', 'fe80::2/64'] },
  { dev: 'eth1', prefixes: ['10.0.1.2/24'] },
  { dev: 'eth2', prefixes: [] },
];

describe('a node', () => {
  test('is meant by its names and by patterns; the host by its name alone', () => {
    const all = [a, node('ab'), node('host', { names: ['host'] })];
    const labels = (...names: readonly string[]) => chooseNodes(names, all).chosen.map(({ label }) => label);
    assert.deepEqual(labels('a*', 'netns/a'), ['a', 'ab']);
    assert.deepEqual(labels('*'), ['a', 'ab']);
    assert.deepEqual(labels('host'), ['host']);
    assert.deepEqual(chooseNodes(['x', 'a'], all).absent, ['x']);
  });

  test('is reached by its loopback, else in a common network, else by its first address', () => {
    const spot = (of: CheckNode, dev: string | null, family: 4 | 6 | null = null): unknown => {
      const found = addressOf(of, dev, a, family);
      return typeof found === 'string' ? found : found.address;
    };
    const plain = node('b', { devices });
    assert.equal(spot(plain, null), '10.0.1.2');
    assert.equal(spot(node('b', { devices, loopbacks: ['10.9.9.9/32', 'fd09::9/128'] }), null), '10.9.9.9');
    assert.equal(spot(node('b', { devices, loopbacks: ['10.9.9.9/32', 'fd09::9/128'] }), 'lo', 6), 'fd09::9');
    assert.equal(spot(node('b', { devices: devices.slice(0, 1) }), null), '10.0.0.2');
    assert.equal(spot(plain, 'eth0'), '10.0.0.2');
    assert.equal(spot(plain, 'eth0', 6), 'fd00::2');
    assert.equal(spot(plain, 'eth1', 6), 'b:eth1 has no address of IPv6');
    assert.equal(spot(plain, 'eth2'), 'b:eth2 has no address');
    assert.equal(spot(plain, 'eth9'), 'b has no link eth9');
    assert.equal(spot(node('c'), null), 'c has no address in the configuration');
  });
});

describe('words', () => {
  const why = (outcome: Omit<Parameters<typeof whyNot>[0], 'id'>) =>
    whyNot({ id: 1, ...outcome } as Parameters<typeof whyNot>[0], 1000, () => 'failed');

  test('say why something is not reached', () => {
    assert.equal(why({ outcome: 'silent' }), 'no answer within 1 s');
    assert.match(why({ outcome: 'refused', errnoName: 'ENETUNREACH' } as never) ?? '', /^no route/);
    assert.equal(why({ outcome: 'refused', errnoName: 'EXFULL' } as never), 'EXFULL');
    const expired = { outcome: 'unreachable', why: 'expired', by: '10.0.0.1' } as never;
    assert.equal(why(expired), 'the packet was passed on too often: a loop of routes (says 10.0.0.1)');
  });

  test('say what is printed, and what was wanted', () => {
    const wanted = { contains: null, lacks: null, matches: null };
    assert.equal(textFault(wanted, 'x', 'it'), null);
    assert.equal(textFault({ ...wanted, contains: 'up' }, 'down\n', 'it'), 'it is "down" and does not have "up"');
    assert.equal(textFault({ ...wanted, lacks: 'up' }, 'is up', 'it'), 'it has "up"');
    assert.equal(textFault({ ...wanted, matches: '^b$' }, 'a\nb\nc', 'it'), null);
    assert.equal(textFault({ ...wanted, matches: '^b' }, '', 'it'), 'it is empty and does not match ^b');
    const http = {
      kind: 'http',
      isSecure: false,
      port: 80,
      path: '/',
      host: null,
      status: null,
      body: wanted,
    } as const;
    assert.equal(httpFault(http, 302, ''), null);
    assert.equal(httpFault(http, 404, ''), 'status 404, not below 400');
    assert.equal(httpFault({ ...http, status: 404 }, 404, ''), null);
    assert.equal(httpFault({ ...http, status: 200 }, 204, ''), 'status 204, not 200');
  });
});
