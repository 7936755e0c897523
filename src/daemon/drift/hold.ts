/** Leaves out of a plan what is not to be changed now, whatever the reason for the pass. */
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

export interface HeldPlan {
  readonly plan: Plan;
  /** The subjects whose operations were left out: `NODE:DEV`, `bridge NAME`, `netns NAME`… */
  readonly held: ReadonlySet<string>;
}

/**
 * The plan without the operations of what is paused, and of what depends on it: the other end of its wire, the links of a bridge or of
 * a namespace that is still to be made, and child devices of a link that is still to be made. The verdict of such links is `blocked`.
 */
export function hold(network: Network, plan: Plan, paused: ReadonlySet<string>): HeldPlan {
  if (paused.size === 0) return { plan, held: paused };
  const place = spokenPlaces(network.nodes);
  const missing = missingOf(plan, paused, place);
  const held = heldLinks(network, plan, paused, missing.bridges, missing.netns);
  if (held.size === 0 && missing.subjects.size === 0) return { plan, held };
  const isHeld = (op: Op): boolean =>
    missing.netns.has(op.ns) ||
    (op.link === null ? paused.has(subjectText(subjectOf(op, op.ns, place))) : held.has(op.link)) ||
    (op.op === 'wire.patch' && held.has(op.otherLink));
  return {
    plan: {
      ...plan,
      ops: plan.ops.filter((op) => !isHeld(op)),
      links: plan.links.map((planned) =>
        held.has(planned.link)
          ? { ...planned, verdict: 'blocked', cause: `${planned.cause}, tried again later` }
          : planned,
      ),
    },
    held: new Set([...held, ...missing.subjects]),
  };
}

/** The paused subjects other than links that the plan has operations for; bridges and namespaces among them that are still to be made. */
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

function heldLinks(
  network: Network,
  plan: Plan,
  paused: ReadonlySet<string>,
  bridges: ReadonlySet<string>,
  netns: ReadonlySet<NsId>,
): Set<string> {
  const held = new Set<string>();
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
    if (isWithout(op) || ends.some((end) => paused.has(end))) for (const end of ends) held.add(end);
  }
  holdStacked(network, plan, held);
  return held;
}

/** Adds child devices whose parent is still to be made and is held. */
function holdStacked(network: Network, plan: Plan, held: Set<string>): void {
  if (held.size === 0) return;
  const made = new Set(plan.ops.flatMap((op) => (op.op === 'link.add' && op.link !== null ? [op.link] : [])));
  const parentOf = localParents(network.links);
  for (let before = -1; before < held.size; ) {
    before = held.size;
    for (const link of network.links) {
      const parent = parentOf(link);
      if (parent !== null && made.has(link.id) && made.has(parent.id) && held.has(parent.id)) held.add(link.id);
    }
  }
}
