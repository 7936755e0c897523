/** What the monitor sees of devices → events. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { DeviceTracker } from '../../../../src/lab/live/devices.ts';
import type { Happening } from '../../../../src/lab-events.ts';
import { aliasOf, groupOf, ROLE } from '../../../../src/net/mark.ts';
import { type NsId, namedNs } from '../../../../src/net/ns-id.ts';
import { subjectText } from '../../../../src/subject.ts';
import type { SeenDevice } from '../../../../src/wire/monitor.ts';

const N1 = namedNs('n1');
const SHARD = namedNs('linkloom-l');

function device(ifindex: number, more: Partial<SeenDevice> = {}): SeenDevice {
  return {
    ...{
      ifindex,
      ifname: 'eth0',
      kind: 'veth',
      group: groupOf('l', ROLE.nodeEnd),
      alias: '',
      mac: 'c2:00',
      mtuBytes: 1500,
    },
    ...{ up: true, hasCarrier: true, operstate: 'UP', master: 0, peerIndex: 0 },
    ...more,
  };
}

const PORT = device(7, { ifname: 'n1-eth0', group: groupOf('l', ROLE.port), alias: aliasOf('l', 'n1', 'eth0') });

function whole(ns: NsId, devices: readonly SeenDevice[], addresses: readonly string[] = [], inode: number | null = 1) {
  const prefixes = addresses.map((address) => ({ ifindex: devices[0]?.ifindex ?? 0, address }));
  return { seen: 'namespace', ns, inode, devices, addresses: prefixes, impairments: [] } as const;
}

/** `n1:eth0 operstate UP → DOWN`. */
function text(event: Happening): string {
  const what = 'subject' in event ? subjectText(event.subject) : '';
  if ('now' in event) return `${what} ${event.end ?? ''} ${event.type} ${event.before} → ${event.now}`;
  if (event.type === 'address') return `${what} address ${event.change} ${event.address}`;
  if (event.type === 'override') return `${what} ${event.change} ${event.settings.join()}`;
  return 'cause' in event && event.cause !== null ? `${what} ${event.type}: ${event.cause}` : `${what} ${event.type}`;
}

