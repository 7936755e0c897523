import { existsSync, fstatSync, mkdirSync, readdirSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { netnsPath } from '../src/net/ns-id.ts';
import { RUN_DIRECTORY } from '../src/net/run-directory.ts';
import * as libc from './libc.ts';
import { ERRNO } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';
import { type Identity, identityOf } from './netns.ts';

/**
 * Who made which named namespace. Whoever is in a namespace can write any mark into it, so what proves that linkloom made it is
 * kept where only root can write: a symbolic link of the namespace's name, whose text is `LAB INODE BORN`. Like the names in
 * /run/netns it lasts as long as the machine runs. A lab's name has no dot.
 */
const DIRECTORY = `${RUN_DIRECTORY}/.netns`;

/** A lab's name has 63 bytes at most. */
const text = Buffer.alloc(128);

/** A directory that is empty is taken away, maybe between two steps of another thread. */
const TRIES = 5;

let isSwept = false;

/** Notes that a lab made the namespace of `fd`, which is about to have this name: there is a file for it already. Throws SystemFault. */
export function noteOrigin(name: string, lab: string, fd: number): void {
  const path = `${DIRECTORY}/${name}`;
  const { inode, bornMs } = faulting('fstat', path, () => identityOf(fstatSync(fd)));
  sweepOnce();
  for (let tries = 1; ; tries++) {
    const errno = link(`${lab} ${inode} ${bornMs}`, path);
    if (errno === 0) return;
    if (tries === TRIES || (errno !== ERRNO.ENOENT && errno !== ERRNO.EEXIST))
      throw new SystemFault('symlink', path, errno);
    if (errno === ERRNO.EEXIST) forgetOrigin(name);
    else faulting('mkdir', DIRECTORY, () => mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 }));
  }
}

/** Notes of namespaces whose names were taken away by other means say nothing any more. */
function sweepOnce(): void {
  if (isSwept) return;
  isSwept = true;
  for (const name of readdirOrNone(DIRECTORY)) if (!existsSync(netnsPath(name))) forgetOrigin(name);
}

function readdirOrNone(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(note: string, path: string): number {
  try {
    symlinkSync(note, path);
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}

/** Forgets who made the namespace of a name. Not noted is no failure. */
export function forgetOrigin(name: string): void {
  const path = `${DIRECTORY}/${name}`;
  try {
    unlinkSync(path);
    rmdirSync(DIRECTORY);
  } catch (error) {
    const errno = errnoOf(error);
    // Not noted; others are.
    if (errno !== ERRNO.ENOENT && errno !== ERRNO.ENOTEMPTY) throw new SystemFault('unlink', path, errno);
  }
}

function errnoOf(error: unknown): number {
  return Math.abs((error as NodeJS.ErrnoException).errno ?? 0);
}

/** The lab that made the namespace of this name, if it is the one that is meant; null: it is not known that a lab did. */
export function originOf(name: string, { inode, bornMs }: Identity): string | null {
  const length = libc.readlink(`${DIRECTORY}/${name}`, text);
  if (length === -ERRNO.ENOENT || length === -ERRNO.ENOTDIR || length === -ERRNO.EINVAL) return null;
  if (length < 0) throw new SystemFault('readlink', `${DIRECTORY}/${name}`, -length);
  const [lab = '', ...identity] = text.toString('latin1', 0, length).split(' ');
  return lab !== '' && identity.join(' ') === `${inode} ${bornMs}` ? lab : null;
}
