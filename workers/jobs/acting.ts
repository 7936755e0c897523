import type { ApplyResult, ApplyTask } from '../../src/wire/apply.ts';
import type { Answer } from '../../src/wire/task.ts';
import { apply } from '../apply.ts';

/**
 * Carries out a short task that changes something in the thread that asks, which is in its own namespace again when this returns. Throws
 * only HomeLost: the thread must not do anything any more. Privileges: as `run` in link-worker.ts.
 */
export function act(task: ApplyTask): Answer<ApplyResult> {
  return { ok: true, ...apply(task) };
}
