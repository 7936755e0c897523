/** The end of a play: every link is as it was found. */
import { execute } from '../../engine/execute.ts';
import type { Emit, Failure } from '../../events.ts';
import type { NsId } from '../../net/ns-id.ts';
import { type Parked, planAlong } from '../../plan/overrides/along.ts';
import { goalAsWas } from '../../plan/overrides/back.ts';
import type { SettableEnd } from '../../plan/overrides/ends.ts';
import type { EndGoal } from '../../plan/overrides/goals.ts';
import type { Op } from '../../wire/op.ts';
import { carryOut, type Ground } from '../override/carry-out.ts';
import { readParked, writeParked } from '../override/parked.ts';
import type { Hands, Stage } from './stage.ts';

export interface Restored {
  readonly links: readonly string[];
  readonly failures: readonly Failure[];
}

/**
 * Looks at the lab again, and puts back what differs from what was found. Devices that were replaced meanwhile are left alone. `isWhole`:
 * all steps were carried out, so that what waits for no device any more is there already.
 */
export async function restore(stage: Stage, hands: Hands, isWhole: boolean, emit: Emit): Promise<Restored> {
  const ground = await hands.look();
  const goals = goalsOf(stage, ground, hands);
  const { ends, failures } = await carryOut(
    ground,
    { count: goals.length, at: (place) => goals[place] as EndGoal },
    { emit, signal: null },
  );
  const later = await withdrawParked(ground, goals, isWhole, emit);
  const links = ends.filter(({ changes, hasFailed }) => changes.length > 0 && !hasFailed).map(({ link }) => link);
  return { links: [...new Set(links)], failures: [...failures, ...later] };
}

function goalsOf({ cast, ground: before }: Stage, ground: Ground, hands: Hands): readonly EndGoal[] {
  const present = new Map<string, SettableEnd>();
  for (const { node, other } of hands.settable(ground)) {
    for (const end of [node, other]) if (end !== null) present.set(`${end.end} ${end.link}`, end);
  }
  return cast.ends().flatMap((was) => {
    const end = present.get(`${was.end} ${was.link}`);
    const isSame = end?.device.ifindex === was.device.ifindex && inodeOf(ground, end.ns) === inodeOf(before, was.ns);
    return end === undefined || !isSame ? [] : [goalAsWas(end, was.device)];
  });
}

function inodeOf({ observed }: Ground, ns: NsId): number {
  return observed.namespaces.get(ns)?.dump.inode ?? 0;
}

/** Takes what waits for no device any more off the list, in the namespaces in which the end has set nothing. */
async function withdrawParked(
  ground: Ground,
  goals: readonly EndGoal[],
  isWhole: boolean,
  emit: Emit,
): Promise<readonly Failure[]> {
  const noted = await readParked(ground.lab);
  if (noted.size === 0) return [];
  const set = new Set(
    goals
      .filter(({ up, mtuBytes }) => up !== null || mtuBytes !== null)
      .map(({ target }) => inodeOf(ground, target.ns)),
  );
  const after = new Map<number, readonly Parked[]>(noted);
  const ops: Op[] = [];
  for (const [ns, view] of ground.observed.namespaces) {
    const { inode } = view.dump;
    const parked = noted.get(inode);
    if (parked === undefined || set.has(inode)) continue;
    const along = planAlong({ ns, view, sets: [], parked, links: [] });
    after.set(inode, along.parked);
    ops.push(...along.ops);
  }
  const failures = isWhole || ops.length === 0 ? [] : await putBack(ground, ops, emit);
  await writeParked(ground.lab, after);
  return failures;
}

/** After a step that failed, its routes may not be back. */
async function putBack(ground: Ground, ops: readonly Op[], emit: Emit): Promise<readonly Failure[]> {
  const { workers, lab, observed } = ground;
  const nothing = { links: [], removed: [], orphans: [], failures: [], notes: [], overrides: [], doubts: null };
  const { failures } = await execute({ lab, ops, ...nothing }, observed, workers, { emit, signal: null });
  return failures;
}
