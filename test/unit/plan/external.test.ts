/** Bridges of the host that others made, in plans: what each is found to be, and what becomes of its links and of no others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupOf, ROLE } from '../../../src/net/mark.ts';
import { diff } from '../../../src/plan/diff.ts';
import { planGone } from '../../../src/plan/links/gone.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import { place } from '../../../src/plan/switch/placement.ts';
import { planSystemRows, portsOutOfReach } from '../../../src/plan/teardown.ts';
import type { Network } from '../../../src/topology/topology.ts';
import type { LinkDump, NsDump, OvsDump, OvsPortDump } from '../../../src/wire/seen.ts';
import { BLANK } from '../../support/model-device.ts';
import { networkOf } from '../../support/networks.ts';

const LAB = 'lab';
const HOST = 'self';
const PORT = 'a-eth1';
const DIRECTORY = '/run/openvswitch';

/** A link on a bridge that others made, and one on a bridge of the lab's. */
const WANTED: Network = (() => {
  const network = networkOf(LAB, [
    { node: 'a', dev: 'eth1', bridge: 'br-lab' },
    { node: 'a', dev: 'eth2', bridge: 'own' },
  ]);
  const bridges = network.bridges.map((one) => (one.name === 'br-lab' ? { ...one, isExternal: true as const } : one));
  return { ...network, bridges };
})();

function device(ifname: string, more: Partial<LinkDump> = {}): LinkDump {
  return { ...BLANK, ifname, ifindex: 7, up: true, ...more };
}

/** Both ends of the link on the bridge of others. */
const NODE_END = device('eth1', {
  ifindex: 5,
  kind: 'veth',
  group: groupOf(LAB, ROLE.nodeEnd),
  peerIndex: 9,
  peerNsid: 0,
});
const PORT_END = device(PORT, {
  ...{ ifindex: 9, kind: 'veth', group: groupOf(LAB, ROLE.port), peerIndex: 5, peerNsid: 0 },
  alias: 'linkloom/1 lab a eth1',
});

function dump(ns: NsDump['ns'], links: readonly LinkDump[]): NsDump {
  const nothing = { addresses: [], routes: [], translations: [] };
  return { ns, inode: ns === HOST ? 1 : 2, madeBy: null, failure: null, links, ...nothing };
}

function ovsDump(fault: OvsDump['fault'], bridges: Readonly<Record<string, readonly OvsPortDump[]>>): OvsDump {
  const row = { datapath: 'system', mcastSnooping: false, ours: false, error: null } as const;
  const rows = Object.entries(bridges).map(([name, ports]) => ({ name, ...row, ports }));
  return { isSystem: true, ns: HOST, directory: DIRECTORY, fault, bridges: rows };
}

function lookAt(host: readonly LinkDump[], node: readonly LinkDump[] = [], ovs: readonly OvsDump[] = []) {
  const observed = observedOf(LAB, [dump(HOST, host), dump('netns/a', node)], [], true, ovs);
  const placement = place(LAB, 'netns', WANTED.bridges, WANTED.links, observed);
  return { observed, plan: diff(WANTED, observed, placement, { prune: true }) };
}

/** Verdicts and causes; every plan makes the link that has nothing to do with others. */
function verdicts(...seen: Parameters<typeof lookAt>): string[] {
  const { plan } = lookAt(...seen);
  const own = plan.links.find(({ link }) => link === 'a:eth2');
  assert.equal(own?.verdict, 'create');
  return plan.links.flatMap(({ link, verdict, cause }) => (link === 'a:eth1' ? [`${verdict} ${cause}`] : []));
}

function refused(...seen: Parameters<typeof lookAt>): string[] {
  assert.match(verdicts(...seen).join(), /^blocked /);
  return lookAt(...seen).plan.failures.map(({ code, message, hint }) => `${code} ${message} (${hint})`);
}

function opsOf(...seen: Parameters<typeof lookAt>): string[] {
  const { ops } = lookAt(...seen).plan;
  return ops.flatMap((op) => (op.ns === HOST ? [`${op.op} ${'dev' in op ? op.dev : ''} ${op.cause}`] : []));
}

const KERNELS = device('br-lab', { kind: 'openvswitch' });
const ours = (error: string | null = null): OvsPortDump => ({ dev: PORT, ours: true, error });

