/** Where linkloom keeps what is neither the kernel's nor the user's: locks, and the files of Open vSwitch. A lab's name has no dot. */

/** root's alone (`src/engine/lock/run-directory.ts` sees to that). */
export const RUN_DIRECTORY = '/run/linkloom';

/** What is kept of one lab while it is up. */
export function labDirectory(lab: string): string {
  return `${RUN_DIRECTORY}/${lab}`;
}

/** Whoever works on the lab has this file locked. */
export function lockPathOf(lab: string): string {
  return `${RUN_DIRECTORY}/${lab}.lock`;
}

/** Whoever makes or removes names in /run/netns has this file locked. No lab's: their names begin with a letter or a digit. */
export const NETNS_LOCK = `${RUN_DIRECTORY}/.netns.lock`;
