/** Every check and every planner does twice the work for twice the lab, not four times: counted, and never timed. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LinkEvents } from '../../../src/engine/links/link-events.ts';
import type { BridgeMode } from '../../../src/kinds/bridge-modes.ts';
import { diff } from '../../../src/plan/diff.ts';
import { jobsOf, pack, stepsOf as stepsOfPlan } from '../../../src/plan/jobs.ts';
import { planGone } from '../../../src/plan/links/gone.ts';
import { type Observed, observedOf } from '../../../src/plan/observed.ts';
import { Ownership } from '../../../src/plan/ownership.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { statusOf } from '../../../src/plan/status/compare.ts';
import { isShardName, place } from '../../../src/plan/switch/placement.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import type { Lab } from '../../../src/preflight/lab.ts';
import { preflight, questionsOf } from '../../../src/preflight/preflight.ts';
import { checkNetwork } from '../../../src/topology/checks.ts';
import type { Network, TunnelSpec } from '../../../src/topology/topology.ts';
import type { NsDump } from '../../../src/wire/seen.ts';
import { EACH_STEP } from '../../support/model/link-machine.ts';
import { bringUp } from '../../support/model/planning.ts';
import { visitsOf } from '../../support/model/visits.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';
import { ROOMY } from '../../support/preflight/machine.ts';

const LAB = 'lab';
const SIZE = 150;
/** So few that each has more links than are looked through one by one, at either size. */
const NODES = 5;
/** Twice the size may cost this much more: twice, and what sorting and shards add. Four times is quadratic. */
const RATIO_MAX = 2.7;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

const bridged =
  (mode: BridgeMode) =>
  (count: number): Network => {
    const pairs = numbers(count).map((n): Wanted => {
      return {
        node: `n${n % NODES}`,
        dev: `e${n}`,
        bridge: `b${n >> 1}`,
        addresses: [`10.${n >> 8}.${n & 255}.1/32`],
        netem: 'delay 1ms',
      };
    });
    return networkOf(LAB, pairs, Object.fromEntries(numbers(count).map((n) => [`b${n >> 1}`, mode])));
  };

const tunnelled =
  (mode: BridgeMode) =>
  (count: number): Network => {
    const network = bridged(mode)(2 * count);
    const tunnels = numbers(count).map((n): TunnelSpec => {
      const remote = `192.0.2.${n % 250}`;
      return {
        type: n % 2 ? 'vxlan' : 'geneve',
        bridge: `b${n}`,
        remote,
        vni: n + 1,
        netem: null,
        netemText: [],
        extra: {},
        where: () => undefined,
      } as unknown as TunnelSpec;
    });
    const links = mode === 'patch' ? network.links.filter((_, n) => n % 2 === 0) : network.links;
    return { ...network, links, tunnels };
  };

const onParent =
  (type: 'macvlan' | 'vlan') =>
  (count: number): Network =>
    networkOf(LAB, [
      { node: 'n0', dev: 'base', bridge: 'b' },
      ...numbers(count).map((n): Wanted => {
        const id = type === 'vlan' ? { vlanId: n + 1 } : {};
        return { node: 'n0', dev: `m${n}`, type, parent: { dev: 'base', base: 'local' }, ...id };
      }),
    ]);

const LABS: Readonly<Record<string, (count: number) => Network>> = {
  'one Linux bridge': (count) =>
    networkOf(
      LAB,
      numbers(count).map((n) => ({
        node: `n${n % NODES}`,
        dev: `e${n}`,
        bridge: 'b',
        addresses: [`10.0.${n >> 8}.${n & 255}/32`],
      })),
    ),
  'pairs on Linux bridges': bridged('linux'),
  'direct pairs': bridged('direct'),
  wires: bridged('patch'),
  'Open vSwitch bridges': bridged('ovs'),
  'tunnels on bridges': tunnelled('linux'),
  'tunnels on wires': tunnelled('patch'),
  'macvlans on one parent': onParent('macvlan'),
  'vlans on one parent': onParent('vlan'),
  'routes and translations': (count) =>
    networkOf(
      LAB,
      numbers(count).map((n) => ({
        node: 'n0',
        dev: `e${n}`,
        bridge: `b${n}`,
        addresses: [`10.0.${n >> 8}.${n & 255}/32`],
        routes: [`10.${64 + (n >> 8)}.${n & 255}.0/24 dev e${n}`],
        nat: '192.0.2.1',
      })),
    ),
};

function look(network: Network, kernel: ModelKernel) {
  const dumps = kernel.dumps();
  const shards = dumps.map(({ ns }) => ns).filter((ns) => isShardName(LAB, ns));
  const observed = observedOf(LAB, dumps, shards, true, kernel.ovs());
  const placement = place(LAB, 'netns', network.bridges, network.links, observed);
  return { dumps, observed, placement, plan: diff(network, observed, placement, { prune: true }) };
}

