import type { NsId } from '../../src/net/ns-id.ts';
import type { PidsResult, PidsTask } from '../../src/wire/task.ts';
import { inodeOf } from '../netns.ts';
import { findProcesses } from './processes.ts';

/** Who is in which namespace, as far as it can be seen. */
export function pids(task: PidsTask): PidsResult {
  const { pids: byInode } = findProcesses();
  return { pids: task.namespaces.map((ns) => ({ ns, pids: byInode.get(inodeOrNone(ns)) ?? [] })) };
}

function inodeOrNone(ns: NsId): number {
  try {
    return inodeOf(ns);
  } catch {
    return 0;
  }
}
