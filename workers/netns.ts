import { constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import type { NsId } from '../src/topology/topology.ts';
import * as libc from './libc.ts';
import { ERRNO, errnoName } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';

/** Where named namespaces are kept, by iproute2's convention (ip-netns(8)). */
export const NETNS_DIRECTORY = '/run/netns';

/** sched.h. */
const CLONE_NEWNET = 0x40000000;

/** The calling thread's own namespace; `/proc/self` would be the main thread's. */
const OWN = '/proc/thread-self/ns/net';

/** The thread can't get back to where it started: it must not do anything any more. */
export class HomeLost extends Error {
  override readonly name = 'HomeLost';
}

/** The namespace this thread started in. Kept for the thread's life; Node closes it when a worker ends. */
const home = { fd: openSync(OWN, 'r'), inode: 0, device: 0 };
({ ino: home.inode, dev: home.device } = fstatSync(home.fd));

/** Inode of the namespace this thread started in. */
export function homeInode(): number {
  return home.inode;
}

/** The file that stands for a namespace. */
export function pathOf(ns: NsId): string {
  if (ns === 'self') return OWN;
  if (ns.startsWith('netns/')) return `${NETNS_DIRECTORY}/${ns.slice('netns/'.length)}`;
  return `/proc/${ns.slice('pid/'.length)}/ns/net`;
}

/** Inode of a namespace, 0 if there is none. Throws SystemFault if it can't be looked at. */
export function inodeOf(ns: NsId): number {
  if (ns === 'self') return home.inode;
  const path = pathOf(ns);
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat && isNamespace(stat) ? stat.ino : 0;
  } catch (error) {
    const errno = Math.abs((error as NodeJS.ErrnoException).errno ?? 0);
    // A process that is just ending.
    if (errno === ERRNO.ESRCH) return 0;
    throw new SystemFault('open', path, errno);
  }
}

/**
 * A descriptor of a namespace, and its inode; close it with `closeNamespace`. Needs the ptrace access check for processes
 * (ptrace(2)). Throws SystemFault: `open` ENOENT or ESRCH if there is none.
 */
export function openNamespace(ns: NsId): { readonly fd: number; readonly inode: number } {
  const path = pathOf(ns);
  const fd = openFile(path, constants.O_RDONLY);
  const stat = faulting('fstat', path, () => fstatSync(fd));
  if (isNamespace(stat)) return { fd, inode: stat.ino };
  closeNamespace(fd);
  throw new SystemFault('open', path, ERRNO.ENOENT, 'no namespace is mounted there');
}

/** A plain file under /run/netns is what is left of something that was killed before it mounted a namespace there. */
function isNamespace(stat: Stats): boolean {
  return stat.dev === home.device;
}

export function closeNamespace(fd: number): void {
  libc.close(fd);
}

/**
 * Runs `inside` with the calling thread in the namespace of `fd`, and returns home whatever happens. `inside` must be
 * synchronous to its last step. Needs CAP_SYS_ADMIN here and there. Throws SystemFault, or HomeLost if there is no way back.
 */
export function enter<T>(fd: number, subject: string, inside: () => T): T {
  const entered = libc.setns(fd, CLONE_NEWNET);
  if (entered < 0) throw new SystemFault('setns', subject, -entered);
  try {
    return inside();
  } finally {
    goHome();
  }
}

/** Runs `inside` in a network namespace that is new and has no name yet, and returns home. Needs CAP_SYS_ADMIN. Throws as `enter`. */
export function enterNew<T>(subject: string, inside: () => T): T {
  const made = libc.unshare(CLONE_NEWNET);
  if (made < 0) throw new SystemFault('unshare', subject, -made);
  try {
    return inside();
  } finally {
    goHome();
  }
}

/** A network namespace that is new and has no name, as a descriptor: it lasts as long as that. Needs CAP_SYS_ADMIN. Throws as `enter`. */
export function newNamespace(subject: string): number {
  return enterNew(subject, openCurrent);
}

/** A descriptor of the namespace the thread is in at this moment. */
export function openCurrent(): number {
  return openFile(OWN, constants.O_RDONLY);
}

/** open(2); close it with libc, too. `mode` is for what O_CREAT makes. Throws SystemFault. */
export function openFile(path: string, flags: number, mode = 0): number {
  const fd = libc.open(path, flags, mode);
  if (fd < 0) throw new SystemFault('open', path, -fd);
  return fd;
}

function goHome(): void {
  const returned = libc.setns(home.fd, CLONE_NEWNET);
  if (returned < 0) throw new HomeLost(`cannot return to the own namespace: setns ${errnoName(-returned)}`);
}
