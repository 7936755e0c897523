/**
 * The interface to the workers, which alone touch the kernel. `engine/` sends them tasks, and does not know how they are reached.
 */

import { LinkloomError } from '../errors.ts';
import { OWN_NS } from '../net/ns-id.ts';
import type { Answer, ResultOf, Task } from '../wire/task.ts';
import { describe } from './failure.ts';

/** The workers: threads, once they are worth it (`threads/on-demand.ts`), or in tests a kernel in memory. */
export interface Workers extends AsyncDisposable {
  /** How many tasks can run at once. One worker carries out its tasks in the order in which it was asked. */
  readonly size: number;
  /**
   * Has a worker carry out a task. If the worker dies, a task that changes nothing is sent once more. Rejects with a LinkloomError
   * if the worker could not find out what was asked, and with any other error if it died.
   */
  ask<T extends Task>(task: T): Promise<ResultOf<T>>;
  /** Starts what takes a while to start, before changes are asked for. Resolves when they can begin at once. */
  ready(): Promise<void>;
  /**
   * The names of the named namespaces of the machine on which the workers act, read without a task. Throws E_KERNEL if they can't
   * be read.
   */
  namedNamespaces(): readonly string[];
}

/** For callers that never ask a worker. To ask one is a fault of the program, and rejects. */
export const NO_WORKERS: Workers = {
  size: 0,
  ask: ({ task }) => Promise.reject(new TypeError(`no worker is there to be asked (${task})`)),
  ready: async () => {},
  namedNamespaces: () => [],
  [Symbol.asyncDispose]: async () => {},
};

/** Implements `Workers.ask` on top of `send`, which passes a task to a worker and rejects if the worker dies. */
export async function askBy<T extends Task>(
  task: T,
  send: (task: T) => Promise<Answer<ResultOf<T>>>,
): Promise<ResultOf<T>> {
  const answer = task.task === 'apply' ? await send(task) : await send(task).catch(() => send(task));
  if (answer.ok) return answer;
  const { code, message, hint } = describe(answer.failure, null, OWN_NS);
  throw new LinkloomError(code, `a worker could not find out what was asked (${task.task}): ${message}`, {
    ...(hint !== undefined && { hint }),
  });
}
