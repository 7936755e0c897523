import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type TunnelType, tunnelDevice } from '../../../src/kinds/tunnel-kinds.ts';
import type { TunnelAdd } from '../../../src/wire/ops/switch.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { readLink } from '../../../workers/rtnl/link-dump.ts';
import { createTunnel, moveTunnel } from '../../../workers/rtnl/tunnels/tunnel.ts';
import { treeOf } from './message-tree.ts';

/** What ip(8) of iproute2 6.1 sent, captured by `strace -e trace=sendmsg -e write=all`. */
const GOLDEN = JSON.parse(
  readFileSync(new URL('../../../../test/unit/netlink/fixtures/requests.json', import.meta.url), 'utf8'),
) as { readonly messages: Readonly<Record<string, string>> };

const COMMON = 'index 4300 group 1281109637';
const HERE = { targetFd: null, local: null, isNameless: false };

function tunnel(type: TunnelType, remote: string): TunnelAdd {
  const { kind, dstPort } = tunnelDevice({ type, remote });
  const name = { dev: `${type}-5`, ifindex: 4300, group: 1_281_109_637, vni: 5 };
  return {
    op: 'tunnel.add',
    ns: 'self',
    link: null,
    cause: '',
    underlay: 'self',
    type,
    kind,
    remote,
    isFlooding: false,
    local: null,
    dstPort,
    ...name,
  };
}

/** Attributes of IFLA_INFO_DATA that ip(8) adds, with what the kernel takes where they are not given. */
const ADDED: Readonly<Record<string, readonly number[]>> = {
  // IFLA_GENEVE_TTL, _TOS, _LABEL.
  geneve: [3, 4, 11],
  // IFLA_VXLAN_LEARNING: on.
  vxlan: [7],
  // IFLA_GRE_TOS, _PMTUDISC (on), _ENCAP_TYPE, _FLAGS, _SPORT, _DPORT, _FWMARK.
  gretap: [9, 10, 14, 15, 16, 17, 20],
  // IFLA_GRE_ENCAP_LIMIT, which the flag switches off, _FLOWINFO, _ENCAP_TYPE and what belongs to it, _FWMARK, _ERSPAN_VER.
  ip6gretap: [11, 12, 14, 15, 16, 17, 20, 22],
};

const CASES: readonly (readonly [string, TunnelAdd, string | null])[] = [
  ['vxlan-5 _ type vxlan id 5 remote 192.0.2.2 dstport 8472', tunnel('vxlan', '192.0.2.2'), null],
  ['gre-5 _ type gretap remote 192.0.2.2 key 5 ttl 64', tunnel('gre', '192.0.2.2'), null],
  [
    'gre-5 _ type ip6gretap local 2001:db8::1 remote 2001:db8::2 key 5 encaplimit none',
    tunnel('gre', '2001:db8::2'),
    '2001:db8::1',
  ],
  ['geneve-5 _ type geneve id 5 remote 2001:db8::2 dstport 6081', tunnel('geneve', '2001:db8::2'), null],
];

for (const [words, op, local] of CASES) {
  test(`${op.kind}: as ip(8) makes it, and read as it was written`, () => {
    const hex = GOLDEN.messages[`ip link add ${words.replace('_', COMMON)}`];
    assert.ok(hex, words);
    const wanted = treeOf(Buffer.from(hex, 'hex'));
    const batch = new MessageBatch();
    createTunnel(batch, op, op.ifindex, { ...HERE, local });
    const bytes = Buffer.from(batch.slice(0, 1));
    const added = new Set((ADDED[op.kind] ?? []).map((attribute) => `18/2/${attribute}`));
    const attributes = Object.entries(wanted.attributes).filter(([path]) => !added.has(path));
    assert.deepEqual(treeOf(bytes), { ...wanted, attributes: Object.fromEntries(attributes) });
    const read = readLink(bytes, 16, bytes.length, false);
    assert.equal(read?.kind, op.kind);
    assert.deepEqual(read?.tunnel, { vni: 5, remote: op.remote, dstPort: op.dstPort });
  });
}

test('a key fills four bytes, in the order of the network', () => {
  const batch = new MessageBatch();
  createTunnel(batch, { ...tunnel('gre', '192.0.2.2'), vni: 0x01_02_03 }, 4300, HERE);
  const { attributes } = treeOf(batch.slice(0, 1));
  assert.deepEqual([attributes['18/2/4'], attributes['18/2/5']], ['00010203', '00010203']);
});

test('a device that has a key of zero has the number 0, and one without a key has none', () => {
  const batch = new MessageBatch();
  createTunnel(batch, { ...tunnel('gre', '192.0.2.2'), vni: 0 }, 4300, HERE);
  const keyed = Buffer.from(batch.slice(0, 1));
  assert.equal(readLink(keyed, 16, keyed.length, false)?.tunnel?.vni, 0);
  // IFLA_GRE_IFLAGS with GRE_KEY, as the kernel tells it; without a key it tells the flags and the key, all of them zero.
  const flags = keyed.indexOf(Buffer.from('0600020020000000', 'hex'));
  assert.ok(flags > 0);
  keyed.writeUInt16BE(0, flags + 4);
  assert.equal(readLink(keyed, 16, keyed.length, false)?.tunnel?.vni, null);
});

test('a device that is moved is made under no name of its own, and gets it with its place', () => {
  const batch = new MessageBatch();
  createTunnel(batch, tunnel('gre', '192.0.2.2'), 4300, { ...HERE, isNameless: true });
  moveTunnel(batch, 4300, 9, 'gre-5');
  assert.equal(treeOf(batch.slice(0, 1)).attributes['3'], Buffer.from('linkloom%d').toString('hex'));
  const { attributes, type, flags } = treeOf(batch.slice(1, 2));
  assert.deepEqual([type, flags & ~1], [16, 0]);
  assert.deepEqual(attributes, { 3: Buffer.from('gre-5').toString('hex'), 28: '09000000' });
});

test('a kind without a row is never made', () => {
  const op = { ...tunnel('vxlan', '192.0.2.2'), kind: 'sit' };
  assert.throws(() => createTunnel(new MessageBatch(), op, 4300, HERE), TypeError);
});
