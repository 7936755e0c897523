/** The lab as preflight sees it: what is wanted, what is there, and what is to be done about it. */

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
  readonly bridges: number;
  /** Wires of mode `patch`. */
  readonly patches: number;
  /** Devices that are neither a veth nor a bridge. */
  readonly others: number;
}

export function madeBy(ops: readonly Op[]): Made {
  const made = { namespaces: 0, pairs: 0, ports: 0, bridges: 0, patches: 0, others: 0 };
  for (const op of ops) {
    const what = whatMakes(op);
    if (what !== null) made[what] += 1;
  }
  return made;
}

function whatMakes(op: Op): keyof Made | null {
  switch (op.op) {
    case 'netns.add':
      return 'namespaces';
    case 'link.add':
      return peerOf(op) === null ? 'others' : 'pairs';
    case 'tunnel.add':
      return 'others';
    case 'bridge.add':
    case 'ovs.bridge':
      return 'bridges';
    case 'wire.patch':
      return 'patches';
    case 'ovs.port':
      return 'ports';
    case 'port.attach':
      return op.master === null ? null : 'ports';
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
