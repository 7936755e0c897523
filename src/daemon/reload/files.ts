/**
 * `reload/` lets a running daemon follow the files of its configuration: where to watch (places.ts), when a file changed (files.ts),
 * reading it again (reload.ts), and telling the difference (difference.ts).
 *
 * This file: notices that files changed. An event only says when to look at the files; their state then decides.
 */
import { type BigIntStats, type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { placesOf } from './places.ts';

export interface FollowTiming {
  /** Editors write in several steps: the files are looked at when nothing has happened for this long. */
  readonly settleMs: number;
  /** The files are also looked at without an event, this often: some file systems send none (inotify(7), "Limitations and caveats"). */
  readonly pollMs: number;
}

const FOLLOW_TIMING: FollowTiming = { settleMs: 200, pollMs: 10_000 };

export interface FollowOptions {
  readonly paths: readonly string[];
  /** When the files were read: what was written later is a change. Milliseconds since the epoch. */
  readonly readAtMs: number;
  /** Called when a file has changed. */
  readonly onChange: () => void;
  /** Called once, with the reason, if events can't be had and changes are found by polling alone. */
  readonly onDeaf: (why: string) => void;
  readonly timing?: FollowTiming;
}

/** A text that differs once the file was replaced or written. */
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
