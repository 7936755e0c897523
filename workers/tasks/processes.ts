import { readdirSync } from 'node:fs';
import { processNs } from '../../src/net/ns-id.ts';
import { faulting } from '../netlink/fault.ts';
import { inodeOf } from '../netns.ts';

/** The network namespaces of all processes in /proc. */
export interface ProcessNamespaces {
  /** Inode → pids in it, in ascending order. */
  readonly pids: ReadonlyMap<number, readonly number[]>;
  /** Processes whose namespace may not be looked at (ptrace(2), PTRACE_MODE_READ_FSCREDS). */
  readonly unreadable: readonly { readonly pid: number; readonly error: unknown }[];
}

/** Reads /proc. Kernel threads count as processes of the initial namespace. */
export function findProcesses(): ProcessNamespaces {
  const pids = new Map<number, number[]>();
  const unreadable: { pid: number; error: unknown }[] = [];
  const all = faulting('open', '/proc', () => readdirSync('/proc'))
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
  for (const pid of all) {
    try {
      const inode = inodeOf(processNs(pid));
      if (inode === null) continue;
      const known = pids.get(inode);
      if (known) known.push(pid);
      else pids.set(inode, [pid]);
    } catch (error) {
      unreadable.push({ pid, error });
    }
  }
  return { pids, unreadable };
}
