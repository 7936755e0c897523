/** Finds what a test run leaves behind. It looks before and after each suite, from inside the suite's sandbox. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The environment variable that every process of a test run inherits. */
export const RUN_VARIABLE = 'LINKLOOM_TEST_RUN';

/** The group numbers of linkloom's devices, with its magic number in the top byte (src/net/mark.ts). */
const OUR_GROUP = /\bgroup 12[78]\d{7}\b/;

export interface LeakScope {
  /** The value of RUN_VARIABLE for this run. */
  readonly run: string;
  /** The run's own temporary folder, which must be empty at the end. */
  readonly tmp: string;
  /** Whether the network namespace is the run's own. If it is the machine's, only devices with linkloom's mark count. */
  readonly ownNetwork: boolean;
}

/**
 * Files of linkloom that may stay: a lock's file, since its holder would lose the lock with it; and the notes about who made
 * namespaces that a test has deleted by other means, which the next namespace that is made clears.
 */
const LASTING: ReadonlySet<string> = new Set(['.netns.lock', '.netns']);

/** Everything that exists, one line each: named namespaces, devices, mounts, processes of this run, files. */
export function snapshot(scope: LeakScope): ReadonlySet<string> {
  return new Set([
    ...list('/run/netns').map((name) => `network namespace ${name}`),
    ...links(scope.ownNetwork).map((line) => `device ${line}`),
    ...mounts().map((mount) => `mount ${mount}`),
    ...processes(scope.run).map((line) => `process ${line}`),
    ...list('/run/linkloom')
      .filter((name) => !LASTING.has(name))
      .map((name) => `file /run/linkloom/${name}`),
    ...list(scope.tmp).map((name) => `file ${scope.tmp}/${name}`),
  ]);
}

/** What exists now and did not before. Namespaces and processes end in the background; they have up to `patienceMs`. */
export async function leaks(
  before: ReadonlySet<string>,
  scope: LeakScope,
  patienceMs = 3_000,
): Promise<readonly string[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = [...snapshot(scope)].filter((thing) => !before.has(thing));
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Ends the processes that a run has left running. */
export function endProcesses(run: string): void {
  for (const line of processes(run)) {
    try {
      process.kill(Number.parseInt(line, 10), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function links(all: boolean): readonly string[] {
  const lines = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n');
  return lines
    .filter((line) => line !== '' && (all || OUR_GROUP.test(line)))
    .map((line) => line.replace(/^(\d+): ([^:]+):.*$/, '$2 (index $1)'));
}

function mounts(): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const words = line.split(' ');
      return `${words[4]} (${words[words.indexOf('-') + 1]})`;
    });
}

function processes(run: string): readonly string[] {
  const found: string[] = [];
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${RUN_VARIABLE}=${run}`)) continue;
      found.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`);
    } catch {
      // It has ended meanwhile, or may not be read.
    }
  }
  return found;
}