describe('devices as the monitor sees them', () => {
  let told: string[] = [];
  let tracker: DeviceTracker;
  const begin = (tellsLinks = true): void => {
    told = [];
    const nodeOf = (ns: NsId) => (ns === N1 ? 'n1' : null);
    tracker = new DeviceTracker({ lab: 'l', nodeOf, tellsLinks }, (event) => told.push(text(event)));
  };
  beforeEach(() => begin());

  test('what is there from the start is no news, what comes later is', () => {
    tracker.take([whole(N1, [device(3)], ['10.0.0.1/24'])]);
    assert.deepEqual(told, []);
    tracker.settle();
    tracker.take([{ seen: 'device', ns: N1, device: device(4, { ifname: 'eth1' }) }]);
    tracker.take([{ seen: 'gone', ns: N1, ifindex: 3 }]);
    assert.deepEqual(told, ['n1:eth1 made', 'n1:eth0 removed']);
  });

  test('each value that changes is told, as it was and as it is', () => {
    tracker.take([whole(N1, [device(3)])]);
    const now = { up: false, hasCarrier: false, operstate: 'DOWN', mtuBytes: 1400, mac: 'c2:01', ifname: 'x0' };
    tracker.take([{ seen: 'device', ns: N1, device: device(3, now) }]);
    assert.deepEqual(told, [
      'n1:eth0 node name eth0 → x0',
      'n1:eth0 node admin up → down',
      'n1:eth0 node carrier true → false',
      'n1:eth0 node operstate UP → DOWN',
      'n1:eth0 node mtu 1500 → 1400',
      'n1:eth0 node mac c2:00 → c2:01',
    ]);
  });

  test('a port is the other end of its link, and has a bridge by name', () => {
    const bridge = device(5, { ifname: 'lan', kind: 'bridge', group: groupOf('l', ROLE.bridge) });
    tracker.take([whole(SHARD, [bridge, PORT])]);
    tracker.take([{ seen: 'device', ns: SHARD, device: { ...PORT, master: 5 } }]);
    tracker.take([{ seen: 'device', ns: SHARD, device: { ...PORT, master: 9 } }]);
    // A bridge has the MAC and the MTU of its ports.
    tracker.take([{ seen: 'device', ns: SHARD, device: { ...bridge, mtuBytes: 9000, mac: 'x', up: false } }]);
    assert.deepEqual(told, [
      'n1:eth0 port bridge null → lan',
      'n1:eth0 port bridge lan → #9',
      'bridge lan  admin up → down',
    ]);
  });

  test('addresses are told once', () => {
    tracker.take([whole(N1, [device(3)], ['10.0.0.1/24'])]);
    const address = (prefix: string, isGone: boolean) =>
      ({ seen: 'address', ns: N1, address: { ifindex: 3, address: prefix }, isGone }) as const;
    tracker.take([address('10.0.0.2/24', false), address('10.0.0.2/24', false), address('10.0.0.1/24', true)]);
    tracker.take([address('10.0.0.9/24', true)]);
    assert.deepEqual(told, ['n1:eth0 address added 10.0.0.2/24', 'n1:eth0 address removed 10.0.0.1/24']);
  });

  test('after an overrun the next look tells what differs', () => {
    tracker.take([whole(N1, [device(3), device(4, { ifname: 'eth1' })], ['10.0.0.1/24'])]);
    tracker.take([whole(N1, [device(3, { mtuBytes: 9000 }), device(5, { ifname: 'eth2' })], ['10.0.0.2/24'])]);
    assert.deepEqual(told.toSorted(), [
      'n1:eth0 address added 10.0.0.2/24',
      'n1:eth0 address removed 10.0.0.1/24',
      'n1:eth0 node mtu 1500 → 9000',
      'n1:eth1 removed',
      'n1:eth2 made',
    ]);
  });

  test('a namespace that goes takes its links along, and one that comes after the start brings them', () => {
    tracker.take([whole(N1, [device(3)])]);
    tracker.settle();
    tracker.take([whole(N1, [], [], null)]);
    tracker.take([whole(N1, [device(3)], ['10.0.0.1/24'], 2)]);
    assert.deepEqual(told, [
      'n1:eth0 removed: its namespace is gone',
      'n1:eth0 made',
      'n1:eth0 address added 10.0.0.1/24',
    ]);
  });

  test('of another lab with the same group number, and of nodes that nobody knows, nothing is told', () => {
    tracker.settle();
    const other = device(3, { alias: aliasOf('other', 'n1', 'eth0') });
    tracker.take([whole(N1, [other]), whole(namedNs('stranger'), [device(3)])]);
    tracker.take([{ seen: 'device', ns: N1, device: { ...other, up: false } }]);
    assert.deepEqual(told, []);
  });

  test('who makes links himself is not told that they come and go', () => {
    begin(false);
    tracker.settle();
    tracker.take([whole(N1, [device(3)])]);
    tracker.take([{ seen: 'device', ns: N1, device: device(3, { up: false }) }]);
    tracker.take([{ seen: 'gone', ns: N1, ifindex: 3 }]);
    assert.deepEqual(told, ['n1:eth0 node admin up → down']);
  });

  test('overrides are seen in the mark and in the handle of the qdisc, and are lost with their device', () => {
    const mark = aliasOf('l', 'n1', 'eth0');
    tracker.take([whole(N1, [device(3)])]);
    const root = { kind: 'tbf', handle: 0x4d000000, netem: null } as const;
    tracker.take([
      { seen: 'device', ns: N1, device: device(3, { alias: `${mark} set=state,mtu` }) },
      { seen: 'device', ns: N1, device: device(3, { alias: mark }) },
      { seen: 'impairment', ns: N1, impairment: { ifindex: 3, root } },
      { seen: 'gone', ns: N1, ifindex: 3 },
    ]);
    assert.deepEqual(told, [
      'n1:eth0 set state,mtu',
      'n1:eth0 reset state,mtu',
      'n1:eth0 node impairment null → tbf',
      'n1:eth0 set tbf',
      'n1:eth0 lost tbf',
      'n1:eth0 removed',
    ]);
  });
});
