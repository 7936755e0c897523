/** The result for each link, over one plan or several. */
import type { Execution } from '../engine/run.ts';
import type { Plan, PlannedLink, Verdict } from '../plan/plan.ts';

/** A verdict that was carried out, or why it was not: the link failed, or was not begun since the run was interrupted. */
export type Outcome = Exclude<Verdict, 'blocked'> | 'failed' | 'skipped';

export function outcomeOf({ link, verdict }: PlannedLink, { failed, skipped }: Lost): Outcome {
  if (verdict === 'blocked' || failed.has(link)) return 'failed';
  return skipped.has(link) ? 'skipped' : verdict;
}

type Lost = Pick<Execution, 'failed' | 'skipped'>;

/** Links that a plan changed in the kernel: made, made anew, or changed in place. */
export function countDone({ links }: Plan, lost: Lost): number {
  return links.filter((planned) => isDone(outcomeOf(planned, lost))).length;
}

/**
 * The result of a link that occurs in two plans of one run. A link that the first plan made counts as made, although it is
 * unchanged in the second.
 */
export function lasting<T extends Outcome | Verdict>(earlier: T | undefined, now: T): T {
  if (earlier === undefined) return now;
  if (now === 'unchanged' && isDone(earlier)) return earlier;
  return earlier === 'create' && isDone(now) ? earlier : now;
}

function isDone(what: Outcome | Verdict): boolean {
  return what === 'create' || what === 'change' || what === 'recreate';
}

/** Joins two plans for the same network. The first was carried out only in part. */
export function joinedPlans(first: Plan, second: Plan): Plan {
  const before = new Map(first.links.map((planned) => [planned.link, planned]));
  const links = second.links.map((planned) => {
    const earlier = before.get(planned.link);
    return earlier !== undefined && lasting(earlier.verdict, planned.verdict) !== planned.verdict ? earlier : planned;
  });
  const removed = [...new Set([...first.removed, ...second.removed])];
  return { ...second, ops: [...first.ops, ...second.ops], links, removed };
}
