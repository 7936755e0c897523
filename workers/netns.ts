import { constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { isNamed, type NsId, nsPath, OWN_NS } from '../src/net/ns-id.ts';
import * as libc from './libc.ts';
import { ERRNO, errnoName } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';

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
  return ns === OWN_NS ? OWN : nsPath(ns);
}

/** Which namespace a file stands for, whatever becomes of its name. A number alone is given again to another. */
export interface Identity {
  readonly inode: number;
  /** When the kernel first showed it as a file, which it does once as long as anybody holds that: milliseconds since the Unix epoch, whole. */
  readonly bornMs: number;
}

/** Whether both are the same namespace. null: there is none. */
export function isSameNamespace(a: Identity | null, b: Identity): boolean {
  return a?.inode === b.inode && a.bornMs === b.bornMs;
}

/** Inode of a namespace; null: there is none. Throws SystemFault if it can't be looked at. */
export function inodeOf(ns: NsId): number | null {
  return ns === OWN_NS ? home.inode : (identityAt(pathOf(ns))?.inode ?? null);
}

/** The namespace that a path stands for; null: it stands for none. Opens nothing. Throws SystemFault if it can't be looked at. */
export function identityAt(path: string): Identity | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat && isNamespace(stat) ? identityOf(stat) : null;
  } catch (error) {
    const errno = Math.abs((error as NodeJS.ErrnoException).errno ?? 0);
    if (STANDS_FOR_NOTHING.has(errno)) return null;
    throw new SystemFault('open', path, errno);
  }
}

/** A process that is just ending; links that go round in a circle. */
const STANDS_FOR_NOTHING: ReadonlySet<number> = new Set([ERRNO.ESRCH, ERRNO.ELOOP]);

export function identityOf({ ino, ctimeMs }: Pick<Stats, 'ino' | 'ctimeMs'>): Identity {
  return { inode: ino, bornMs: Math.trunc(ctimeMs) };
}

/**
 * A descriptor of a namespace, and which it is; close it with `closeNamespace`. Needs the ptrace access check for processes
 * (ptrace(2)). Throws SystemFault: `open` ENOENT or ESRCH if there is none. What has a namespace's name in /run/netns can be
 * anything: to open a device does something, and to open a FIFO waits, so only what is a namespace is opened.
 */
export function openNamespace(ns: NsId): Identity & { readonly fd: number } {
  const path = pathOf(ns);
  if (isNamed(ns) && identityAt(path) === null) throw noNamespace(path);
  const fd = openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = faulting('fstat', path, () => fstatSync(fd));
    if (!isNamespace(stat)) throw noNamespace(path);
    return { fd, ...identityOf(stat) };
  } catch (error) {
    closeNamespace(fd);
    throw error;
  }
}

function noNamespace(path: string): SystemFault {
  return new SystemFault('open', path, ERRNO.ENOENT, 'no namespace is mounted there');
}

/** All namespaces are files of one file system, the kernel's nsfs. */
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
