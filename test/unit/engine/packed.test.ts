/** A dump that has crossed a thread is the dump that was sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpacked } from '../../../src/engine/threads/unpacked.ts';
import { DEVICE_NUMBERS } from '../../../src/wire/packed.ts';
import type { LinkDump, NsDump } from '../../../src/wire/seen.ts';
import { packed } from '../../../workers/tasks/crossing/packed.ts';

const PLAIN: LinkDump = {
  ...{ ifindex: 2, ifname: 'e0', kind: 'veth', group: 7, alias: 'linkloom', mac: 'c2:00:00:00:00:01', mtuBytes: 1500 },
  ...{ up: true, operstate: 'UP', master: 0, peerIndex: 3, peerNsid: 0, txQueues: 1, qdisc: 'noqueue' },
  ...{ numbers: { txqueuelen: 1000 }, mode: null, vlanId: null, tunnel: null, offloads: null },
  ...{ netem: null, tbf: null, redirect: null, counters: null },
};
const COUNTED = {
  ...{ rxPackets: 1, txPackets: 2, rxBytes: 2 ** 40, txBytes: 4 },
  ...{ rxDropped: 5, txDropped: 6, rxErrors: 7, txErrors: 8 },
};
const MISSING: NsDump = {
  ...{ ns: 'netns/none', inode: null, madeBy: null, failure: null },
  ...{ links: [], addresses: [], routes: [], translations: [] },
};
const THERE: NsDump = {
  ...MISSING,
  ...{ ns: 'netns/a', inode: 4026531840, madeBy: 'lab' },
  links: [
    PLAIN,
    { ...PLAIN, ifindex: 3, ifname: 'v0', numbers: {}, mode: 'bridge', vlanId: 9, redirect: 0, up: false },
    {
      ...{ ...PLAIN, ifindex: 4, ifname: 'vx0', offloads: { 'tx-checksum-ip-generic': false } },
      ...{ tunnel: { vni: 5, remote: '192.0.2.1', dstPort: 4789 } },
    },
    {
      ...{ ...PLAIN, ifindex: 5, ifname: 'tr0', program: 12 },
      trunk: { program: { id: 12, name: 'linkloom-trunk-1' }, out: [], in: [{ vni: 7, port: 3 }] },
    },
  ],
  addresses: [
    { ifindex: 2, address: '10.0.0.1/31', protocol: 98, scope: 'global' },
    { ifindex: 2, address: 'fe80::1/64', protocol: 0, scope: 'link' },
  ],
  others: [],
  farEnds: new Map([[2, { ifname: 'e1', alias: '' }]]),
};

function across(...dumps: readonly NsDump[]): readonly NsDump[] {
  const answer = unpacked(structuredClone({ ok: true, ...packed({ dumps }) }));
  assert.ok(answer.ok);
  return answer.dumps;
}

test('what has crossed a thread is what was sent, whatever the devices are', () => {
  const counted = { ...THERE, links: THERE.links.map((link) => ({ ...link, counters: COUNTED })) };
  const partly = { ...THERE, links: [PLAIN, { ...PLAIN, ifindex: 9, counters: COUNTED }] };
  assert.deepEqual(across(THERE, MISSING, counted, partly), [THERE, MISSING, counted, partly]);
});

test('a failure crosses as it is', () => {
  const failure = { ok: false, failure: { link: null } } as unknown as Parameters<typeof unpacked>[0];
  assert.equal(unpacked(failure), failure);
});

test('a plain device crosses as numbers and its own two texts', () => {
  const crossing = packed({ dumps: [{ ...THERE, links: Array.from({ length: 1000 }, () => PLAIN) }] });
  assert.deepEqual([crossing.numbers.length, crossing.texts.length], [1000 * DEVICE_NUMBERS, 2 * 1000]);
  assert.deepEqual(crossing.words, ['e0', 'veth', 'UP', 'noqueue', 'global', 'link']);
  assert.equal(crossing.rests.size, 0);
  assert.equal(crossing.counters, null);
});
