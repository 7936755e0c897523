/** The interface to the workers, which alone touch the kernel: `engine/` asks them, and does not know how they are reached. */

import { LinkloomError } from '../errors.ts';
import { OWN_NS } from '../net/ns-id.ts';
import type { Answer, ResultOf, Task } from '../wire/task.ts';
import { describe } from './failure.ts';

/** The workers: threads (`threads/pool.ts`), or in tests a kernel in memory. */
export interface Workers extends AsyncDisposable {
  /** How many tasks can be under way at once. One worker carries out its tasks in the order in which it was asked. */
  readonly size: number;
  /**
   * Have a task done. A task that changes nothing is asked once more if the worker dies over it. Rejects with a LinkloomError where a
   * worker could not find out what was asked, and with any other error where it died.
   */
  ask<T extends Task>(task: T): Promise<ResultOf<T>>;
  /** Names of the named namespaces of the machine that the workers act on, read without a task. Throws E_KERNEL if they can't be read. */
  namedNamespaces(): readonly string[];
}

/** Stands in where no worker is ever asked. Asking one rejects, as that is a fault of the program. */
export const NO_WORKERS: Workers = {
  size: 0,
  ask: ({ task }) => Promise.reject(new TypeError(`no worker is there to be asked (${task})`)),
  namedNamespaces: () => [],
  [Symbol.asyncDispose]: async () => {},
};

/** `Workers.ask` for those who reach a worker with `send`, which rejects if the worker dies over the task. */
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
