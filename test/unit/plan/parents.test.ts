import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aliasOf, groupOf, ROLE } from '../../../src/net/mark.ts';
import type { NamedNs } from '../../../src/net/ns-id.ts';
import { diff } from '../../../src/plan/diff.ts';
import { jobsOf, PHASES } from '../../../src/plan/jobs.ts';
import { NOTHING_OBSERVED, observedOf } from '../../../src/plan/observed.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { netnsAlias, place } from '../../../src/plan/switch/placement.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import { subjectText } from '../../../src/subject.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const SWITCH: NamedNs = 'netns/linkloom-lab';
const OTHER = groupOf(LAB, ROLE.other);
const host = (dev: string) => ({ dev, base: 'host' }) as const;
const local = (dev: string) => ({ dev, base: 'local' }) as const;
const VLAN: Wanted = { node: 'a', dev: 'eth0', type: 'vlan', parent: host('p0'), vlanId: 5 };
const MACVLAN: Wanted = { node: 'a', dev: 'eth0', type: 'macvlan', parent: host('p0'), mode: 'bridge' };

/** A host with two devices, the lab's switch namespace, and the nodes' namespaces. */
function kernelWith(...nodes: readonly string[]): ModelKernel {
  const kernel = new ModelKernel();
  kernel.makeNamespace('self');
  kernel.makeNamespace(SWITCH, netnsAlias(LAB, 'linkloom-lab'));
  kernel.addDevice('self', 'p0', { up: true, mtuBytes: 1500 });
  kernel.addDevice('self', 'p1', { up: true, mtuBytes: 9000 });
  for (const node of nodes) kernel.makeNamespace(`netns/${node}`);
  return kernel;
}

function planOf(wanted: Network | readonly Wanted[], kernel: ModelKernel): Plan {
  const network = 'lab' in wanted ? wanted : networkOf(LAB, wanted);
  const dumps = kernel.dumps();
  const observed = observedOf(LAB, dumps, [SWITCH], true);
  return diff(network, observed, place(LAB, 'netns', network.bridges, network.links, observed), { prune: true });
}

/** Carry a plan out, phase by phase, and return the kernel. */
function bring(wanted: Network | readonly Wanted[], kernel: ModelKernel): ModelKernel {
  const jobs = jobsOf(planOf(wanted, kernel).ops, observedOf(LAB, kernel.dumps(), [SWITCH], true));
  for (const phase of PHASES) for (const job of jobs.get(phase) ?? []) kernel.apply(job.ops);
  return kernel;
}

function lines({ ops }: Plan): string[] {
  return ops.map((op) => [op.op, op.ns, 'dev' in op ? op.dev : '', op.cause].filter((word) => word !== '').join(' '));
}

