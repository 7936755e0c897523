import { type Dirent, readdirSync } from 'node:fs';
import { groupOf, isOurGroup, markOf, ROLE, sameLab } from '../../src/net/mark.ts';
import { isNamed, NETNS_DIRECTORY, type NsId, namedNs, OWN_NS, processNs } from '../../src/net/ns-id.ts';
import { isDeserted, tenancyOf } from '../../src/net/tenants.ts';
import type { OpFailure } from '../../src/wire/failure.ts';
import type { LinkDump, NsDump } from '../../src/wire/seen.ts';
import type { ScanResult, ScanTask } from '../../src/wire/task.ts';
import { failureOf } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import { faulting, SystemFault } from '../netlink/fault.ts';
import { homeInode, inodeOf } from '../netns.ts';
import { dumpNamespace } from './dump.ts';
import { findProcesses } from './processes.ts';

/** Most pids that a failure names. */
const PIDS_NAMED = 5;

const MISSING: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ENOTDIR]);

const LINKS_ONLY = { addresses: false, routes: false, counters: false, traffic: false, offloads: [] } as const;

/**
 * Looks for a lab's devices (or every lab's) in all namespaces that can be reached, each distinct one once: under its
 * name if it has one, else as our own, else by its first process. What can't be read is among the failures.
 */
export function scan(task: ScanTask): ScanResult {
  const failures: OpFailure[] = [];
  const dumps: NsDump[] = [];
  for (const ns of candidates(task, failures)) {
    const lab = { routesOf: task.translationsOf, translationsOf: task.translationsOf };
    const dump = dumpNamespace(ns, { ...LINKS_ONLY, ...detailsOf(task), ...lab });
    if (dump.failure) failures.push(dump.failure);
    else if (isConcerned(dump, task.group)) dumps.push(dump);
  }
  return { dumps, failures };
}

/** What is of the lab; and what nobody else will ever take away. */
function isConcerned(dump: NsDump, group: number | null): boolean {
  if (dump.links.some((link) => isOfLab(link, group)) || isMadeBy(dump, group)) return true;
  return isDeserted(tenancyOf('', dump.madeBy, dump.links));
}

/** A namespace that a lab made is its own, whatever is in it. */
function isMadeBy({ madeBy }: NsDump, group: number | null): boolean {
  return madeBy !== null && (group === null || sameLab(groupOf(madeBy, ROLE.nodeEnd), group));
}

function detailsOf({ details = false }: ScanTask): { readonly addresses: boolean; readonly counters: boolean } {
  return { addresses: details, counters: details };
}

/** By group, or by alias: a namespace of ours is marked on its `lo`, which stays in group 0. */
function isOfLab(link: LinkDump, group: number | null): boolean {
  if (group === null ? isOurGroup(link.group) : sameLab(link.group, group)) return true;
  const mark = link.alias === '' ? null : markOf(link.alias);
  return mark !== null && (group === null || sameLab(groupOf(mark.lab, ROLE.nodeEnd), group));
}

function candidates({ processes, except }: ScanTask, failures: OpFailure[]): NsId[] {
  const seen = new Set<number>();
  const found: NsId[] = [];
  const add = (ns: NsId, inode: number | null): void => {
    if (inode === null || seen.has(inode)) return;
    seen.add(inode);
    found.push(ns);
  };
  const attempt = (ns: NsId, part: (inode: number | null) => void): void => {
    try {
      part(inodeOf(ns));
    } catch (error) {
      failures.push(failureOf(null, error));
    }
  };
  const known = new Set(except);
  const { mounts, links } = namedNamespaces();
  const hasLinks = links.length > 0;
  // Those left out come first, so that they are not found under another name, which a link to a container's namespace is.
  for (const ns of except) if (isNamed(ns) || hasLinks) attempt(ns, (inode) => inode !== null && seen.add(inode));
  for (const ns of mounts) if (!known.has(ns)) attempt(ns, (inode) => add(ns, inode));
  add(OWN_NS, homeInode());
  if (processes) addProcesses(add, failures);
  for (const ns of links) if (!known.has(ns)) attempt(ns, (inode) => add(ns, inode));
  return found;
}

function addProcesses(add: (ns: NsId, inode: number) => void, failures: OpFailure[]): void {
  const { pids, unreadable } = findProcesses();
  for (const [inode, [pid]] of pids) if (pid !== undefined) add(processNs(pid), inode);
  const [first] = unreadable;
  if (first)
    failures.push(
      unreadableProcesses(
        unreadable.map(({ pid }) => pid),
        first.error,
      ),
    );
}

/** Names that a namespace is mounted on, and those that lead to one elsewhere: another name of it, or a process's. */
function namedNamespaces(): { readonly mounts: readonly NsId[]; readonly links: readonly NsId[] } {
  try {
    const entries = faulting('open', NETNS_DIRECTORY, () => readdirSync(NETNS_DIRECTORY, { withFileTypes: true }));
    const isLink = (entry: Dirent): boolean => entry.isSymbolicLink();
    const idsOf = (some: readonly Dirent[]): readonly NsId[] => some.map(({ name }) => namedNs(name));
    return { mounts: idsOf(entries.filter((entry) => !isLink(entry))), links: idsOf(entries.filter(isLink)) };
  } catch (error) {
    // There is none before the first is made.
    if (error instanceof SystemFault && MISSING.has(error.errno)) return { mounts: [], links: [] };
    throw error;
  }
}

/** One failure for all of them: without privilege they are many. */
function unreadableProcesses(pids: readonly number[], error: unknown): OpFailure {
  const named = pids.slice(0, PIDS_NAMED).join(', ');
  const more = pids.length > PIDS_NAMED ? '…' : '';
  return { ...failureOf(null, error), subject: `the namespaces of ${pids.length} processes (pid ${named}${more})` };
}
