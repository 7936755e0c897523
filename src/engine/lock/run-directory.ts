/**
 * `lock/` keeps two linklooms from working on one lab at the same time.
 *
 * This file: the directory of the locks. A user who can write in it, or open a file in it, could block linkloom. So it must belong
 * to root alone. It is checked before use: it is opened without following links, and checked through its descriptor.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LinkloomError } from '../../errors.ts';
import { labDirectory, RUN_DIRECTORY } from '../../net/run-directory.ts';

const PARENT = dirname(RUN_DIRECTORY);
const MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
const PERMISSIONS = 0o777;
/** In a directory with this bit, users can't remove or rename each other's files (inode(7)). */
const STICKY = 0o1000;

/**
 * Makes the directory if it is missing, and checks that it belongs to root (or to this user) and to nobody else. If others may read
 * it, its mode is set to 0700. Throws E_PRIVILEGE if it can't be made or opened, and E_UNSAFE if others may write in it or own it.
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

/** What is kept of one lab. Throws as `ensureRunDirectory`, and E_UNSAFE where something else has the name. */
export function ensureLabDirectory(lab: string): void {
  ensureRunDirectory();
  const path = labDirectory(lab);
  try {
    mkdirSync(path, { mode: MODE });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw noPrivilege(`cannot make ${path}`, error);
    // Only root can have made it; a link there would lead elsewhere nevertheless.
    if (!lstatSync(path).isDirectory())
      throw new LinkloomError('E_UNSAFE', `${path} is no directory`, { hint: REMOVE });
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

/** A user who can write in /run could replace the directory, unless /run is sticky. */
function refuseParent({ mode }: Stats): void {
  if ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0) return;
  throw unsafe(`others may replace it, as they may write in ${PARENT} (mode ${octal(mode)})`, `chmod 0755 ${PARENT}`);
}

/** The owner may be root or this user; then nobody else can change the directory. */
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

/**
 * Whether a user id is one that has no number in this user namespace (user_namespaces(7)). In a rootless container the machine's
 * root is one.
 */
function isOfOutside(uid: number): boolean {
  const [, , count] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/);
  return count !== '4294967295' && uid === Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'));
}

/**
 * The error for a file that a missing privilege keeps from being made or opened. `what` says what failed; `cause` is the error of
 * node:fs.
 */
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

/** The code (`ENOENT`…) of an error that node:fs threw. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