describe('a link on a device of the host', () => {
  it('is made in its node, on the parent in the host’s namespace, with an index that is free in both', () => {
    const kernel = kernelWith('a');
    kernel.addDevice('self', 'p2', { ifindex: 1 << 21 });
    const plan = planOf([VLAN], kernel);
    assert.deepEqual(lines(plan), ['link.add netns/a eth0 missing']);
    const [op] = plan.ops;
    assert.ok(op?.op === 'link.add');
    assert.deepEqual(op.make, { type: 'vlan', vlanId: 5, parent: { ns: 'self', dev: 'p0' } });
    assert.ok((op.ifindex ?? 0) > 1 << 21);
    assert.deepEqual([op.settings.group, op.settings.alias], [OTHER, aliasOf(LAB, 'a', 'eth0')]);
  });

  it('has the mode that the kernel would take where none is written', () => {
    const modes = (['macvlan', 'macvtap', 'ipvlan', 'ipvtap'] as const).map((type) => {
      const [op] = planOf([{ node: 'a', dev: 'eth0', type, parent: host('p0') }], kernelWith('a')).ops;
      return op?.op === 'link.add' ? ['mode' in op.make && op.make.mode, op.settings.mac === null] : [];
    });
    assert.deepEqual(modes, [
      ['vepa', false],
      ['vepa', false],
      ['l3', true],
      ['l3', true],
    ]);
  });

  it('changes in place: mode, mtu, mac', () => {
    const kernel = bring([MACVLAN], kernelWith('a'));
    const plan = planOf([{ ...MACVLAN, mode: 'private', mtuBytes: 1400, mac: 'c2:00:00:00:00:09' }], kernel);
    assert.deepEqual(lines(plan), [
      'link.set netns/a eth0 mac c2:00:00:00:3a:3e → c2:00:00:00:00:09, mtu 1500 → 1400, mode bridge → private',
    ]);
  });

  it('has its transmit queue compared only where a length is asked for', () => {
    const kernel = bring([{ ...MACVLAN, numbers: { txqueuelen: 500 } }], kernelWith('a'));
    assert.deepEqual(lines(planOf([{ ...MACVLAN, numbers: { txqueuelen: 500 } }], kernel)), []);
    assert.deepEqual(lines(planOf([MACVLAN], kernel)), []);
    const plan = planOf([{ ...MACVLAN, numbers: { txqueuelen: 0 } }], kernel);
    assert.deepEqual(lines(plan), ['link.set netns/a eth0 txqueuelen 500 → 0']);
    const [op] = plan.ops;
    assert.deepEqual(op?.op === 'link.set' && op.settings.numbers, { txqueuelen: 0 });
  });

  it('is made again for another parent, VLAN or type, and where a parent is given whole', () => {
    const again = (before: Wanted, after: Wanted): string[] => lines(planOf([after], bring([before], kernelWith('a'))));
    const both = (cause: string): string[] => [`link.del netns/a eth0 ${cause}`, `link.add netns/a eth0 ${cause}`];
    assert.deepEqual(again(VLAN, { ...VLAN, parent: host('p1') }), both('parent p0 → p1'));
    assert.deepEqual(again(VLAN, { ...VLAN, vlanId: 6 }), both('vlanid 5 → 6'));
    assert.deepEqual(again(VLAN, MACVLAN), both('type vlan → macvlan'));
    assert.deepEqual(again(MACVLAN, { ...MACVLAN, mode: 'passthru' }), both('mode bridge → passthru'));
  });

  it('takes the place of a veth of the lab under its name, and the reverse', () => {
    const veth: Wanted = { node: 'a', dev: 'eth0', bridge: 'b' };
    const kernel = bring([veth], kernelWith('a'));
    const plan = planOf([MACVLAN], kernel);
    assert.deepEqual([plan.links[0]?.verdict, plan.removed], ['recreate', []]);
    assert.deepEqual(planOf([MACVLAN], bring([MACVLAN], kernel)).ops, []);
    assert.equal(planOf([veth], kernel).links[0]?.cause, 'type macvlan → veth');
    assert.deepEqual(planOf([veth], bring([veth], kernel)).ops, []);
  });

  it('leaves the host’s own devices alone, also those of a lab’s group; what the lab left there goes', () => {
    const kernel = kernelWith('a');
    kernel.addDevice('self', 'group', { group: OTHER });
    kernel.addDevice('self', 'others', { group: OTHER, alias: aliasOf('another', 'host', 'others') });
    kernel.addDevice('self', 'left', { group: OTHER, alias: aliasOf(LAB, 'host', 'left') });
    assert.deepEqual(lines(planOf([VLAN], kernel)), [
      'link.add netns/a eth0 missing',
      'link.del self left not in the configuration',
    ]);
  });

  it('gives back what it holds of its parent before another link of the plan asks for it', () => {
    const kernel = bring([VLAN], kernelWith());
    const moved = [{ ...VLAN, node: 'c' }];
    assert.deepEqual(lines(planOf(moved, kernel)), [
      'netns.add netns/c namespace missing',
      'link.add netns/c eth0 missing',
      'link.del netns/a eth0 not in the configuration',
      'netns.del netns/a not in the configuration',
    ]);
    assert.deepEqual(planOf(moved, bring(moved, kernel)).ops, []);
  });

  it('is taken down by its mark', () => {
    const kernel = bring([VLAN], kernelWith('a'));
    const { ops, links } = planTeardown(LAB, kernel.dumps());
    assert.deepEqual(links, ['a:eth0']);
    assert.ok(ops.some((op) => op.op === 'link.del' && op.ns === 'netns/a' && op.dev === 'eth0'));
  });
});

