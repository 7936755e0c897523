/**
 * `lock/` keeps two linklooms from working on one lab.
 *
 * This file: the directory of the locks. Who can write in it, or open a file in it, could keep linkloom waiting; so it has to
 * be root's alone, and is never trusted unseen: it is opened without following links, and looked at by its descriptor.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LinkloomError } from '../../errors.ts';
import { RUN_DIRECTORY } from '../../net/run-directory.ts';

const PARENT = dirname(RUN_DIRECTORY);
const MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
const PERMISSIONS = 0o777;
/** In such a directory nobody takes away what is another's (inode(7)). */
const STICKY = 0o1000;

/**
 * Make the directory where it is missing, and see that it is root's (or this user's) and nobody else's; one that others may
 * only read is closed to them. Throws E_PRIVILEGE where it can't be made or opened, E_UNSAFE where it is not to be trusted.
 */
export function ensureRunDirectory(): void {
  refuseParent(statSync(PARENT));
  try {
    mkdirSync(RUN_DIRECTORY, { mode: MODE });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw noPrivilege(`cannot make ${RUN_DIRECTORY}, where locks are kept`, error);
  }
  const fd = openDirectory();
  try {
    const stat = fstatSync(fd);
    refuseDirectory(stat);
    if ((stat.mode & PERMISSIONS & ~MODE) !== 0) fchmodSync(fd, MODE);
  } finally {
    closeSync(fd);
  }
}

function openDirectory(): number {
  try {
    return openSync(RUN_DIRECTORY, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    // ELOOP or, with O_DIRECTORY, ENOTDIR: open(2).
    if (codeOf(error) === 'ELOOP' || codeOf(error) === 'ENOTDIR') throw unsafe('it is no directory', REMOVE, error);
    throw noPrivilege(`cannot open ${RUN_DIRECTORY}, where locks are kept`, error);
  }
}

/** Whoever can write in /run could put another directory into its place, unless it is sticky. */
function refuseParent({ mode }: Stats): void {
  if ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0) return;
  throw unsafe(`others may replace it, as they may write in ${PARENT} (mode ${octal(mode)})`, `chmod 0755 ${PARENT}`);
}

/** Its owner may be ourselves: then nobody else but root can change it. */
function refuseDirectory({ uid, mode }: Stats): void {
  if (uid !== 0 && uid !== process.geteuid?.()) {
    if (isOfOutside(uid))
      throw noPrivilege(`${RUN_DIRECTORY}, where locks are kept, is of another user namespace`, null);
    throw unsafe(`it belongs to the user ${uid}, who could keep linkloom waiting`, REMOVE);
  }
  if ((mode & WRITABLE_BY_OTHERS) === 0) return;
  throw unsafe(
    `others may write in it (mode ${octal(mode)})`,
    `remove what is not yours in it, and chmod 0700 ${RUN_DIRECTORY}`,
  );
}

/** A user that has no number in this user namespace (user_namespaces(7)): rootless, the machine's own root. */
function isOfOutside(uid: number): boolean {
  const [, , count] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/);
  return count !== '4294967295' && uid === Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'));
}

/** `what` could not be done for want of a right; `cause` is node:fs's error. */
export function noPrivilege(what: string, cause: unknown): LinkloomError {
  return new LinkloomError('E_PRIVILEGE', cause === null ? what : `${what}: ${codeOf(cause)}`, {
    hint: `run as root (sudo); where ${PARENT} can't be written, rootless or read-only, mount a tmpfs on it first`,
    cause,
  });
}

const REMOVE = `see what it is and who made it, and remove it: linkloom makes it anew, for root alone`;

function unsafe(fault: string, hint: string, cause?: unknown): LinkloomError {
  return new LinkloomError('E_UNSAFE', `${RUN_DIRECTORY}, where locks are kept, can't be trusted: ${fault}`, {
    hint,
    cause,
  });
}

function octal(mode: number): string {
  return (mode & (PERMISSIONS | STICKY)).toString(8).padStart(4, '0');
}

/** `ENOENT`… of what node:fs throws. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
