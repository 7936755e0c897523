/**
 * `reload/` has a running daemon follow its configuration: which files to watch (places.ts), when they changed (files.ts), what
 * becomes of that (reload.ts), and what to say (difference.ts).
 *
 * This file: hears that files changed. Events only say when to look: what counts is what the files are then.
 */
import { type BigIntStats, type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { placesOf } from './places.ts';

export interface FollowTiming {
  /** Editors write in several steps: this long nothing has happened, before the files are looked at. */
  readonly settleMs: number;
  /** So often they are looked at though nothing was heard: some file systems tell nothing (inotify(7), "Limitations and caveats"). */
  readonly pollMs: number;
}

const FOLLOW_TIMING: FollowTiming = { settleMs: 200, pollMs: 10_000 };

export interface FollowOptions {
  readonly paths: readonly string[];
  /** What was written after this is not known yet: milliseconds since the epoch. */
  readonly readAtMs: number;
  /** The files are others now. */
  readonly onChange: () => void;
  /** Why changes are found by looking now and then alone; once. */
  readonly onDeaf: (why: string) => void;
  readonly timing?: FollowTiming;
}

/** What a file is: another one, or one written anew, has another text. */
function stampOf(path: string): string {
  try {
    const stat: BigIntStats | undefined = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? 'missing' : [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function isNewer(path: string, timeMs: number): boolean {
  try {
    return (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) >= timeMs;
  } catch {
    return false;
  }
}

/**
 * Follows files by their absolute paths: written in place, replaced by rename, behind symbolic links that are turned to
 * something else, missing and made again. Everything it asks of the file system is synchronous and little.
 */
export class FollowedFiles implements Disposable {
  readonly #options: FollowOptions;
  readonly #timing: FollowTiming;
  /** What each file was when it was looked at last. */
  #stamps: ReadonlyMap<string, string>;
  readonly #watchers: FSWatcher[] = [];
  readonly #poll: NodeJS.Timeout;
  #settling: NodeJS.Timeout | undefined;
  #isDeaf = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#timing = options.timing ?? FOLLOW_TIMING;
    this.#stamps = new Map(options.paths.map((path) => [path, isNewer(path, options.readAtMs) ? '' : stampOf(path)]));
    this.#listen();
    this.#soon();
    this.#poll = setInterval(() => this.#check(), this.#timing.pollMs);
  }

  /** Follow these instead. */
  follow(paths: readonly string[]): void {
    this.#stamps = new Map(paths.map((path) => [path, this.#stamps.get(path) ?? stampOf(path)]));
    this.#listen();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    this.#close();
  }

  #check(): void {
    const now = new Map([...this.#stamps.keys()].map((path) => [path, stampOf(path)]));
    if ([...now].every(([path, stamp]) => this.#stamps.get(path) === stamp)) return;
    this.#stamps = now;
    // A file that was replaced is another one to the kernel, and may lie elsewhere.
    this.#listen();
    this.#options.onChange();
  }

  #listen(): void {
    this.#close();
    for (const [folder, names] of placesOf([...this.#stamps.keys()])) {
      this.#watch(folder, (name) => name === null || names.has(name));
    }
    // A file that is mounted singly is in a folder that hears nothing of it.
    for (const path of this.#stamps.keys()) this.#watch(path, () => true);
  }

  #watch(path: string, concerns: (name: string | null) => boolean): void {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (concerns(name)) this.#soon();
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || this.#isDeaf) return;
      this.#isDeaf = true;
      this.#options.onDeaf(`${basename(path)} in ${dirname(path)}: ${code}`);
    }
  }

  #soon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#check(), this.#timing.settleMs);
  }

  #close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }
}
