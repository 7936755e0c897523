/** Finds where a lab's switch side is that no run here has: in the namespace of a process, or in one that has its name elsewhere. */
import { readdirSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import { groupOf, ROLE } from '../net/mark.ts';
import { netnsNameOf, netnsPath } from '../net/ns-id.ts';
import type { Doubts } from '../plan/plan.ts';
import {
  endsThatLive,
  hasEnd,
  isMarkedAsSwitch,
  looseEnds,
  type Sight,
  switchElsewhere,
} from '../plan/switch/elsewhere.ts';
import { shardName } from '../plan/switch/placement.ts';
import type { NsDump } from '../wire/seen.ts';
import { LINKS_ONLY, observeCloser } from './observe.ts';
import type { Workers } from './workers.ts';

/** The file system of namespaces: linux/magic.h. */
const NSFS_MAGIC = 0x6e736673;

/** Where a switch side is. */
export type Elsewhere =
  /** In a namespace that can be looked into. */
  | { readonly by: 'dump'; readonly dump: NsDump }
  /** In a namespace that has its name where this process looks for named namespaces; what it is called there. */
  | { readonly by: 'name'; readonly pid: number; readonly name: string }
  /** In a namespace that no process here is in. */
  | { readonly by: 'nothing' };

/**
 * null: the lab is here, or nowhere. Asks the kernel only where a node end of the lab has its other end in no namespace that was
 * looked into. A switch namespace that has lost its name, and lives because of a process in it, is nobody's any more.
 */
export async function findElsewhere(workers: Workers, sight: Sight): Promise<Elsewhere | null> {
  const seen = switchElsewhere(sight);
  if (seen !== null) return { by: 'dump', dump: seen };
  const ends = looseEnds(sight);
  if (ends.size === 0) return null;
  const alive = await aliveOf(workers, sight, ends);
  if (alive.size === 0) return null;
  const { lab } = sight;
  const group = groupOf(lab, ROLE.nodeEnd);
  const { dumps } = await workers.ask({ task: 'scan', group, processes: true, except: [], translationsOf: null });
  const holders = dumps.filter((dump) => hasEnd(sight, dump, alive));
  const found = switchElsewhere(sight, holders);
  if (found !== null && !isMarkedAsSwitch(lab, found)) return { by: 'dump', dump: found };
  const named = namedElsewhere(lab, found?.inode ?? null);
  if (named !== null) return { by: 'name', ...named };
  return holders.length === 0 ? { by: 'nothing' } : null;
}

async function aliveOf(workers: Workers, sight: Sight, farEnds: Doubts['farEnds']): Promise<ReadonlySet<string>> {
  const closer = { others: new Set<never>(), farEnds };
  const observed = await observeCloser(workers, sight.lab, sight.observed, closer, LINKS_ONLY);
  return endsThatLive({ ...sight, observed }, farEnds);
}

/**
 * A process in another mount namespace, for which the lab's first switch namespace has a name. `inode`: which namespace that must be;
 * null: any that is not so called here.
 */
function namedElsewhere(lab: string, inode: number | null): { readonly pid: number; readonly name: string } | null {
  const name = netnsNameOf(shardName(lab, 0));
  const here = namespaceAt(netnsPath(name));
  const mounts = new Set([mountsOf(String(process.pid))]);
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const mount = mountsOf(pid);
    if (mount === null || mounts.has(mount)) continue;
    mounts.add(mount);
    const there = namespaceAt(`/proc/${pid}/root${netnsPath(name)}`);
    if (there !== null && there !== here && (inode === null || there === inode)) return { pid: Number(pid), name };
  }
  return null;
}

/** The inode of linkloom's own network namespace. */
export function ownInode(): number {
  return statSync('/proc/self/ns/net').ino;
}

/** The inode of the namespace of that name; null: there is none, or only the file that its mount once covered. */
function namespaceAt(path: string): number | null {
  try {
    return statfsSync(path).type === NSFS_MAGIC ? statSync(path).ino : null;
  } catch {
    return null;
  }
}

function mountsOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return null;
  }
}