describe('a bridge that others made', () => {
  it('is joined where it is one of Linux, or of the host’s Open vSwitch', () => {
    assert.deepEqual(opsOf([device('br-lab', { kind: 'bridge' })]), [`port.attach ${PORT} missing`]);
    const ovs = ovsDump(null, { 'br-lab': [] });
    for (const kind of ['openvswitch', 'tun']) {
      assert.deepEqual(opsOf([device('br-lab', { kind })], [], [ovs]), [`ovs.port ${PORT} missing`]);
    }
    const [port] = lookAt([KERNELS], [], [ovs]).plan.ops.filter(({ op }) => op === 'ovs.port');
    assert.equal(port?.op === 'ovs.port' && port.directory, DIRECTORY);
  });

  it('is waited for where it is missing, and what there is of the link stays', () => {
    const why = 'waits waits for its external bridge br-lab, which does not exist in the host’s namespace';
    assert.deepEqual(verdicts([]), [why]);
    assert.deepEqual(opsOf([PORT_END], [{ ...NODE_END, mtuBytes: 65_535 }]), []);
    assert.match(verdicts([PORT_END], [NODE_END]).join(), /^waits /);
    assert.deepEqual(verdicts([], [], [ovsDump(null, { 'br-lab': [] })]), [why], 'its device is still to come');
  });

  it('fails its links where something else has its name', () => {
    const other = 'external bridge br-lab is no bridge in the host’s namespace, but';
    const advice = 'name a bridge of Linux, or one that the host’s Open vSwitch has';
    assert.deepEqual(refused([device('br-lab', { kind: 'veth' })], [], [ovsDump(null, {})]), [
      `E_FOREIGN_DEVICE ${other} a device of kind veth (${advice})`,
    ]);
    assert.deepEqual(refused([device('br-lab')], [], [ovsDump('no-server', {})]), [
      `E_FOREIGN_DEVICE ${other} a device without a kind (${advice}: its /run/openvswitch/db.sock does not answer)`,
    ]);
    assert.deepEqual(refused([KERNELS]), [
      `E_TOOL external bridge br-lab is of Open vSwitch, whose database was not found (${advice}, which was not found: there is no db.sock in the directory that OVS_RUNDIR names, or else /run/openvswitch)`,
    ]);
  });

  it('fails its links where its Open vSwitch can’t be used', () => {
    const hosts = 'the host’s Open vSwitch (/run/openvswitch)';
    for (const [fault, message] of [
      ['no-switch', `the ovs-vswitchd of ${hosts} does not run (start it)`],
      [
        'elsewhere',
        `${hosts} does not serve the host’s namespace (name the directory of the one that does in OVS_RUNDIR)`,
      ],
    ] as const) {
      assert.deepEqual(refused([KERNELS], [], [ovsDump(fault, { 'br-lab': [] })]), [
        `E_TOOL external bridge br-lab: ${message}`,
      ]);
    }
  });
});

describe('ports in the host’s Open vSwitch', () => {
  const there = [KERNELS, PORT_END];
  const node = [{ ...NODE_END, mac: 'c2:00:00:00:97:d9' }];

  it('are put back, marked again, and taken out of another bridge', () => {
    const row = (bridge: string, one: OvsPortDump): OvsDump[] => [ovsDump(null, { 'br-lab': [], [bridge]: [one] })];
    assert.match(verdicts(there, node, [ovsDump(null, { 'br-lab': [] })]).join(), /port not in bridge br-lab/);
    assert.match(
      verdicts(there, node, row('br-lab', { ...ours(), ours: false })).join(),
      /port not marked in bridge br-lab/,
    );
    assert.deepEqual(opsOf(there, node, row('other', ours())), [
      `ovs.del ${PORT} another bridge`,
      `ovs.port ${PORT} port in another bridge than br-lab`,
    ]);
    assert.deepEqual(opsOf(there, node, row('br-lab', ours())), []);
  });

  it('of others stay, whatever their names', () => {
    const theirs = { dev: PORT, ours: false, error: 'no such device' };
    const seen = [ovsDump(null, { 'br-lab': [], other: [theirs] })];
    assert.deepEqual(opsOf([KERNELS], [], seen), []);
    assert.match(verdicts([KERNELS], [], seen).join(), /^blocked the host’s Open vSwitch has a port a-eth1/);
  });

  it('go with what wants them, also without their device', () => {
    const stale = { dev: 'c01234567-eth1', ours: true, error: 'no such device' };
    const theirs = { dev: 'theirs', ours: false, error: null };
    const ovs = ovsDump(null, { 'br-lab': [ours(), stale, theirs] });
    assert.deepEqual(opsOf(there, node, [ovs]), [`ovs.del ${stale.dev} not in the configuration`]);
    const { observed } = lookAt(there, node, [ovs]);
    const [row] = planGone(LAB, WANTED.links.slice(0, 1), observed);
    assert.deepEqual(row?.op === 'ovs.del' && [row.dev, row.directory], [PORT, DIRECTORY]);
  });

  it('go at down by their mark, or with their device; none else of that name does', () => {
    const rows = [
      { dev: PORT, ours: false, error: null },
      { dev: 'eth1', ours: false, error: null },
      { ...ours(), dev: 'gone' },
    ];
    const system = ovsDump(null, { 'br-lab': rows });
    const dumps = [dump(HOST, there), dump('netns/a', node)];
    const ops = planSystemRows(LAB, system, dumps);
    assert.deepEqual(
      ops.map((op) => 'dev' in op && op.dev),
      [PORT, 'gone'],
    );
    assert.deepEqual(planSystemRows(LAB, undefined, dumps), []);
    assert.deepEqual(portsOutOfReach(LAB, { ...system, fault: 'no-server', bridges: [] }, dumps), [PORT]);
    assert.deepEqual(portsOutOfReach(LAB, system, dumps), []);
  });
});
