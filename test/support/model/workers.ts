/** Workers with a kernel in memory. They follow the rules of the real ones: order, turns, cancelling, identity of namespaces. */

import { askBy, type Workers } from '../../../src/engine/workers.ts';
import { markOf, sameLab } from '../../../src/net/mark.ts';
import { type NsId, netnsNameOf } from '../../../src/net/ns-id.ts';
import type { ApplyResult, ApplyTask, Job, JobResult } from '../../../src/wire/apply.ts';
import type { OpFailure } from '../../../src/wire/failure.ts';
import type { Op } from '../../../src/wire/op.ts';
import type { NsDump } from '../../../src/wire/seen.ts';
import { newRunState, RUN_STATE } from '../../../src/wire/shared.ts';
import type { Answer, ResultOf, Task, TaskName, Tasks } from '../../../src/wire/task.ts';
import type { ModelKernel } from '../model-kernel.ts';

export const NO_FAILURE: OpFailure = {
  op: null,
  call: '',
  subject: '',
  errnoName: null,
  extAck: null,
  code: null,
  leftBehind: null,
};

type Done = { [K in TaskName]: (task: Tasks[K]['asked']) => Tasks[K]['answered'] };

export class MemoryWorkers implements Workers {
  readonly size: number;
  readonly kernel: ModelKernel;
  /** The tasks that were sent, in order. A task that was sent twice is listed twice. */
  readonly sent: Task[] = [];
  /** The ops that were carried out, in order. */
  readonly ops: Op[] = [];
  /** Called before a task. If it throws, the worker dies. If it returns a failure, that is the answer. */
  beforeTask: (task: Task) => OpFailure | undefined = () => undefined;
  /** Called before an op. If it returns a failure, the op is refused. */
  beforeOp: (op: Op) => Partial<OpFailure> | undefined = () => undefined;
  /** Functions that replace the usual answers. */
  readonly answers: Partial<Done> = {};
  #last: Promise<unknown> = Promise.resolve();

  constructor(kernel: ModelKernel, size = 1) {
    this.kernel = kernel;
    this.size = size;
  }

