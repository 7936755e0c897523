import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabSeen } from '../../../src/plan/status/labs.ts';
import type { LinkStatus, StatusReport, TunnelStatus } from '../../../src/plan/status/status.ts';
import { labsText } from '../../../src/report/labs.ts';
import { bytesText, captureLine, isSettled, statusJson, statusPieces } from '../../../src/report/status.ts';
import { linkSubject } from '../../../src/subject.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { fakeSink } from '../../support/sink.ts';

function statusText(...what: Parameters<typeof statusPieces>): string {
  return [...statusPieces(...what)].join('');
}

const DEVICE: LinkDump = {
  ifindex: 7,
  ifname: 'eth0',
  kind: 'veth',
  group: 0x4c000000,
  alias: '',
  mac: 'c2:00:00:00:00:01',
  mtuBytes: 65_535,
  up: true,
  operstate: 'UP',
  master: 0,
  peerIndex: 8,
  peerNsid: 0,
  txQueues: 1,
  numbers: { txqueuelen: 1000 },
  mode: null,
  vlanId: null,
  tunnel: null,
  offloads: null,
  qdisc: 'noqueue',
  netem: null,
  tbf: null,
  redirect: null,
  counters: {
    rxPackets: 3,
    txPackets: 4,
    rxBytes: 1536,
    txBytes: 90,
    rxDropped: 0,
    txDropped: 0,
    rxErrors: 0,
    txErrors: 0,
  },
};

const GOOD: LinkStatus = {
  link: 'n0:eth0',
  ns: 'netns/n0',
  dev: 'eth0',
  bridge: 's1',
  desired: 'up',
  observed: DEVICE,
  addresses: ['10.0.0.1/30', 'fd00::1/64'],
  port: { ns: 'netns/linkloom-web', dev: 'n0-eth0' },
  waits: false,
  drift: [],
  overrides: [],
};

const TUNNEL: TunnelStatus = {
  name: 'vxlan-5',
  ns: 'netns/linkloom-web',
  type: 'vxlan',
  bridge: 's1',
  remote: '192.0.2.2',
  vni: 5,
  desired: true,
  observed: { ...DEVICE, ifname: 'vxlan-5', kind: 'vxlan', operstate: 'UNKNOWN' },
  drift: [],
};

