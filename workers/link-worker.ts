import type { Answer, Results, Task } from '../src/wire/task.ts';
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
export function run(task: Task): Answer<Result> {
  try {
    return { ok: true, ...carryOut(task) };
  } catch (error) {
    if (error instanceof HomeLost) {
      process.exit(1);
    }
    return { ok: false, failure: failureOf(-1, error) };
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