describe('a parent that does not do', () => {
  const failure = (wanted: readonly Wanted[], kernel: ModelKernel) => {
    const plan = planOf(wanted, kernel);
    assert.ok(!plan.ops.some((op) => op.link === 'a:eth0'));
    assert.equal(plan.links.find(({ link }) => link === 'a:eth0')?.verdict, 'blocked');
    const [first] = plan.failures;
    return first && `${subjectText(first.subject)} ${first.code}: ${first.message} (${first.hint})`;
  };

  it('is missing', () => {
    assert.equal(
      failure([{ ...VLAN, parent: host('nosuch') }], kernelWith('a')),
      "a:eth0 E_PARENT: its parent nosuch does not exist in the host's namespace (outer-dev names a device of the host (inside a container that needs `pid: host`), or with `base: local` one of the node; there are p0, p1)",
    );
    assert.equal(
      failure([{ ...VLAN, parent: local('eth1') }], kernelWith()),
      'a:eth0 E_PARENT: its parent eth1 does not exist in a (with `base: local` outer-dev names a device of the node)',
    );
  });

  it('has too small an MTU, if it is one of the host', () => {
    assert.equal(
      failure([{ ...VLAN, mtuBytes: 1501 }], kernelWith('a')),
      "a:eth0 E_PARENT: its mtu 1501 is more than the 1500 of its parent p0 (lower the link's mtu to 1500 or leave it out, or raise that of p0 first)",
    );
    assert.deepEqual(planOf([{ ...VLAN, mtuBytes: 1500 }], kernelWith('a')).failures, []);
  });

  it('will have too small an MTU, if it is a link', () => {
    const lower: Wanted = { node: 'a', dev: 'eth1', bridge: 'b', mtuBytes: 1400 };
    const said = failure([{ ...VLAN, parent: local('eth1'), mtuBytes: 1500 }, lower], kernelWith('a'));
    assert.match(said ?? '', /its mtu 1500 is more than the 1400 of its parent eth1/);
  });

  it('is down, which only a vlan minds, and only one that is to be up', () => {
    const kernel = kernelWith('a');
    kernel.meddle('self', 'p0', { up: false });
    assert.match(failure([VLAN], kernel) ?? '', /its parent p0 is down.*\(raise it first: ip link set p0 up\)/);
    assert.deepEqual(planOf([{ ...VLAN, state: 'down' }], kernel).failures, []);
    assert.deepEqual(planOf([MACVLAN], kernel).failures, []);
  });

  it('has a VLAN of that id already, made by somebody else', () => {
    const kernel = kernelWith('a');
    const parent = kernel.dumps()[0]?.links.find(({ ifname }) => ifname === 'p0')?.ifindex ?? 0;
    kernel.addDevice('self', 'p0.5', { kind: 'vlan', vlanId: 5, peerIndex: parent });
    assert.match(
      failure([VLAN], kernel) ?? '',
      /E_FOREIGN_DEVICE: VLAN 5 of p0 is p0\.5 in the host's namespace, which this lab did not make/,
    );
    assert.deepEqual(planOf([{ ...VLAN, vlanId: 6 }], kernel).failures, []);
  });

  it('keeps what was on it before', () => {
    const kernel = bring([VLAN], kernelWith('a'));
    assert.deepEqual(planOf([{ ...VLAN, parent: host('nosuch') }], kernel).ops, []);
  });

  it('is no matter where nobody looked', () => {
    const network = networkOf(LAB, [VLAN]);
    const placement = place(LAB, 'netns', [], network.links, NOTHING_OBSERVED);
    assert.deepEqual(diff(network, NOTHING_OBSERVED, placement, { prune: false }).failures, []);
  });
});

