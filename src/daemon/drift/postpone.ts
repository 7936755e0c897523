/** Leaves out of a plan what must not be changed yet. */
import { subjectOf } from '../../engine/failure.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Plan } from '../../plan/plan.ts';
import { subjectText } from '../../subject.ts';
import { localParents } from '../../topology/parents.ts';
import { type PlaceName, spokenPlaces } from '../../topology/places.ts';
import type { Network } from '../../topology/topology.ts';
import { parentOf, peerOf } from '../../wire/make.ts';
import type { Op } from '../../wire/op.ts';

export interface ReducedPlan {
  readonly plan: Plan;
  /** The subjects whose ops were left out: `NODE:DEV`, `bridge NAME`, `netns NAME`… */
  readonly postponed: ReadonlySet<string>;
}

/**
 * Returns the plan without the ops of the paused subjects, and without what depends on them: the other end of a wire, the links of
 * a bridge or namespace that does not exist yet, and child devices of a link that does not exist yet. Such links get the verdict
 * `blocked`.
 */
export function postpone(network: Network, plan: Plan, paused: ReadonlySet<string>): ReducedPlan {
  if (paused.size === 0) return { plan, postponed: paused };
  const place = spokenPlaces(network.nodes);
  const missing = missingOf(plan, paused, place);
  const postponed = linksToPostpone(network, plan, paused, missing.bridges, missing.netns);
  if (postponed.size === 0 && missing.subjects.size === 0) return { plan, postponed };
  const isPostponed = (op: Op): boolean =>
    missing.netns.has(op.ns) ||
    (op.link === null ? paused.has(subjectText(subjectOf(op, op.ns, place))) : postponed.has(op.link)) ||
    (op.op === 'wire.patch' && postponed.has(op.otherLink));
  return {
    plan: {
      ...plan,
      ops: plan.ops.filter((op) => !isPostponed(op)),
      links: plan.links.map((planned) =>
        planned.cause !== null && postponed.has(planned.link)
          ? { ...planned, verdict: 'blocked', cause: `${planned.cause}, tried again later` }
          : planned,
      ),
    },
    postponed: new Set([...postponed, ...missing.subjects]),
  };
}

/**
 * The paused subjects, other than links, that have ops in the plan, and which of them are bridges and namespaces that do not exist
 * yet.
 */
function missingOf(plan: Plan, paused: ReadonlySet<string>, place: PlaceName) {
  const subjects = new Set<string>();
  const bridges = new Set<string>();
  const netns = new Set<NsId>();
  for (const op of plan.ops) {
    if (op.link !== null) continue;
    const subject = subjectText(subjectOf(op, op.ns, place));
    if (!paused.has(subject)) continue;
    subjects.add(subject);
    if (op.op === 'bridge.add' || op.op === 'ovs.bridge') bridges.add(op.dev);
    if (op.op === 'netns.add') netns.add(op.ns);
  }
  return { subjects, bridges, netns };
}

function linksToPostpone(
  network: Network,
  plan: Plan,
  paused: ReadonlySet<string>,
  bridges: ReadonlySet<string>,
  netns: ReadonlySet<NsId>,
): Set<string> {
  const postponed = new Set<string>();
  const bridgeOfLink = new Map(network.links.map(({ id, spec }) => [id, bridgeOf(spec)]));
  const isWithout = (op: Op): boolean => {
    const needed = op.op === 'link.add' ? [op.ns, peerOf(op)?.ns, parentOf(op)?.ns] : [op.ns];
    const bridge = bridgeOfLink.get(op.link ?? '') ?? (op.op === 'port.attach' ? op.master?.dev : null);
    return needed.some((ns) => ns !== undefined && netns.has(ns)) || bridges.has(bridge ?? '');
  };
  for (const op of plan.ops) {
    if (op.link === null) continue;
    const peer = op.op === 'link.add' ? peerOf(op)?.link : null;
    const ends = peer ? [op.link, peer] : [op.link];
    if (isWithout(op) || ends.some((end) => paused.has(end))) for (const end of ends) postponed.add(end);
  }
  addChildDevices(network, plan, postponed);
  return postponed;
}

/** Adds child devices whose parent does not exist yet and is postponed. */
function addChildDevices(network: Network, plan: Plan, postponed: Set<string>): void {
  if (postponed.size === 0) return;
  const made = new Set(plan.ops.flatMap((op) => (op.op === 'link.add' && op.link !== null ? [op.link] : [])));
  const parentOf = localParents(network.links);
  for (let before = -1; before < postponed.size; ) {
    before = postponed.size;
    for (const link of network.links) {
      const parent = parentOf(link);
      if (parent !== null && made.has(link.id) && made.has(parent.id) && postponed.has(parent.id))
        postponed.add(link.id);
    }
  }
}
