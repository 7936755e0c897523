import type { NsId } from '../../src/net/ns-id.ts';
import type { PidsResult, PidsTask } from '../../src/wire/task.ts';
import { inodeOf } from '../netns.ts';
import { findProcesses } from './processes.ts';

/** The processes in each namespace, as far as they can be seen. */
export function pids(task: PidsTask): PidsResult {
  const { pids: byInode } = findProcesses();
  return {
    pids: task.namespaces.map((ns) => {
      const inode = visibleInodeOf(ns);
      return { ns, pids: inode === null ? [] : (byInode.get(inode) ?? []) };
    }),
  };
}

/** The inode of a namespace; null: it does not exist, or may not be looked at. */
function visibleInodeOf(ns: NsId): number | null {
  try {
    return inodeOf(ns);
  } catch {
    return null;
  }
}
