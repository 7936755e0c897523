import type { SettleResult, SettleTask } from '../../src/wire/task.ts';
import { isAnswer } from '../netlink/fault.ts';
import { untilDismantled } from '../waiting/dismantling.ts';

/** Waits until the kernel has dismantled every namespace that was released before. Throws only HomeLost. */
export function settle(task: SettleTask): SettleResult {
  try {
    return { settled: untilDismantled(2, task.timeoutMs) };
  } catch (error) {
    if (isAnswer(error)) return { settled: false };
    throw error;
  }
}
