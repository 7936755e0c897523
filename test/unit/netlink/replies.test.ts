import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isMessage, readAck } from '../../../workers/netlink/ack.ts';
import { readAddress } from '../../../workers/rtnl/address-dump.ts';
import { readLink } from '../../../workers/rtnl/link-dump.ts';
import { readRoute } from '../../../workers/rtnl/route-dump.ts';

/**
 * What Linux 6.18 answered to `ip link show`, `ip address show dev p0`, `ip -4 route show table all`, `ip -6 route show`
 * and to commands that it refuses, captured by `strace -e trace=recvmsg -e read=all`: one message each.
 */
const GOLDEN = JSON.parse(
  readFileSync(new URL('../../../../test/unit/netlink/fixtures/replies.json', import.meta.url), 'utf8'),
) as {
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly refusals: Readonly<Record<string, string>>;
};

function payloads<T>(messages: readonly string[], read: (bytes: Buffer, start: number, end: number) => T): T[] {
  return messages.map((hex) => {
    const bytes = Buffer.from(hex, 'hex');
    assert.ok(isMessage(bytes, 0, bytes.length));
    return read(bytes, 16, bytes.length);
  });
}

test('links are read with all that planning asks of them', () => {
  const links = payloads(GOLDEN.links, (bytes, start, end) => readLink(bytes, start, end, true));
  assert.deepEqual(
    links.map((link) => [link?.ifindex, link?.ifname, link?.kind]),
    [
      [1, 'lo', ''],
      [3, 'p0', 'veth'],
      [4, 'm1', 'macvlan'],
      [700, 'b0', 'bridge'],
      [4100, 'br7', 'bridge'],
      [4200, 'm0', 'macvlan'],
    ],
  );
  const { counters, ...p0 } = links[1] ?? {};
  assert.deepEqual(p0, {
    ifindex: 3,
    ifname: 'p0',
    kind: 'veth',
    group: 77,
    alias: 'some text',
    mac: 'c2:00:00:00:00:07',
    mtuBytes: 1300,
    up: true,
    operstate: 'UP',
    master: 0,
    peerIndex: 2,
    peerNsid: 0,
    txQueues: 2,
    numbers: { txqueuelen: 1000 },
    mode: null,
    vlanId: null,
    tunnel: null,
    offloads: null,
    qdisc: 'noqueue',
    netem: null,
    tbf: null,
    redirect: null,
  });
  assert.ok((counters?.txPackets ?? 0) > 0);
  assert.equal(links[2]?.mode, 'vepa');
  assert.equal(links[2]?.peerIndex, 3);
  assert.equal(links[2]?.peerNsid, -1);
});

test('addresses and routes are read, without what the kernel keeps for itself', () => {
  assert.deepEqual(payloads(GOLDEN.addresses, readAddress), [
    { ifindex: 3, address: '10.1.0.1/24', protocol: 0, scope: 'global' },
    { ifindex: 3, address: 'fd00::1/64', protocol: 0, scope: 'global' },
  ]);
  const routes = payloads(GOLDEN.routes, readRoute).filter((route) => route !== null);
  assert.deepEqual(routes[0], {
    ifindex: 3,
    family: 4,
    type: 'unicast',
    dst: '10.9.0.0/16',
    via: '10.1.0.2',
    src: null,
    metric: 7,
    table: 500,
    protocol: 108,
    scope: 0,
    mtuBytes: 1400,
    advmssBytes: 1300,
    onlink: false,
  });
  assert.deepEqual(
    routes.slice(1).map(({ type, dst, onlink, metric }) => `${type} ${dst} ${onlink} ${metric}`),
    [
      'unicast 0.0.0.0/0 true 0',
      'unicast 10.1.0.0/24 false 0',
      'blackhole 10.7.0.0/16 false 0',
      'unreachable 10.66.0.0/16 false 0',
      'unicast fd00::/64 false 256',
      'unicast fe80::/64 false 256',
    ],
  );
});

test('a refusal is read with the kernel’s own words, capped or not', () => {
  const read = Object.fromEntries(
    Object.entries(GOLDEN.refusals).map(([command, hex]) => [command, readAck(Buffer.from(hex, 'hex'), 0)]),
  );
  assert.deepEqual(read['ip link add z0 type nonsense'], { errno: 95, message: 'Unknown device type', offset: 0 });
  const noGateway = read['ip route add 10.5.0.0/16 via 192.0.2.1'];
  assert.deepEqual([noGateway?.errno, noGateway?.message], [101, 'Nexthop has invalid gateway']);
  const mtu = read['ip link set p0 mtu 99999999'];
  assert.deepEqual([mtu?.errno, mtu?.message], [22, 'mtu greater than device maximum']);
});
