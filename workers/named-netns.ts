import { closeSync, constants, mkdirSync, openSync, unlinkSync } from 'node:fs';
import * as libc from './libc.ts';
import { ERRNO } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';
import { enter, inodeOf, NETNS_DIRECTORY, openFile } from './netns.ts';

/** linux/mount.h. */
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 1 << 20;
const MNT_DETACH = 2;

let directoryIsReady = false;

/**
 * Gives the namespace of `fd` a name as `ip netns add` does, and runs `inside` in it before: what is killed meanwhile leaves
 * no namespace that lacks what `inside` gives it, its mark. Throws SystemFault: `open` EEXIST if the name is
 * taken, `mount` EACCES or EPERM where AppArmor or a missing CAP_SYS_ADMIN denies it. Leaves no name behind when it fails.
 */
export function nameNetns<T>(fd: number, name: string, inside: () => T): T {
  prepareDirectory();
  const path = `${NETNS_DIRECTORY}/${name}`;
  return enter(fd, path, () => {
    const result = inside();
    createMountPoint(name, path);
    try {
      mount('/proc/thread-self/ns/net', path, MS_BIND);
    } catch (error) {
      unlinkSync(path);
      throw error;
    }
    return result;
  });
}

/** A file to mount on. One that is there and holds no namespace was left by something that was killed: it goes. */
function createMountPoint(name: string, path: string): void {
  try {
    createFile(path);
  } catch (error) {
    const isThere = error instanceof SystemFault && error.errno === ERRNO.EEXIST;
    if (!isThere || inodeOf(`netns/${name}`) !== 0) throw error;
    unlinkSync(path);
    createFile(path);
  }
}

/** With the permissions that `ip netns add` gives. */
function createFile(path: string): void {
  libc.close(openFile(path, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL, 0o444));
}

/** Takes a named namespace's name away, as `ip netns del` does; the kernel dismantles it once nobody is in it. Gone already is no failure. */
export function removeNamed(name: string): void {
  const path = `${NETNS_DIRECTORY}/${name}`;
  const result = -libc.umount2(path, MNT_DETACH);
  // EINVAL: a plain file, left by something that was killed between making and mounting it.
  if (result !== 0 && result !== ERRNO.EINVAL && result !== ERRNO.ENOENT) throw new SystemFault('umount', path, result);
  try {
    faulting('unlink', path, () => unlinkSync(path));
  } catch (error) {
    if (!(error instanceof SystemFault) || error.errno !== ERRNO.ENOENT) throw error;
  }
}

/**
 * Makes /run/netns a shared mount, so that names made here are seen in every mount namespace and vanish from all.
 * The lock keeps two threads (or an `ip netns add`, which takes the same) from binding it onto itself twice.
 */
function prepareDirectory(): void {
  if (directoryIsReady) return;
  faulting('mkdir', NETNS_DIRECTORY, () => mkdirSync(NETNS_DIRECTORY, { recursive: true, mode: 0o755 }));
  const lock = faulting('open', NETNS_DIRECTORY, () => openSync(NETNS_DIRECTORY, 'r'));
  try {
    libc.flock(lock, libc.LOCK_EX);
    if (libc.mount('', NETNS_DIRECTORY, 'none', MS_SHARED | MS_REC) < 0) {
      mount(NETNS_DIRECTORY, NETNS_DIRECTORY, MS_BIND | MS_REC);
      mount('', NETNS_DIRECTORY, MS_SHARED | MS_REC);
    }
  } finally {
    closeSync(lock);
  }
  directoryIsReady = true;
}

function mount(source: string, target: string, flags: number): void {
  const result = -libc.mount(source, target, 'none', flags);
  if (result === 0) return;
  const denied = result === ERRNO.EACCES || result === ERRNO.EPERM;
  const detail = denied ? 'mount is denied: by AppArmor’s profile for containers, or for want of CAP_SYS_ADMIN' : '';
  throw new SystemFault('mount', target, result, detail);
}
