import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isFault } from '../../../src/topology/text/fault.ts';
import { parseRoute } from '../../../src/topology/text/route.ts';
import type { Route } from '../../../src/topology/values.ts';
import { parentOf } from '../../../src/wire/make.ts';
import type { DeviceSettings, LinkAdd } from '../../../src/wire/ops/links.ts';
import type { BridgeAdd } from '../../../src/wire/ops/switch.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { createAddress, deleteAddress } from '../../../workers/rtnl/address.ts';
import { attachPort, changeLink, createBridge, createLink, deleteLink, UNCHANGED } from '../../../workers/rtnl/link.ts';
import { createRoute, deleteRoute, hasDevice } from '../../../workers/rtnl/route.ts';
import { type MessageTree, treeOf } from './message-tree.ts';

/** What ip(8) of iproute2 6.1 sent for each command, captured by `strace -e trace=sendmsg -e write=all`; `p0` had the index in `device`. */
const GOLDEN = JSON.parse(
  readFileSync(new URL('../../../../test/unit/netlink/fixtures/requests.json', import.meta.url), 'utf8'),
) as { readonly device: { readonly ifindex: number }; readonly messages: Readonly<Record<string, string>> };
const P0 = GOLDEN.device.ifindex;

const PROTOCOL = '6c';
const IFA_PROTO = '11';

/** The golden message, with what we do differently on purpose. */
function golden(command: string, differences: Partial<MessageTree> = {}): MessageTree {
  const hex = GOLDEN.messages[command];
  assert.ok(hex, `no golden for '${command}'`);
  const tree = treeOf(Buffer.from(hex, 'hex'));
  return { ...tree, ...differences, attributes: { ...tree.attributes, ...differences.attributes } };
}

function made(write: (batch: MessageBatch) => void): MessageTree {
  const batch = new MessageBatch();
  write(batch);
  assert.equal(batch.count, 1);
  const bytes = batch.slice(0, 1);
  assert.equal(bytes.length, bytes.readUInt32LE(0), 'the length in the header is the message’s');
  assert.equal(bytes.length % 4, 0);
  return treeOf(bytes);
}

function route(text: string): Route {
  const parsed = parseRoute(text);
  if (isFault(parsed)) throw new Error(parsed.message);
  return parsed;
}

const SETTINGS: DeviceSettings = {
  mac: null,
  mtuBytes: null,
  up: true,
  alias: null,
  group: null,
  numbers: {},
  txChecksumOff: false,
};

function link(make: LinkAdd['make'], dev: string, ifindex: number, more: Partial<LinkAdd> = {}): LinkAdd {
  return {
    op: 'link.add',
    ns: 'self',
    link: null,
    cause: '',
    make,
    dev,
    ifindex,
    settings: SETTINGS,
    queues: 1,
    addresses: [],
    routes: [],
    ...more,
  };
}

const ALONE = { peerFd: null, parentIndex: null, targetFd: null };
const ON_P0 = { ...ALONE, parentIndex: P0 };

test('addresses are as ip(8) writes them, marked as ours', () => {
  for (const [command, prefix] of [
    ['ip address add 10.1.0.1/24 dev p0', '10.1.0.1/24'],
    ['ip address add 127.9.0.1/8 dev p0', '127.9.0.1/8'],
    ['ip address add fd00::1/64 dev p0 nodad', 'fd00::1/64'],
  ] as const) {
    assert.deepEqual(
      made((batch) => createAddress(batch, P0, prefix)),
      golden(command, { attributes: { [IFA_PROTO]: PROTOCOL } }),
      command,
    );
  }
  const command = 'ip address del 10.1.0.1/24 dev p0';
  assert.deepEqual(
    made((batch) => deleteAddress(batch, P0, '10.1.0.1/24')),
    golden(command),
  );
});

test('routes are as ip(8) writes them', () => {
  const prefix = 'ip route add ';
  const commands = Object.keys(GOLDEN.messages).filter((command) => command.startsWith(prefix));
  assert.equal(commands.length, 6);
  for (const command of commands) {
    const text = command
      .slice(prefix.length)
      .replace(/ dev p0/, '')
      .replace(' proto 108', '');
    const parsed = route(text);
    assert.deepEqual(
      made((batch) => createRoute(batch, parsed, hasDevice(parsed) ? P0 : null)),
      golden(command),
      command,
    );
  }
});

