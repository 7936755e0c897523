/** Before a play: links are found, and everything that can be refused is refused. Nothing is touched. */
import type { Timeline } from '../../config/play/timeline.ts';
import { observeCloser } from '../../engine/observe.ts';
import { LinkloomError } from '../../errors.ts';
import { grouped } from '../../grouped.ts';
import type { NsId } from '../../net/ns-id.ts';
import { NO_SETTINGS } from '../../plan/links/settings.ts';
import { type Parked, planAlong } from '../../plan/overrides/along.ts';
import type { SettableLink } from '../../plan/overrides/ends.ts';
import type { TrafficKinds } from '../../plan/overrides/goals.ts';
import { momentsOf } from '../../play/schedule.ts';
import { type Ground, WANTS } from '../override/carry-out.ts';
import { type ParkedByInode, readParked } from '../override/parked.ts';
import { kindsFor } from '../override/set-links.ts';
import { Cast, impairmentsOf, setOf } from './cast.ts';
import { Preparer } from './prepare.ts';

/** How a play reaches its lab. */
export interface Hands {
  /** Observes the lab. */
  look(): Promise<Ground>;
  settable(ground: Ground): readonly SettableLink[];
  /** Waits until nobody else works on the lab; nobody does until the result is disposed of. */
  take(): Promise<Disposable>;
  /** How long before its time a moment is prepared and the lab is taken for it. null: as early as is useful. */
  readonly aheadMs: number | null;
}

/** A lab on which a timeline can be played. */
export interface Stage {
  readonly timeline: Timeline;
  readonly ground: Ground;
  readonly cast: Cast;
  readonly kinds: TrafficKinds | null;
  /** What waited for its devices before the play. */
  readonly parked: ParkedByInode;
}

/** The state after two rounds is that after one, but for what is random. */
const REHEARSED_ROUNDS = 2;

/**
 * Finds the links of a timeline, and tries all that it does on what was observed. Throws what `selectLinks`, `kindsFor`, `checkedGoal`
 * and observing throw, and what keeps a container from being reached.
 */
export async function setStage(timeline: Timeline, hands: Hands): Promise<Stage> {
  const first = await hands.look();
  const kinds = await kindsFor(first.workers, impairmentsOf(timeline));
  const found = Cast.of(first.lab, timeline, hands.settable(first));
  const observed = await withOthers(first, new Set(found.worst().map(({ ns }) => ns)));
  const ground = { ...first, observed };
  const cast = Cast.of(ground.lab, timeline, hands.settable(ground));
  await assertReached(ground, cast);
  const stage = { timeline, ground, cast, kinds, parked: await readParked(ground.lab) };
  rehearse(stage);
  return stage;
}

async function withOthers({ workers, lab, observed }: Ground, others: ReadonlySet<NsId>) {
  if (others.size === 0) return observed;
  return await observeCloser(workers, lab, observed, { others, farEnds: new Map() }, WANTS);
}

/** A container can have been replaced since it was observed. */
async function assertReached(ground: Ground, cast: Cast): Promise<void> {
  const ops = cast.ends().map((end) => setOf(end, NO_SETTINGS));
  const nothing = { links: [], removed: [], orphans: [], failures: [], notes: [], overrides: [], doubts: null };
  const [failure] = (await ground.confirm({ lab: ground.lab, ops, ...nothing })).failures;
  if (failure === undefined) return;
  throw new LinkloomError(failure.code, `${failure.message}; nothing has been touched`, {
    ...(failure.hint !== undefined && { hint: failure.hint }),
  });
}

function rehearse({ timeline, ground, cast, kinds, parked }: Stage): void {
  const preparer = new Preparer(ground, cast, kinds, parked);
  const rounds = timeline.rounds === 'forever' ? REHEARSED_ROUNDS : Math.min(timeline.rounds, REHEARSED_ROUNDS);
  for (const moment of momentsOf(timeline, (step) => cast.idsOf(step), rounds)) {
    if (!moment.isOnTheWay) preparer.prepare(moment);
  }
}

/** All that the kernel may ever take because of a timeline, and what waits already: if the play is killed, nothing is lost. */
export function everParked({ ground: { observed }, cast, parked }: Stage): ParkedByInode {
  const all = new Map<number, readonly Parked[]>(parked);
  const inodeOf = (ns: NsId): number => observed.namespaces.get(ns)?.dump.inode ?? 0;
  for (const [inode, sets] of grouped(cast.worst(), ({ ns }) => inodeOf(ns))) {
    const ns = sets[0]?.ns;
    const view = ns === undefined ? undefined : observed.namespaces.get(ns);
    if (ns === undefined || view === undefined) continue;
    const noted = parked.get(inode) ?? [];
    const { parked: taken } = planAlong({ ns, view, sets, parked: noted, links: [] });
    if (taken.length > 0) all.set(inode, taken);
  }
  return all;
}
