/**
 * One pass: instantiate → observe → diff → plan, for the whole lab or for some of its nodes. Every verb that compares what is wanted
 * with what is there makes passes, and the daemon makes one after the other. A pass changes nothing; `apply` (apply.ts) carries it out.
 */
import type { Emit } from '../events.ts';
import { diff } from '../plan/diff.ts';
import { areAllMade, heldBack, heldNote } from '../plan/late.ts';
import { planGone } from '../plan/links/gone.ts';
import { NO_RESETS, type Resets } from '../plan/overrides/overrides.ts';
import type { Doubts, Plan } from '../plan/plan.ts';
import type { Container, Link, Network } from '../topology/topology.ts';
import { lookAtAll, lookAtPart, lookCloser } from './look.ts';
import { linksOfEnded, partOfNetwork, type SomeNodes, wholeNetwork } from './network.ts';
import type { Session } from './session.ts';
import { emptySnapshot, type Snapshot } from './snapshot.ts';
import { timed } from './timed.ts';

/** What a pass covers, and what it does beside planning. */
export interface Scope {
  /**
   * `all`: the whole lab, and what it has left in other namespaces; links that are not configured any more are removed. Some nodes:
   * these nodes, the other ends of their wires, and the bridges that they are connected to. Such a pass takes time in proportion to
   * the links of these nodes. It needs an earlier pass over the whole lab in the same session. It is widened to the whole lab if the
   * part can't be observed alone.
   */
  readonly nodes: 'all' | SomeNodes;
  /** All running containers, in the scope or not. Default: the engines are asked. */
  readonly containers?: readonly Container[];
  /** Containers whose process has ended, as they were last known. What they left on the switch side is removed before anything is made. */
  readonly ended?: readonly Container[];
  /** Read the devices' packet counters too. Default false. */
  readonly counters?: boolean;
  /** Compare with an empty kernel: no engine and no worker is asked, and nothing is removed. Default false. */
  readonly offline?: boolean;
  /** Whether links with `state: late` stay down though all links that are here are made. Default false. */
  readonly holdsLate?: boolean;
  /** Remove also what other files made of the lab. Default: as the session was opened. */
  readonly pruneOrphans?: boolean;
  /** What was set by hand and is taken back. Default: nothing. */
  readonly resets?: Resets;
  /** Called with each plan. The plan that it returns is used instead. Default: the plan stays as it is. */
  readonly revise?: (network: Network, plan: Plan) => Plan;
}

/** The whole lab. */
export const WHOLE_LAB: Scope = { nodes: 'all' };

/** What a pass found. */
export interface Pass {
  readonly scope: Scope;
  /** Whether the pass covered the whole lab in the end. */
  readonly isWhole: boolean;
  /** The containers that ran when the pass began. */
  readonly containers: readonly Container[];
  /** The links of `scope.ended`. */
  readonly ended: readonly Link[];
  /** What is wanted of the nodes in scope. */
  readonly network: Network;
  /** What was observed for the plan, including the second look. */
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  /** How many links are held back: they rise in a pass over the whole lab that finds all others made. */
  readonly held: number;
  readonly observeMs: number;
  readonly planMs: number;
}

/**
 * Makes a pass. Throws E_CLASH if the configuration contradicts itself, and E_ENGINE, E_KERNEL or E_PRIVILEGE if nothing could
 * be observed.
 */
export async function pass(session: Session, scope: Scope, emit: Emit): Promise<Pass> {
  const containers = scope.containers ?? (await session.containers());
  const { nodes } = scope;
  const isWhole = nodes === 'all' || !session.wholeLab.canNarrow(containers);
  const ended = linksOfEnded(session, scope.ended ?? []);
  const wanted = isWhole ? wholeNetwork(session, containers) : partOfNetwork(session, nodes, containers);
  const begun = { scope, isWhole, containers, ended, network: wanted.network };
  // The workers observe while this thread checks the network. If the check fails, their result is dropped.
  const looking = look(session, begun, emit);
  looking.catch(() => {});
  const network = wanted.checked(emit);
  const { value: snapshot, ms: observeMs } = await looking;
  if (!isWhole && session.wholeLab.reachesBeyond(network, snapshot)) {
    return await pass(session, { ...scope, nodes: 'all', containers }, emit);
  }
  session.wholeLab.note(network, snapshot, isWhole);
  const quiet: Emit = () => {};
  const { value, ms: planMs } = await timed('plan', scope.offline ? quiet : emit, () =>
    planLate(session, { ...begun, network }, snapshot),
  );
  return { ...begun, ...value, observeMs, planMs };
}

