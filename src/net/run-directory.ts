/** Where linkloom keeps what is neither the kernel's nor the user's: locks, and the files of Open vSwitch. A lab's name has no dot. */

/** The directory. It belongs to root alone, which `src/engine/lock/run-directory.ts` ensures. */
export const RUN_DIRECTORY = '/run/linkloom';

/** Whether a path is in that directory. */
export function isRunFile(path: string): boolean {
  return path.startsWith(`${RUN_DIRECTORY}/`);
}

/** What is kept of one lab while it is up. */
export function labDirectory(lab: string): string {
  return `${RUN_DIRECTORY}/${lab}`;
}

/**
 * The socket of the API of a lab's daemon. With the longest name that a lab can have it has 86 bytes (`/run/linkloom/`, 63,
 * `/api.sock`), of the 107 that fit into sun_path (unix(7)).
 */
export function apiSocketPath(lab: string): string {
  return `${labDirectory(lab)}/api.sock`;
}

/** What the name of a lock's file ends in. */
export const LOCK_SUFFIX = '.lock';

/** The lock file of a lab. A linkloom that works on the lab has it locked. */
export function lockPathOf(lab: string): string {
  return `${RUN_DIRECTORY}/${lab}${LOCK_SUFFIX}`;
}

/** What the name of the file ends in that says whose run a lab is. */
export const RUN_SUFFIX = '.run';

/** That file. It is there from before anything of the lab is made until all of it is removed. */
export function runPathOf(lab: string): string {
  return `${RUN_DIRECTORY}/${lab}${RUN_SUFFIX}`;
}

/** What a removal in the background has said. It stays where the removal failed. */
export function removalLogPath(lab: string): string {
  return `${RUN_DIRECTORY}/${lab}.down.log`;
}

/**
 * The lock file for /run/netns. A linkloom that makes or removes names there has it locked. It can't be a lab's: a lab's name
 * begins with a letter or a digit.
 */
export const NETNS_LOCK = `${RUN_DIRECTORY}/.netns.lock`;