test('a route is deleted with its type, so that no other of the destination goes', () => {
  const command = 'ip route del 10.9.0.0/16 via 10.1.0.2 dev p0 proto 108';
  const { header } = golden(command);
  const withType = `${header.slice(0, 14)}01${header.slice(16)}`;
  assert.deepEqual(
    made((batch) => deleteRoute(batch, route('10.9.0.0/16 via 10.1.0.2'), P0)),
    golden(command, { header: withType }),
  );
});

test('a veth is one message, its peer inside', () => {
  const command = Object.keys(GOLDEN.messages).find((text) => text.includes('type veth')) ?? '';
  const peer = { ns: 'netns/far', dev: 'far0', group: 1281109637, mtuBytes: 9000, mac: null, link: null } as const;
  const op = link({ type: 'veth', peer }, 'eth0', 4000, {
    settings: { ...SETTINGS, mac: 'c2:01:02:03:04:05', mtuBytes: 9000, group: 1281109636 },
  });
  const expected = golden(command);
  const fd = expected.attributes['18/2/1/28'] ?? '';
  const peerFd = Buffer.from(fd, 'hex').readUInt32LE(0);
  assert.deepEqual(
    made((batch) => createLink(batch, op, op.ifindex, { ...ALONE, peerFd })),
    expected,
  );
});

test('the other types are as ip(8) writes them', () => {
  const parent = { ns: 'self', dev: 'p0' } as const;
  const cases: readonly [string, LinkAdd][] = [
    [
      'type macvlan',
      link({ type: 'macvlan', mode: 'bridge', parent }, 'm0', 4200, { settings: { ...SETTINGS, mtuBytes: 1400 } }),
    ],
    ['type ipvlan', link({ type: 'ipvlan', mode: 'l3', parent }, 'i0', 4201)],
    ['type vlan', link({ type: 'vlan', vlanId: 42, parent }, 'v0', 4202)],
    ['type dummy', link({ type: 'dummy' }, 'd0', 4203)],
  ];
  for (const [text, op] of cases) {
    const command = Object.keys(GOLDEN.messages).find((key) => key.includes(text)) ?? '';
    assert.deepEqual(
      made((batch) => createLink(batch, op, op.ifindex, parentOf(op) === null ? ALONE : ON_P0)),
      withoutIpvlanFlags(golden(command)),
      command,
    );
  }
});

/** IFLA_IPVLAN_FLAGS 0, which ip(8) adds, is what the kernel takes anyway. */
function withoutIpvlanFlags(tree: MessageTree): MessageTree {
  const { '18/2/2': _flags, ...attributes } = tree.attributes;
  return tree.attributes['18/1'] === Buffer.from('ipvlan').toString('hex') ? { ...tree, attributes } : tree;
}

test('a bridge is as ip(8) writes it', () => {
  const op: BridgeAdd = {
    op: 'bridge.add',
    ns: 'self',
    link: null,
    cause: '',
    dev: 'br7',
    ifindex: 4100,
    group: 1281109638,
    alias: 'set afterwards',
    mcastSnooping: false,
    vlans: true,
    raise: false,
  };
  assert.deepEqual(
    made((batch) => createBridge(batch, op, 4100)),
    golden('ip link add br7 index 4100 group 1281109638 type bridge mcast_snooping 0'),
  );
  assert.deepEqual(
    made((batch) => createBridge(batch, { ...op, vlans: false }, 4100)),
    golden('ip link add br7 index 4100 group 1281109638 type bridge mcast_snooping 0 vlan_default_pvid 0'),
  );
});

test('changes by index and by group are as ip(8) writes them', () => {
  const port = { master: 700, alias: 'some/text', mtuBytes: null, raise: true };
  assert.deepEqual(
    made((batch) => attachPort(batch, { ifindex: P0 }, port, true)),
    golden('ip link set p0 master b0 alias some/text addrgenmode none up'),
  );
  const settings = { ...UNCHANGED, mac: 'c2:00:00:00:00:07', mtuBytes: 1300, group: 78, alias: 'x', up: false };
  assert.deepEqual(
    made((batch) => changeLink(batch, { ifindex: P0 }, settings)),
    golden('ip link set p0 address c2:00:00:00:00:07 mtu 1300 group 78 alias x down'),
  );
  assert.deepEqual(
    made((batch) => changeLink(batch, { group: 77 }, { ...UNCHANGED, up: true })),
    golden('ip link set group 77 up'),
  );
  assert.deepEqual(
    made((batch) => deleteLink(batch, { group: 77 })),
    golden('ip link del group 77'),
  );
});