const REPORT: StatusReport = {
  lab: 'web',
  configured: true,
  nodes: [{ node: 'n0', ns: 'netns/n0', state: 'ok', drift: [] }],
  links: [
    GOOD,
    { ...GOOD, link: 'n1:eth0', addresses: [], drift: ['mtu 65535 → 9000'] },
    { ...GOOD, link: 'n2:eth0', observed: null, addresses: [], port: null },
    { ...GOOD, link: 'n3:old', desired: null, addresses: [] },
  ],
  bridges: [
    {
      name: 's1',
      ns: 'netns/linkloom-web',
      desired: true,
      observed: { ...DEVICE, ifname: 's1', kind: 'bridge' },
      ports: 2,
    },
    { name: 's2', ns: 'netns/linkloom-web', desired: true, observed: null, ports: 0 },
  ],
  tunnels: [TUNNEL, { ...TUNNEL, name: 'geneve-7', type: 'geneve', vni: 7, remote: 'fd00::9', observed: null }],
  pending: [
    { subject: { kind: 'node', name: 'db' }, links: ['db:eth0', 'db:eth1'], why: 'no container of service db runs' },
    { subject: linkSubject('n4:eth0'), links: ['n4:eth0'], why: 'waits for its other end db:eth0' },
  ],
  programs: [],
  commands: [
    {
      ...{
        kind: 'netns',
        node: 'n1',
        argv: ['sh', '-c', 'serve'],
        state: 'running',
        pid: 7,
        status: null,
        signal: null,
      },
      ...{ error: null, startedAt: '2026-01-01T00:00:00.000Z', endedAt: null, output: ['ready', '\u001b[31mred'] },
    },
    {
      ...{ kind: 'container', node: 'c1', argv: ['ls', '/x'], state: 'ended', pid: null, status: 2, signal: null },
      ...{ error: null, startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:01.000Z', output: [] },
    },
  ],
};

test('status tells each link, each bridge with a line to copy, and what does not run', () => {
  const text = statusText(REPORT, fakeSink());
  assert.equal(
    text,
    `lab web: 4 links, 1 as wanted, 1 missing, 1 different, 1 not in the configuration

LINK     BRIDGE  WANTED  STATE      MTU  ADDRESSES                 RX   TX  DRIFT
n0:eth0  s1      up      UP       65535  10.0.0.1/30 fd00::1/64  1.5K  90B
n1:eth0  s1      up      UP       65535  -                       1.5K  90B  mtu 65535 → 9000
n2:eth0  s1      up      missing      -  -                          -    -
n3:old   s1      -       UP       65535  -                       1.5K  90B
packets: linkloom capture --lab web n0:eth0 | wireshark -k -i -

BRIDGE  STATE    PORTS  NAMESPACE           CAPTURE
s1      UP           2  netns/linkloom-web  ip netns exec linkloom-web tcpdump -ni s1
s2      missing      0  netns/linkloom-web  -

TUNNEL    STATE    BRIDGE  REMOTE     NAMESPACE           DRIFT
vxlan-5   UNKNOWN  s1      192.0.2.2  netns/linkloom-web
geneve-7  missing  s1      fd00::9    netns/linkloom-web

NODE  COMMAND  STATE            LAST OUTPUT
n1    serve    running, pid 7   \\x1b[31mred
c1    ls /x    ended, status 2

pending: db: no container of service db runs; 2 links wait: db:eth0, db:eth1
`,
  );
});

test('the document uses the key names of ip -json', () => {
  const document = JSON.parse(JSON.stringify(statusJson(REPORT)));
  assert.equal(document.settled, false);
  assert.deepEqual(document.links[0], {
    link: 'n0:eth0',
    namespace: 'netns/n0',
    bridge: 's1',
    desired: 'up',
    heldBack: false,
    state: 'ok',
    drift: [],
    overrides: [],
    port: { namespace: 'netns/linkloom-web', ifname: 'n0-eth0' },
    capture: 'linkloom capture --lab web n0:eth0',
    device: {
      ifindex: 7,
      ifname: 'eth0',
      flags: ['UP'],
      mtu: 65_535,
      operstate: 'UP',
      qdisc: 'noqueue',
      address: 'c2:00:00:00:00:01',
      linkinfo: { info_kind: 'veth' },
      addr_info: [
        { family: 'inet', local: '10.0.0.1', prefixlen: 30 },
        { family: 'inet6', local: 'fd00::1', prefixlen: 64 },
      ],
      stats64: {
        rx: { bytes: 1536, packets: 3, errors: 0, dropped: 0 },
        tx: { bytes: 90, packets: 4, errors: 0, dropped: 0 },
      },
    },
  });
  assert.deepEqual(
    document.links.map((link: { state: string }) => link.state),
    ['ok', 'differs', 'missing', 'extra'],
  );
  assert.equal(document.links[2].device, null);
  const { device, ...tunnel } = document.tunnels[0];
  assert.equal(device.ifname, 'vxlan-5');
  assert.deepEqual(tunnel, {
    tunnel: 'vxlan-5',
    type: 'vxlan',
    vni: 5,
    remote: '192.0.2.2',
    bridge: 's1',
    namespace: 'netns/linkloom-web',
    desired: true,
    state: 'ok',
    drift: [],
    capture: 'ip netns exec linkloom-web tcpdump -ni vxlan-5',
  });
  assert.deepEqual(
    document.tunnels.map(({ state }: { state: string }) => state),
    ['ok', 'missing'],
  );
  assert.deepEqual(document.pending, [
    {
      subject: { kind: 'node', name: 'db' },
      node: 'db',
      links: ['db:eth0', 'db:eth1'],
      why: 'no container of service db runs',
    },
    {
      subject: { kind: 'link', node: 'n4', dev: 'eth0' },
      node: 'n4',
      links: ['n4:eth0'],
      why: 'waits for its other end db:eth0',
    },
  ]);
});

test('a lab is settled when every link and tunnel is as wanted and nothing waits', () => {
  const settled = { ...REPORT, links: [GOOD], tunnels: [TUNNEL], pending: [] };
  assert.equal(isSettled(settled), true);
  assert.equal(isSettled({ ...settled, pending: REPORT.pending }), false);
  assert.equal(isSettled({ ...settled, tunnels: REPORT.tunnels }), false);
  assert.equal(isSettled({ ...settled, tunnels: [{ ...TUNNEL, desired: false }] }), false);
  assert.equal(isSettled({ ...settled, nodes: [{ node: null, ns: 'netns/old', state: 'extra', drift: [] }] }), false);
});

test('told by marks alone, nothing is wanted and nothing is missing', () => {
  const report: StatusReport = {
    lab: 'web',
    configured: false,
    nodes: [],
    links: [],
    bridges: [],
    tunnels: [],
    pending: [],
    programs: [],
    commands: [],
  };
  const text = statusText({ ...report, links: [{ ...GOOD, desired: null }] }, fakeSink());
  assert.match(text, /^lab web: 1 link, by their marks \(no configuration to compare with\)\n/);
  assert.equal(isSettled(report), true);
  const { links } = JSON.parse(JSON.stringify(statusJson({ ...report, links: [{ ...GOOD, desired: null }] })));
  assert.equal(links[0].state, 'ok');
});

test('the labs of a host, with their nodes by name', () => {
  const node = { links: 1, addresses: ['10.0.0.1/24'], rxBytes: 1500, txBytes: 90 };
  const labs: readonly LabSeen[] = [
    {
      lab: 'a',
      links: 2,
      bridges: 1,
      namespaces: ['netns/linkloom-a', 'self', 'pid/12', 'pid/13'],
      nodes: [
        { ...node, node: 'web_1', namespace: 'pid/12', container: 'web_1' },
        { ...node, node: 'n1', namespace: 'netns/n1', container: null, addresses: [] },
      ],
    },
  ];
  assert.equal(
    labsText(labs, fakeSink()),
    `LAB  LINKS  BRIDGES  NAMESPACES
a        2        1  netns/linkloom-a, self, container web_1, process 13

NODE   LAB  LINKS  ADDRESSES      RX   TX
web_1  a        1  10.0.0.1/24  1.5K  90B
n1     a        1  -            1.5K  90B
`,
  );
  assert.equal(labsText([], fakeSink()), 'no labs on this host\n');
});

test('packets are captured in a named namespace, in that of a process, or in our own', () => {
  assert.equal(captureLine('netns/linkloom-web', 's1'), 'ip netns exec linkloom-web tcpdump -ni s1');
  assert.equal(captureLine('pid/12', 'eth0'), 'nsenter -t 12 -n tcpdump -ni eth0');
  assert.equal(captureLine('self', 's1'), 'tcpdump -ni s1');
});

test('bytes in powers of 1024', () => {
  assert.deepEqual([0, 1023, 1024, 10_240, 5 * 2 ** 30].map(bytesText), ['0B', '1023B', '1.0K', '10K', '5.0G']);
});
