/** The lab as preflight sees it: what is wanted, what is there, and what is to be done about it. */

import { traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import type { NsId } from '../net/ns-id.ts';
import { DISPATCH_WEIGHT } from '../plan/jobs.ts';
import type { Observed } from '../plan/observed.ts';
import type { Plan } from '../plan/plan.ts';
import type { SwitchSide } from '../plan/switch/placement.ts';
import type { NodeDefinition } from '../topology/nodes/definition.ts';
import type { Network } from '../topology/topology.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';

export interface Lab {
  readonly network: Network;
  readonly plan: Pick<Plan, 'ops' | 'failures'>;
  readonly observed: Observed;
  readonly side: SwitchSide;
  /** Entries of `nodes:`. */
  readonly definitions: readonly NodeDefinition[];
  readonly workers: number;
}

/** How many of each the plan makes. */
export interface Made {
  readonly namespaces: number;
  /** Pairs of veth. */
  readonly pairs: number;
  /** Ports of Linux bridges and of Open vSwitch. */
  readonly ports: number;
  /** Those of them that share their bridge with more than 16: each multicast of a node is copied to all of them. */
  readonly crowdedPorts: number;
  readonly bridges: number;
  /** Instances of Open vSwitch. */
  readonly instances: number;
  /** Wires of mode `patch`. */
  readonly patches: number;
  /** Devices that are neither a veth nor a bridge. */
  readonly others: number;
  /** Containers of `nodes:` that do not run. */
  readonly containers: number;
}

/** Ports of a bridge that is not crowded. */
const FEW_PORTS = 16;

/** What the plan makes, and what will be made once the containers run that do not run yet. */
export function madeBy({ network, plan, definitions }: Pick<Lab, 'network' | 'plan' | 'definitions'>): Made {
  const made = { ...NOTHING, containers: containersLeft(network, definitions) };
  const portsOf = new Map<string, number>();
  const addPort = (bridge: string): void => {
    made.ports += 1;
    portsOf.set(bridge, (portsOf.get(bridge) ?? 0) + 1);
  };
  for (const op of plan.ops) {
    const what = whatMakes(op);
    if (what !== null) made[what] += 1;
    const bridge = bridgeOfPort(op);
    if (bridge !== null) addPort(bridge);
  }
  addPending(network, made, addPort);
  for (const count of portsOf.values()) if (count > FEW_PORTS) made.crowdedPorts += count;
  return made;
}

const NOTHING = {
  ...{ namespaces: 0, pairs: 0, ports: 0, crowdedPorts: 0, bridges: 0, instances: 0, patches: 0, others: 0 },
  containers: 0,
};

function containersLeft({ nodes }: Network, definitions: readonly NodeDefinition[]): number {
  const running = new Set(
    nodes.flatMap(({ kind, name, loopbacks }) => (kind === 'container' && loopbacks ? [name] : [])),
  );
  return definitions.filter(({ kind, name }) => kind === 'container' && !running.has(name)).length;
}

/** Adds the links of nodes that do not run yet. Both ends of a `direct` wire are one pair. */
function addPending(
  { pending, bridges }: Network,
  made: { pairs: number; others: number },
  addPort: (bridge: string) => void,
): void {
  const specs = new Map(bridges.map((bridge) => [bridge.name, bridge]));
  const wires = new Set<string>();
  for (const spec of pending.flatMap(({ links }) => links)) {
    const bridge = bridgeOf(spec);
    if (bridge === null) made.others += 1;
    else if (traitsOf(specs.get(bridge))?.hasPorts === false) wires.add(bridge);
    else {
      made.pairs += 1;
      addPort(bridge);
    }
  }
  made.pairs += wires.size;
}

/** The bridge of a port that an op makes. null: it makes none. */
function bridgeOfPort(op: Op): string | null {
  if (op.op === 'ovs.port') return op.bridge;
  return op.op === 'port.attach' ? (op.master?.dev ?? null) : null;
}

function whatMakes(op: Op): Exclude<keyof Made, 'ports' | 'crowdedPorts' | 'containers'> | null {
  switch (op.op) {
    case 'netns.add':
      return 'namespaces';
    case 'link.add':
      return peerOf(op) === null ? 'others' : 'pairs';
    case 'tunnel.add':
    case 'trunk.add':
      return 'others';
    case 'bridge.add':
    case 'ovs.bridge':
      return 'bridges';
    case 'wire.patch':
    case 'trunk.tie':
      return 'patches';
    case 'ovs.start':
      return 'instances';
    default:
      return null;
  }
}

/** Of a namespace that a task works on: itself, and a socket in it. */
const PER_NAMESPACE = 2;
/** Sockets, pipes and files of Node.js, of the threads and of the lock, with room to spare: an estimate, `doctor` itself has 20 open. */
const PER_PROCESS = 64;
/** Namespaces that are made ahead (SPARE_SLOTS of wire/shared.ts). */
const SPARES = 64;

/** Descriptors that are open at a time, at most. */
export function descriptorsFor(ops: readonly Op[], workers: number): number {
  const peers = new Map<NsId, Set<NsId>>();
  for (const op of ops) {
    const peer = op.op === 'link.add' ? peerOf(op) : null;
    if (peer === null) continue;
    const known = peers.get(op.ns);
    if (known) known.add(peer.ns);
    else peers.set(op.ns, new Set([peer.ns]));
  }
  let most = 0;
  const named = new Set<NsId>();
  for (const [ns, others] of peers) {
    most = Math.max(most, others.size);
    named.add(ns);
    for (const other of others) named.add(other);
  }
  // A dispatch has no more namespaces than ops, unless one job alone is larger.
  const atOnce = Math.min(named.size, Math.max(DISPATCH_WEIGHT, most + 1));
  return PER_PROCESS + SPARES + atOnce * PER_NAMESPACE * workers;
}
