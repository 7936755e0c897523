import { type Dirent, readdirSync } from 'node:fs';
import { groupOf, isOurGroup, markOf, ROLE, sameLab } from '../../src/net/mark.ts';
import { isNamed, NETNS_DIRECTORY, type NsId, namedNs, OWN_NS, processNs } from '../../src/net/ns-id.ts';
import { isDeserted, tenancyOf } from '../../src/net/tenants.ts';
import type { OpFailure } from '../../src/wire/failure.ts';
import type { LinkDump, NsDump } from '../../src/wire/seen.ts';
import type { DumpWants, ScanResult, ScanTask } from '../../src/wire/task.ts';
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
 * Looks for devices of a lab, or of all labs, in every namespace that can be reached. Each namespace is read once: by its name
 * if it has one, else as our own, else by its first process. A namespace that can't be read is among the failures.
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

/** Whether a namespace holds something of the lab, or something that only linkloom would remove. */
function isConcerned(dump: NsDump, group: number | null): boolean {
  if (dump.links.some((link) => isOfLab(link, group)) || isMadeBy(dump, group)) return true;
  return isDeserted(tenancyOf('', dump.madeBy, dump.links));
}

/** Whether the lab made the namespace. Then it is the lab's, whatever is in it. */
function isMadeBy({ madeBy }: NsDump, group: number | null): boolean {
  return madeBy !== null && (group === null || sameLab(groupOf(madeBy, ROLE.nodeEnd), group));
}

function detailsOf({ details }: ScanTask): Pick<DumpWants, 'addresses' | 'counters' | 'traffic'> {
  const isAll = details === 'all';
  return { addresses: isAll, counters: isAll, traffic: details !== undefined };
}

/** Whether a device is the lab's, by its group or its alias. A namespace is marked by the alias of its `lo`, which is in group 0. */
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
  // The excluded namespaces come first. Otherwise they would be found under another name, such as a link to a container's namespace.
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

/** The names in /run/netns: mounts of a namespace, and symbolic links to another name or to a process's namespace. */
function namedNamespaces(): { readonly mounts: readonly NsId[]; readonly links: readonly NsId[] } {
  try {
    const entries = faulting('open', NETNS_DIRECTORY, () => readdirSync(NETNS_DIRECTORY, { withFileTypes: true }));
    const isLink = (entry: Dirent): boolean => entry.isSymbolicLink();
    const idsOf = (some: readonly Dirent[]): readonly NsId[] => some.map(({ name }) => namedNs(name));
    return { mounts: idsOf(entries.filter((entry) => !isLink(entry))), links: idsOf(entries.filter(isLink)) };
  } catch (error) {
    // /run/netns does not exist before the first name is made.
    if (error instanceof SystemFault && MISSING.has(error.errno)) return { mounts: [], links: [] };
    throw error;
  }
}

/** One failure for all unreadable processes: without privilege there are many. */
function unreadableProcesses(pids: readonly number[], error: unknown): OpFailure {
  const named = pids.slice(0, PIDS_NAMED).join(', ');
  const more = pids.length > PIDS_NAMED ? '…' : '';
  return { ...failureOf(null, error), subject: `the namespaces of ${pids.length} processes (pid ${named}${more})` };
}
