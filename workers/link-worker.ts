import type {
  ApplyResult,
  CarriersResult,
  DumpResult,
  JobResult,
  LockResult,
  NatResult,
  NsDump,
  OpFailure,
  OvsResult,
  PidsResult,
  Results,
  ScanResult,
  SettleResult,
  Task,
} from '../src/engine/protocol.ts';
import { apply } from './apply.ts';
import { failureOf } from './failure.ts';
import { HomeLost } from './netns.ts';
import { preferThisThread } from './priority.ts';
import { carriers } from './tasks/carriers.ts';
import { dump } from './tasks/dump.ts';
import { lock } from './tasks/lock.ts';
import { nat } from './tasks/nat.ts';
import { ovs } from './tasks/ovs.ts';
import { pids } from './tasks/pids.ts';
import { scan } from './tasks/scan.ts';
import { settle } from './tasks/settle.ts';

type Result = Results[Task['task']];

preferThisThread();

/**
 * The pool's entry (Piscina, handler `run`): carries out one task, synchronously. Never throws: failures are data. The one
 * exception is a thread that can't return to its own namespace: it ends at once, before it does anything there.
 * Privileges: CAP_NET_ADMIN and CAP_SYS_ADMIN; to look at other users' processes CAP_SYS_PTRACE.
 */
export function run(task: Task): Result {
  try {
    return carryOut(task);
  } catch (error) {
    if (error instanceof HomeLost) {
      process.exit(1);
    }
    return failed(task, failureOf(-1, error));
  }
}

function carryOut(task: Task): Result {
  switch (task.task) {
    case 'apply':
      return apply(task);
    case 'dump':
      return dump(task);
    case 'scan':
      return scan(task);
    case 'pids':
      return pids(task);
    case 'settle':
      return settle(task);
    case 'carriers':
      return carriers(task);
    case 'nat':
      return nat();
    case 'ovs':
      return ovs(task);
    case 'lock':
      return lock(task);
    default:
      throw new TypeError(`no such task: ${(task satisfies never as Task).task}`);
  }
}

/** The whole task as failed, in the shape of its result. */
function failed(task: Task, failure: OpFailure): Result {
  const nowMs = performance.timeOrigin + performance.now();
  switch (task.task) {
    case 'apply': {
      const job: JobResult = { failures: [failure], cancelledAt: -1, startedMs: nowMs, endedMs: nowMs };
      return { thread: 0, isDeclined: false, jobs: task.jobs.map(() => job) } satisfies ApplyResult;
    }
    case 'dump': {
      const nothing = { inode: 0, madeBy: null, failure, links: [], addresses: [], routes: [], translations: [] };
      return { dumps: task.namespaces.map((ns): NsDump => ({ ns, ...nothing })) } satisfies DumpResult;
    }
    case 'scan':
      return { dumps: [], failures: [failure] } satisfies ScanResult;
    case 'pids':
      return { pids: task.namespaces.map((ns) => ({ ns, pids: [] })) } satisfies PidsResult;
    case 'settle':
      return { settled: false } satisfies SettleResult;
    case 'carriers':
      return { down: task.ends.flatMap(({ ns, devs }) => devs.map((dev) => ({ ns, dev }))) } satisfies CarriersResult;
    case 'nat':
      return { by: null, forwarding: 'locked' } satisfies NatResult;
    case 'ovs':
      return { dumps: [], kernel: task.probeKernel ? false : null } satisfies OvsResult;
    case 'lock':
      return { isTaken: false, failure } satisfies LockResult;
  }
}
