import type { Answer, LookingName, LookTask, ResultOf, Tasks } from '../../src/wire/task.ts';
import { failureOf } from '../failure.ts';
import { traffic } from '../machine/traffic-features.ts';
import { HomeLost } from '../netns.ts';
import { counters } from './counters.ts';
import { dump } from './dump.ts';
import { lock } from './lock.ts';
import { pids } from './pids.ts';
import { scan } from './scan.ts';

/** Who carries out each task that only looks. */
export const LOOKERS: { readonly [K in LookingName]: (task: Tasks[K]['asked']) => Tasks[K]['answered'] } = {
  dump,
  scan,
  pids,
  counters,
  lock,
  traffic,
};

/**
 * Carries out one task that only looks in the thread that asks, which is in its own namespace again when this returns. Failures are
 * data. Throws only HomeLost: the thread must not do anything any more. Privileges: as `run` in link-worker.ts.
 */
export function look(task: LookTask): Answer<ResultOf<LookTask>> {
  try {
    return { ok: true, ...answer(task.task, task) };
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    return { ok: false, failure: failureOf(null, error) };
  }
}

function answer<K extends LookingName>(name: K, task: Tasks[K]['asked']): Tasks[K]['answered'] {
  return LOOKERS[name](task);
}