  ask<T extends Task>(task: T): Promise<ResultOf<T>> {
    return askBy(task, (sent) => this.#send(structuredClone(sent)));
  }

  async ready(): Promise<void> {}

  namedNamespaces(): readonly string[] {
    return this.kernel.dumps().flatMap(({ ns }) => netnsNameOf(ns) ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
  }

  /** One worker carries out one task after another. Several workers have no common order. */
  #send<T extends Task>(task: T): Promise<Answer<ResultOf<T>>> {
    this.sent.push(task);
    const before = this.size === 1 ? this.#last : Promise.resolve();
    const result = before.then((): Answer<ResultOf<T>> => {
      const failure = this.beforeTask(task);
      return failure ? { ok: false, failure } : { ok: true, ...this.#answer<T['task']>(task.task, task) };
    });
    this.#last = result.catch(() => {});
    return result;
  }

  #answer<K extends TaskName>(name: K, task: Tasks[K]['asked']): Tasks[K]['answered'] {
    const done: Done = { ...this.#done, ...this.answers };
    return done[name](task);
  }

  readonly #done: Done = {
    partition: () => ({ parts: null }),
    apply: (task) => this.#apply(task),
    dump: ({ namespaces }) => ({ dumps: namespaces.map((ns) => this.#dump(ns)) }),
    scan: ({ group, except }) => ({
      dumps: this.kernel.dumps().filter((dump) => !except.includes(dump.ns) && isOfLab(dump, group)),
      failures: [],
    }),
    pids: ({ namespaces }) => ({ pids: namespaces.map((ns) => ({ ns, pids: [] })) }),
    settle: () => ({ settled: true }),
    rtnl: () => ({ waitMs: 0.01 }),
    carriers: () => ({ down: [] }),
    counters: () => ({ namespaces: [] }),
    nat: () => ({ by: 'nftables', forwarding: 'on' }),
    ovs: () => ({ dumps: this.kernel.ovs(), kernel: true }),
    lock: () => ({ isTaken: true, failure: null }),
    names: () => ({ failures: [] }),
    filter: () => ({ program: null, why: 'missing', message: '' }),
    notify: () => ({ failure: null }),
    traffic: () => ({ missing: [] }),
    machine: () => ({ missing: [], underlays: [], firewall: [], pairMs: null, bridgeMs: null }),
  };

  #dump(ns: NsId): NsDump {
    const nothing = {
      ns,
      inode: null,
      madeBy: null,
      failure: null,
      links: [],
      addresses: [],
      routes: [],
      translations: [],
    };
    return this.kernel.dumps().find((dump) => dump.ns === ns) ?? nothing;
  }

  #apply({ jobs, run, turn, isCancellable }: ApplyTask): ApplyResult {
    const state = new Int32Array(run ?? newRunState());
    if (turn !== null && turn !== Atomics.load(state, RUN_STATE.done)) {
      return { thread: 1, isDeclined: true, jobs: [] };
    }
    const isCancelled = (): boolean => isCancellable && Atomics.load(state, RUN_STATE.cancelled) !== 0;
    const results = jobs.map((job) => this.#runJob(job, isCancelled));
    const isWhole = results.every(({ failures, cancelledAt }) => failures.length === 0 && cancelledAt === null);
    if (turn !== null && isWhole) Atomics.store(state, RUN_STATE.done, turn + 1);
    return { thread: 1, isDeclined: false, jobs: results };
  }

  #runJob({ ns, inode, ops }: Job, isCancelled: () => boolean): JobResult {
    const failures: OpFailure[] = [];
    const result = { failures, cancelledAt: null, startedMs: 0, endedMs: 0 };
    const stranger = this.#isMissing(ns, ops) ? missing(ns) : this.#isOther(ns, inode, ops) ? changed(ns) : null;
    if (stranger !== null) return { ...result, failures: [stranger] };
    for (const [at, op] of ops.entries()) {
      if (isCancelled()) return { ...result, cancelledAt: at };
      const failure = this.#carryOutOp(op);
      if (failure === null) continue;
      failures.push({ ...NO_FAILURE, ...failure, op: at });
      if (op.op === 'netns.add') break;
    }
    return result;
  }

  #isMissing(ns: NsId, ops: readonly Op[]): boolean {
    return ops[0]?.op !== 'netns.add' && ops[0]?.op !== 'netns.del' && this.#dump(ns).inode === null;
  }

  #isOther(ns: NsId, inode: number | null, ops: readonly Op[]): boolean {
    return inode !== null && ops[0]?.op !== 'netns.add' && this.#dump(ns).inode !== inode;
  }

  /** Carries out an op. Returns null if that was done. The errors of the kernel in memory begin with the errno's name. */
  #carryOutOp(op: Op): Partial<OpFailure> | null {
    const refused = this.beforeOp(op);
    if (refused) return refused;
    try {
      this.kernel.apply([op]);
      this.ops.push(op);
      return null;
    } catch (error) {
      const [errnoName = null, ...subject] = String((error as Error).message).split(' ');
      return { call: op.op, errnoName, subject: subject.join(' ') };
    }
  }
}

function missing(ns: NsId): OpFailure {
  const subject = `/run/${ns}`;
  return { ...NO_FAILURE, call: 'open', subject, errnoName: 'ENOENT' };
}

function changed(ns: NsId): OpFailure {
  return { ...NO_FAILURE, call: 'stat', subject: ns, code: 'E_NODE_CHANGED' };
}

function isOfLab({ links, madeBy }: NsDump, group: number | null): boolean {
  return (
    madeBy !== null || links.some((link) => group === null || sameLab(link.group, group) || markOf(link.alias) !== null)
  );
}