type Planned = Pick<Pass, 'network' | 'plan' | 'snapshot' | 'held'>;

/** Plans with links that are held back, and without, if they are all that is missing. */
async function planLate(session: Session, begun: Begun, snapshot: Snapshot): Promise<Planned> {
  const { network, isWhole, scope } = begun;
  const back = heldBack(network, snapshot.observed);
  if (back === null) return { network, ...(await planSurely(session, begun, snapshot)), held: 0 };
  const first = await planSurely(session, { ...begun, network: back.network }, snapshot);
  if (isWhole && !scope.holdsLate && !scope.offline && areAllMade(back.network, first.plan))
    return { network, ...(await planSurely(session, begun, first.snapshot)), held: 0 };
  const plan = { ...first.plan, notes: [...first.plan.notes, heldNote(back.count)] };
  return { network: back.network, ...first, plan, held: back.count };
}

/** Observes and plans the same network again, after an earlier pass could not be carried out. */
export async function passAgain(session: Session, earlier: Pass): Promise<Pass> {
  const snapshot = await lookOnce(session, earlier);
  session.wholeLab.note(earlier.network, snapshot, earlier.isWhole);
  return { ...earlier, ...(await planSurely(session, earlier, snapshot)) };
}

/** The fields of a pass that are known before it observes. */
type Begun = Pick<Pass, 'scope' | 'isWhole' | 'containers' | 'ended' | 'network'>;

async function look(
  session: Session,
  begun: Begun,
  emit: Emit,
): Promise<{ readonly value: Snapshot; readonly ms: number }> {
  if (begun.scope.offline) return { value: emptySnapshot(begun.network, session.side, session.host), ms: 0 };
  return await timed('observe', emit, () => lookOnce(session, begun));
}

function lookOnce(session: Session, { scope, isWhole, containers, ended, network }: Begun): Promise<Snapshot> {
  const counters = scope.counters ?? false;
  if (isWhole) return lookAtAll(session, network, containers, counters);
  return lookAtPart(session, network, ended, counters);
}

/**
 * Plans, and plans once more if the plan depends on facts that are not observed by default: what its changes remove along, or
 * where a missing end is.
 */
async function planSurely(
  session: Session,
  begun: Begun,
  snapshot: Snapshot,
): Promise<Pick<Pass, 'plan' | 'snapshot'>> {
  const { network, scope } = begun;
  const closer = (seen: Snapshot, doubts: Doubts): Promise<Snapshot> =>
    lookCloser(session, network, seen, doubts, scope.counters ?? false);
  const first = planOnce(session, begun, snapshot);
  if (first.doubts === null || scope.offline) return { plan: first, snapshot };
  const seen = await closer(snapshot, first.doubts);
  const second = planOnce(session, begun, seen);
  // The second look can raise one more question.
  if (second.doubts === null) return { plan: second, snapshot: seen };
  const last = await closer(seen, joinedDoubts(first.doubts, second.doubts));
  return { plan: planOnce(session, begun, last), snapshot: last };
}

function planOnce(session: Session, { scope, isWhole, ended, network }: Begun, snapshot: Snapshot): Plan {
  const { observed, placement } = snapshot;
  const { resets = NO_RESETS } = scope;
  const prune = isWhole && !scope.offline;
  const { pruneOrphans = session.files.pruneOrphans } = scope;
  const wanted = diff(network, observed, placement, { prune, resets, ...session.files, pruneOrphans });
  const plan = scope.revise?.(network, wanted) ?? wanted;
  // A pass over the whole lab finds what ended containers left among everything that is not configured.
  if (isWhole || ended.length === 0) return plan;
  return { ...plan, ops: [...planGone(network.lab, ended, observed), ...plan.ops] };
}

function joinedDoubts(a: Doubts, b: Doubts): Doubts {
  const farEnds = new Map(a.farEnds);
  for (const [ns, indexes] of b.farEnds) farEnds.set(ns, new Set([...(farEnds.get(ns) ?? []), ...indexes]));
  return { others: new Set([...a.others, ...b.others]), farEnds };
}
