/** Workers that cost a thread only where there is something for it to do. */
import { LinkloomError } from '../../errors.ts';
import { ACTING_URL, LOOKING_URL } from '../../layout.ts';
import type { ApplyResult, ApplyTask } from '../../wire/apply.ts';
import { type Answer, LOOKING, type LookTask, type ResultOf, type Task } from '../../wire/task.ts';
import { namedNamespaces } from '../named-namespaces.ts';
import { askBy, type Workers } from '../workers.ts';
import type { WorkerPool } from './pool.ts';

/**
 * How many namespaces are looked into by this thread, which hears nothing else meanwhile (100 take some 15 ms). To start a worker takes
 * some 40 ms of CPU time, as much as to look into 250.
 */
const NAMESPACES_HERE = 256;

/** `workers/tasks/looking.ts`. */
interface Looking {
  look(task: LookTask): Answer<ResultOf<LookTask>>;
}

/** `workers/jobs/acting.ts`. */
interface Acting {
  act(task: ApplyTask): Answer<ApplyResult>;
}

/**
 * Carries out tasks that only look, and short changes, in the thread that asks, and starts a pool of threads with the first task of
 * another kind, or when much has been looked at. From then on the pool gets all tasks.
 */
export class WorkersOnDemand implements Workers {
  readonly size: number;
  #here: Promise<Looking> | null = null;
  #acting: Promise<Acting> | null = null;
  #pool: Promise<WorkerPool> | null = null;
  #lookedInto = 0;
  /** Why nothing can be done any more. */
  #lost: LinkloomError | null = null;

  /** `size`: the most threads at a time. */
  constructor(size: number) {
    this.size = size;
  }

  async ask<T extends Task>(task: T): Promise<ResultOf<T>> {
    if (this.#pool === null && isLook(task) && this.#lookedInto < NAMESPACES_HERE) {
      this.#lookedInto += 'namespaces' in task ? task.namespaces.length : 1;
      return (await askBy<LookTask>(task, (sent) => this.#look(sent))) as ResultOf<T>;
    }
    if (this.#pool === null && task.task === 'apply' && task.isShort) {
      return (await askBy<ApplyTask>(task, (sent) => this.#act(sent))) as ResultOf<T>;
    }
    const pool = await this.#threads();
    return await pool.ask(task);
  }

  async ready(): Promise<void> {
    const pool = await this.#threads();
    await pool.ready();
  }

  namedNamespaces(): readonly string[] {
    return namedNamespaces();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pool = await this.#pool?.catch(() => null);
    await pool?.[Symbol.asyncDispose]();
  }

  async #look(task: LookTask): Promise<Answer<ResultOf<LookTask>>> {
    this.#here ??= import(LOOKING_URL.href) as Promise<Looking>;
    const { look } = await this.#here;
    return this.#unlessLost(() => look(task));
  }

  async #act(task: ApplyTask): Promise<Answer<ApplyResult>> {
    this.#acting ??= import(ACTING_URL.href) as Promise<Acting>;
    const { act } = await this.#acting;
    return this.#unlessLost(() => act(task));
  }

  #unlessLost<T>(work: () => T): T {
    if (this.#lost !== null) throw this.#lost;
    try {
      return work();
    } catch (cause) {
      // This thread is in another namespace now, and all that it starts would be.
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#lost = new LinkloomError('E_KERNEL', message, { cause });
      throw this.#lost;
    }
  }

  async #threads(): Promise<WorkerPool> {
    if (this.#lost !== null) throw this.#lost;
    this.#pool ??= import('./pool.ts').then(({ WorkerPool }) => WorkerPool.start(this.size));
    return await this.#pool;
  }
}

function isLook(task: Task): task is LookTask {
  return (LOOKING as readonly string[]).includes(task.task);
}