function lookBefore(network: Network, { plan, observed }: ReturnType<typeof look>): void {
  const lab: Lab = { network, plan, observed, side: 'own', definitions: [], workers: 1 };
  preflight(lab, questionsOf(lab).needs, { ...ROOMY, neighbours: { 4: 1, 6: 1 }, connections: 1, backlog: 1 });
}

/** What is seen of a ring of direct wires. The kernel counts the indexes of each namespace by itself, so they are the same in all. */
function ringOf(count: number): readonly NsDump[] {
  const kernel = new ModelKernel();
  const ends = numbers(count).flatMap((n): Wanted[] => [
    { node: `n${n}`, dev: 'right', bridge: `b${n}` },
    { node: `n${(n + 1) % count}`, dev: 'left', bridge: `b${n}` },
  ]);
  bringUp(networkOf(LAB, ends, Object.fromEntries(numbers(count).map((n) => [`b${n}`, 'direct' as const]))), kernel);
  const indexes: Readonly<Record<string, object>> = {
    right: { ifindex: 10, peerIndex: 11 },
    left: { ifindex: 11, peerIndex: 10 },
  };
  return kernel.dumps().map((dump) => ({
    ...dump,
    links: dump.links.flatMap((link) => (link.ifname in indexes ? [{ ...link, ...indexes[link.ifname] }] : [])),
  }));
}

/** All that is told of links while a plan is carried out of which nothing is refused. */
function hearEach(network: Network, plan: Plan, observed: Observed): void {
  const links = new LinkEvents({ hears: EACH_STEP, tell: () => {} }, network, 1);
  links.wanted();
  links.planned(plan);
  for (const jobs of jobsOf(plan.ops, observed).values()) {
    for (const { ops } of jobs) {
      links.sent(ops);
      links.done(ops);
    }
  }
  links.settled(plan, { failures: [], skipped: new Set() }, () => 'it does not run');
}

/** The steps, each with what it is given ready. */
function stepsOf(network: Network): Readonly<Record<string, () => unknown>> {
  const empty = new ModelKernel();
  empty.makeNamespace('self');
  const settled = new ModelKernel();
  settled.makeNamespace('self');
  bringUp(network, settled);
  const nothing = { ...network, links: [], bridges: [], tunnels: [] };
  const fresh = look(network, empty);
  const done = look(network, settled);
  const removal = look(nothing, settled);
  return {
    check: () => checkNetwork(network),
    'plan from nothing': () => look(network, empty),
    'plan with all there': () => look(network, settled),
    'plan the removal': () => look(nothing, settled),
    jobs: () => {
      for (const [, jobs] of stepsOfPlan(fresh.plan.ops, fresh.observed)) pack(jobs, 2);
    },
    preflight: () => lookBefore(network, fresh),
    'what is told of links that are made': () => hearEach(network, fresh.plan, fresh.observed),
    'what is told of links that are there': () => hearEach(network, done.plan, done.observed),
    'what is told of links that go': () => hearEach(nothing, removal.plan, removal.observed),
    status: () => statusOf(network, done.observed, done.placement, done.plan),
    'status of nothing': () => statusOf(network, fresh.observed, fresh.placement, fresh.plan),
    down: () => planTeardown(LAB, done.dumps),
    gone: () => planGone(LAB, network.links, done.observed),
  };
}

describe('work grows with the lab, and no faster', () => {
  for (const [name, make] of Object.entries(LABS)) {
    it(name, () => {
      const small = stepsOf(make(SIZE));
      const large = stepsOf(make(2 * SIZE));
      for (const [step, run] of Object.entries(small)) {
        const [once, twice] = [visitsOf(run), visitsOf(large[step] ?? (() => {}))];
        assert.ok(twice <= RATIO_MAX * Math.max(once, SIZE), `${step}: ${once} for ${SIZE}, ${twice} for ${2 * SIZE}`);
      }
    });
  }

  it('whose ends have the same indexes in each namespace', () => {
    const visits = (count: number): number => {
      const dumps = ringOf(count);
      return visitsOf(() => {
        const ownership = new Ownership(LAB, dumps);
        for (const { ns, links } of dumps) for (const link of links) assert.equal(ownership.owns(ns, link), true);
      });
    };
    assert.ok(visits(2 * SIZE) <= RATIO_MAX * visits(SIZE));
  });

  it('is seen where it does not', () => {
    const quadratic = (count: number) => visitsOf(() => numbers(count).filter((n) => numbers(count).includes(n)));
    assert.ok(quadratic(2 * SIZE) > RATIO_MAX * quadratic(SIZE));
  });
});
