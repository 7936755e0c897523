import { constants, lstatSync, mkdirSync, type Stats, unlinkSync } from 'node:fs';
import { NETNS_DIRECTORY, netnsPath } from '../src/net/ns-id.ts';
import * as libc from './libc.ts';
import { ERRNO, pause } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';
import { enter, identityAt, openFile } from './netns.ts';
import type { NetnsLock } from './netns-lock.ts';
import { forgetOrigin, noteOrigin, originOf } from './origins.ts';

/** linux/mount.h, sys/mount.h. */
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 1 << 20;
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** The time that another program may take from making the file of a name to mounting a namespace on it. */
const OTHERS_MOUNT_MS = 10;

/** How long another program may hold the lock of the directory; `ip netns add` holds it for milliseconds. */
const LOCK_TIMEOUT_MS = 10_000;
const LOCK_POLL_MS = 20;

let directoryIsReady = false;

export interface NewName {
  readonly name: string;
  /** The lab that makes the namespace. */
  readonly lab: string;
}

/**
 * Runs `inside` in the namespace of `fd`, and then gives the namespace a name as `ip netns add` does. In this order a process that
 * is killed meanwhile never leaves a named namespace without its mark, which `inside` sets. Throws SystemFault: `open` EEXIST if the name is
 * taken, by a namespace or by anything else; `mount` EACCES or EPERM where AppArmor or a missing CAP_SYS_ADMIN denies it.
 * Leaves no name behind when it fails.
 */
export function nameNetns<T>(fd: number, { name, lab }: NewName, lock: NetnsLock, inside: () => T): T {
  prepareDirectory();
  lock.share();
  const path = netnsPath(name);
  return enter(fd, path, () => {
    const result = inside();
    const isNew = createMountPoint(path, lock);
    try {
      noteOrigin(name, lab, fd);
      mount('/proc/thread-self/ns/net', path, MS_BIND);
    } catch (error) {
      if (isNew) unlinkSync(path);
      throw error;
    } finally {
      lock.yield();
    }
    return result;
  });
}

/**
 * Makes the file that the namespace is mounted on. Returns false if an empty file was there already. Such a file was left by a program
 * that was killed, or another program is about to mount a namespace on it. This thread holds the lock on names alone, so that program
 * is no linkloom; `ip netns add` mounts within microseconds, so waiting for a moment tells which it is. The file that was left is used,
 * not removed: in another mount namespace it may still hold a namespace, and removing the file would take that away.
 */
function createMountPoint(path: string, lock: NetnsLock): boolean {
  try {
    createFile(path);
    return true;
  } catch (error) {
    const isThere = error instanceof SystemFault && error.errno === ERRNO.EEXIST;
    if (!isThere || identityAt(path) !== null) throw error;
    const stat = lookAt(path);
    if (stat === undefined) return createMountPoint(path, lock);
    if (!isEmptyFile(stat)) throw inTheWay(path, stat);
    lock.takeAlone();
    pause(OTHERS_MOUNT_MS);
    if (identityAt(path) !== null) throw error;
    return lookAt(path) === undefined ? createMountPoint(path, lock) : false;
  }
}

/** With the permissions that `ip netns add` gives. */
function createFile(path: string): void {
  libc.close(openFile(path, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o444));
}

/** The file of that name itself, not what a symbolic link leads to; undefined: there is none. */
function lookAt(path: string): Stats | undefined {
  return faulting('open', path, () => lstatSync(path, { throwIfNoEntry: false }));
}

/** Whether it is an empty file on the directory's own file system; on another file system somebody has mounted something. */
function isEmptyFile(stat: Stats): boolean {
  return stat.isFile() && stat.size === 0 && stat.dev === lookAt(NETNS_DIRECTORY)?.dev;
}

/** The failure where something else has the name. Nobody can know whose it is, so it stays. */
function inTheWay(path: string, stat: Stats): SystemFault {
  return new SystemFault('open', path, ERRNO.EEXIST, `${kindOf(stat)} has the name, and linkloom did not make it`);
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a directory';
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isFIFO()) return 'a FIFO';
  if (stat.isSocket()) return 'a socket';
  if (stat.isFile()) return stat.size > 0 ? 'a file with content' : 'a file that is mounted there';
  return 'a device';
}

/**
 * Removes the name of a namespace that the lab made, as `ip netns del` does. The kernel dismantles the namespace once no process is in
 * it. A name that is gone already is no failure. Throws SystemFault where something else has the name now: that stays as it is.
 */
export function removeNamed({ name, lab }: NewName): void {
  const path = netnsPath(name);
  const identity = identityAt(path);
  if (identity !== null) {
    if (originOf(name, identity) !== lab) {
      throw new SystemFault('umount', path, 0, `the lab ${lab} did not make this namespace`);
    }
    const result = -libc.umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
    // EINVAL: a link that leads to the namespace.
    if (result !== 0 && result !== ERRNO.EINVAL && result !== ERRNO.ENOENT)
      throw new SystemFault('umount', path, result);
  }
  const stat = lookAt(path);
  if (stat !== undefined && !isEmptyFile(stat)) throw inTheWay(path, stat);
  try {
    if (stat !== undefined) faulting('unlink', path, () => unlinkSync(path));
  } catch (error) {
    if (!(error instanceof SystemFault) || error.errno !== ERRNO.ENOENT) throw error;
  }
  forgetOrigin(name);
}

/**
 * Makes /run/netns a shared mount, so that names made here are seen in every mount namespace and vanish from all.
 * The lock keeps two threads (or an `ip netns add`, which takes the same) from binding it onto itself twice.
 */
function prepareDirectory(): void {
  if (directoryIsReady) return;
  faulting('mkdir', NETNS_DIRECTORY, () => mkdirSync(NETNS_DIRECTORY, { recursive: true, mode: 0o755 }));
  // Anybody may open the directory and hold its lock: where it is a mount already, that is not needed.
  if (!shareDirectory()) bindDirectory();
  directoryIsReady = true;
}

function shareDirectory(): boolean {
  return libc.mount('', NETNS_DIRECTORY, 'none', MS_SHARED | MS_REC) === 0;
}

function bindDirectory(): void {
  const fd = openFile(NETNS_DIRECTORY, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK);
  try {
    awaitLock(fd);
    if (shareDirectory()) return;
    mount(NETNS_DIRECTORY, NETNS_DIRECTORY, MS_BIND | MS_REC);
    mount('', NETNS_DIRECTORY, MS_SHARED | MS_REC);
  } finally {
    libc.close(fd);
  }
}

function awaitLock(fd: number): void {
  const deadlineMs = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const errno = -libc.flock(fd, libc.LOCK_EX | libc.LOCK_NB);
    if (errno === 0) return;
    if (errno !== ERRNO.EWOULDBLOCK || performance.now() > deadlineMs) {
      throw new SystemFault('flock', NETNS_DIRECTORY, errno, 'another program holds the lock of this directory');
    }
    pause(LOCK_POLL_MS);
  }
}

function mount(source: string, target: string, flags: number): void {
  const result = -libc.mount(source, target, 'none', flags);
  if (result === 0) return;
  const denied = result === ERRNO.EACCES || result === ERRNO.EPERM;
  const detail = denied ? 'mount is denied: by AppArmor’s profile for containers, or for want of CAP_SYS_ADMIN' : '';
  throw new SystemFault('mount', target, result, detail);
}
