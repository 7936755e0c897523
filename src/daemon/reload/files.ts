/**
 * `reload/` lets a running daemon follow the files of its configuration: it chooses the folders to watch (watched-folders.ts),
 * notices changes (files.ts), reads the files again (reload.ts), and says what differs (difference.ts).
 *
 * This file: notices that files have changed. An event only says when to look at the files; their state then decides.
 */
import { type BigIntStats, type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { foldersToWatch } from './watched-folders.ts';

export interface FollowTiming {
  /** Editors write in several steps. The files are looked at when nothing has happened for this long. */
  readonly quietMs: number;
  /**
   * The files are also looked at this often without an event, since some file systems send none (inotify(7), "Limitations and
   * caveats").
   */
  readonly pollMs: number;
}

const FOLLOW_TIMING: FollowTiming = { quietMs: 200, pollMs: 10_000 };

export interface FollowOptions {
  readonly paths: readonly string[];
  /** When the files were read, in milliseconds since the epoch. A file that was written later has changed. */
  readonly readAtMs: number;
  /** Called when a file has changed. */
  readonly onChange: () => void;
  /** Called once, with the reason, if there can be no events and polling alone finds changes. */
  readonly onDeaf: (why: string) => void;
  readonly timing?: FollowTiming;
}

/** A text that changes whenever the file is replaced or written. */
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
 * Follows files by their absolute paths. It notices files that are written in place, replaced by a rename, removed or made again,
 * and symbolic links that now lead elsewhere. It uses synchronous calls, and few of them.
 */
export class FollowedFiles implements Disposable {
  readonly #options: FollowOptions;
  readonly #timing: FollowTiming;
  /** The stamp of each file when it was last looked at. */
  #stamps: ReadonlyMap<string, string>;
  readonly #watchers: FSWatcher[] = [];
  readonly #poll: NodeJS.Timeout;
  #quietTimer: NodeJS.Timeout | undefined;
  #isDeaf = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#timing = options.timing ?? FOLLOW_TIMING;
    this.#stamps = new Map(options.paths.map((path) => [path, isNewer(path, options.readAtMs) ? '' : stampOf(path)]));
    this.#listen();
    this.#soon();
    this.#poll = setInterval(() => this.#check(), this.#timing.pollMs);
  }

  /** Follows these files instead. */
  follow(paths: readonly string[]): void {
    this.#stamps = new Map(paths.map((path) => [path, this.#stamps.get(path) ?? stampOf(path)]));
    this.#listen();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    clearTimeout(this.#quietTimer);
    this.#close();
  }

  #check(): void {
    const now = new Map([...this.#stamps.keys()].map((path) => [path, stampOf(path)]));
    if ([...now].every(([path, stamp]) => this.#stamps.get(path) === stamp)) return;
    this.#stamps = now;
    // The kernel watches a file, not its name. A file that was replaced must be watched anew, and may be in another folder now.
    this.#listen();
    this.#options.onChange();
  }

  #listen(): void {
    this.#close();
    for (const [folder, names] of foldersToWatch([...this.#stamps.keys()])) {
      this.#watch(folder, (name) => name === null || names.has(name));
    }
    // If a single file is mounted (as Docker does), no event comes for its folder, so the file itself is watched too.
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
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#check(), this.#timing.quietMs);
  }

  #close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }
}
