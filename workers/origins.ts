import { fstatSync, lstatSync, mkdirSync, readdirSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
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
  note(name, `${lab} ${inode} ${bornMs}`);
}

/** The note of a name that is a link to a container's namespace. */
const LINK = 'link';

/** Notes that a lab gives a container this name. Throws SystemFault. */
export function noteLink(name: string, lab: string): void {
  note(name, `${lab} ${LINK}`);
}

/** Whether the lab has noted that it gives a container this name. */
export function isLinkOf(name: string, lab: string): boolean {
  return noteOf(name) === `${lab} ${LINK}`;
}

function note(name: string, said: string): void {
  const path = `${DIRECTORY}/${name}`;
  sweepOnce();
  for (let tries = 1; ; tries++) {
    const errno = link(said, path);
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
  for (const name of readdirOrNone(DIRECTORY)) {
    // A container's name is a link, which may lead nowhere by now.
    const isNamed = lstatSync(netnsPath(name), { throwIfNoEntry: false }) !== undefined;
    if (!isNamed) forgetOrigin(name);
  }
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
  const [lab = '', ...identity] = noteOf(name).split(' ');
  return lab !== '' && identity.join(' ') === `${inode} ${bornMs}` ? lab : null;
}

/** Empty: there is none. */
function noteOf(name: string): string {
  const length = libc.readlink(`${DIRECTORY}/${name}`, text);
  if (length === -ERRNO.ENOENT || length === -ERRNO.ENOTDIR || length === -ERRNO.EINVAL) return '';
  if (length < 0) throw new SystemFault('readlink', `${DIRECTORY}/${name}`, -length);
  return text.toString('latin1', 0, length);
}
