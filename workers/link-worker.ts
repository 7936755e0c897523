import type { PackedResult } from '../src/wire/packed.ts';
import type { Answer, ResultOf, Task, TaskName, Tasks } from '../src/wire/task.ts';
import { apply } from './apply.ts';
import { failureOf } from './failure.ts';
import { HomeLost } from './netns.ts';
import { preferThisThread } from './priority.ts';
import { carriers } from './tasks/carriers.ts';
import { packed } from './tasks/crossing/packed.ts';
import { filter } from './tasks/filter.ts';
import { LOOKERS } from './tasks/looking.ts';
import { machine } from './tasks/machine.ts';
import { names } from './tasks/names.ts';
import { nat } from './tasks/nat.ts';
import { notify } from './tasks/notify.ts';
import { ovs } from './tasks/ovs.ts';
import { partition } from './tasks/partition.ts';
import { rtnl } from './tasks/rtnl.ts';
import { settle } from './tasks/settle.ts';

/** Who carries out each task. */
const TASKS: { readonly [K in TaskName]: (task: Tasks[K]['asked']) => Tasks[K]['answered'] } = {
  ...LOOKERS,
  apply,
  settle,
  rtnl,
  carriers,
  nat,
  ovs,
  names,
  filter,
  notify,
  machine,
  partition,
};

preferThisThread();

/**
 * The pool's entry (Piscina, handler `run`): carries out one task, synchronously. The result of a dump is packed. Never throws: failures are data. The one
 * exception is a thread that can't return to its own namespace: it ends at once, before it does anything there.
 * Privileges: CAP_NET_ADMIN and CAP_SYS_ADMIN; to look at other users' processes CAP_SYS_PTRACE.
 */
export function run(task: Task): Answer<ResultOf<Task>> | Answer<PackedResult> {
  try {
    if (task.task === 'dump') return { ok: true, ...packed(answer('dump', task)) };
    return { ok: true, ...answer(task.task, task) };
  } catch (error) {
    if (error instanceof HomeLost) {
      process.exit(1);
    }
    return { ok: false, failure: failureOf(null, error) };
  }
}

function answer<K extends TaskName>(name: K, task: Tasks[K]['asked']): Tasks[K]['answered'] {
  return TASKS[name](task);
}