describe('links on links of the same node', () => {
  const LOWER: Wanted = { node: 'a', dev: 'eth0', bridge: 'b' };
  const STACK: readonly Wanted[] = [
    { node: 'a', dev: 'inner', type: 'vlan', parent: local('outer'), vlanId: 7 },
    { node: 'a', dev: 'outer', type: 'vlan', parent: local('eth0'), vlanId: 5 },
    LOWER,
  ];
  const made = (plan: Plan): string[] => plan.ops.flatMap((op) => (op.op === 'link.add' ? [op.dev] : []));

  it('are made after their parents, in whatever order they are written', () => {
    assert.deepEqual(made(planOf(STACK, kernelWith())), ['eth0', 'outer', 'inner']);
    assert.deepEqual(planOf(STACK, bring(STACK, kernelWith())).ops, []);
  });

  it('are made again with their parents', () => {
    const kernel = bring(STACK, kernelWith());
    const plan = planOf([...STACK.slice(0, 2), { ...LOWER, queues: 2 }], kernel);
    assert.deepEqual(made(plan), ['eth0', 'outer', 'inner']);
    assert.deepEqual(
      plan.links.map(({ link, cause }) => `${link} ${cause}`),
      ['a:eth0 queues 1 → 2', 'a:outer its parent is made anew', 'a:inner its parent is made anew'],
    );
    kernel.deleteDevice('netns/a', 'eth0');
    assert.deepEqual(planOf(STACK, bring(STACK, kernel)).ops, []);
  });

  it('fail with a parent that can’t be made', () => {
    const kernel = kernelWith('a');
    kernel.addDevice('netns/a', 'eth0');
    const { failures, links } = planOf(STACK, kernel);
    assert.deepEqual(
      failures.map(({ subject, code, message }) => `${subjectText(subject)} ${code} ${message}`),
      [
        'a:eth0 E_FOREIGN_DEVICE a already has a device eth0 that this lab did not make',
        "a:outer E_PARENT its parent a:eth0 can't be made",
        "a:inner E_PARENT its parent a:outer can't be made",
      ],
    );
    assert.deepEqual(new Set(links.map(({ verdict }) => verdict)), new Set(['blocked']));
  });

  it('wait with a direct link for its other end', () => {
    const network = networkOf(LAB, STACK, { b: 'direct' });
    assert.deepEqual(planOf(network, kernelWith('a')).ops, []);
    assert.deepEqual(planOf(network, kernelWith('a')).failures, []);
  });

  it('stay down when their parent is raised, which the kernel would raise with it', () => {
    const down = STACK.map((link) => ({ ...link, state: 'down' }) as const);
    const kernel = bring(down, kernelWith());
    const raised = [...down.slice(0, 2), LOWER];
    assert.deepEqual(planOf(raised, bring(raised, kernel)).ops, []);
  });

  it('are on the node’s own devices too, that linkloom did not make', () => {
    const kernel = kernelWith('a');
    kernel.addDevice('netns/a', 'wan0', { up: true });
    const wanted = [{ ...VLAN, parent: local('wan0') }];
    assert.deepEqual(lines(planOf(wanted, kernel)), ['link.add netns/a eth0 missing']);
    assert.deepEqual(planOf(wanted, bring(wanted, kernel)).ops, []);
  });

  it('are not on a device of the lab that goes', () => {
    const kernel = bring([LOWER], kernelWith());
    const { failures } = planOf([{ ...VLAN, dev: 'v0', parent: local('eth0') }], kernel);
    assert.match(failures[0]?.message ?? '', /its parent eth0 does not exist in a/);
  });
});
