/**
 * Keeps compiled code in a folder that only the user can write. Whoever could write there could have this user, so also root, run
 * anything. So the folder has to be the user's own, and open to nobody else, by its descriptor: its name may lead elsewhere a moment later.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** How many files are kept: a file is of one verb, one version of linkloom and one of Node.js, and has some 600 KB. */
const MOST_FILES = 32;

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

type Env = Readonly<Record<string, string | undefined>>;

export class CodeStore {
  /** The folder by its descriptor, which stays open for as long as the process lives. */
  readonly #path: string;

  private constructor(descriptor: number) {
    this.#path = `/proc/self/fd/${descriptor}`;
  }

  /**
   * The folder `linkloom/code` of the user's cache (XDG_CACHE_HOME, else ~/.cache), which is made if need be. null: there is none that
   * can be trusted, or NODE_DISABLE_COMPILE_CACHE is set, by which Node.js does without its own.
   */
  static open(env: Env): CodeStore | null {
    const home = env['XDG_CACHE_HOME'] || (env['HOME'] && join(env['HOME'], '.cache'));
    if (!home || !isAbsolute(home) || env['NODE_DISABLE_COMPILE_CACHE']) return null;
    const folder = join(home, 'linkloom', 'code');
    try {
      if (isOwn(nearest(folder))) mkdirSync(folder, { recursive: true, mode: 0o700 });
      const descriptor = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      const { uid, mode } = fstatSync(descriptor);
      if (uid === process.geteuid?.() && (mode & 0o077) === 0) return new CodeStore(descriptor);
      closeSync(descriptor);
    } catch {
      // A home that is not there or can't be written: nothing is kept.
    }
    return null;
  }

  /** The code of a name; undefined: there is none, or none of this user's. */
  read(name: string): Buffer | undefined {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(join(this.#path, name), O_RDONLY | O_NOFOLLOW);
      const stat = fstatSync(descriptor);
      if (stat.isFile() && stat.uid === process.geteuid?.() && (stat.mode & 0o077) === 0)
        return readFileSync(descriptor);
    } catch {
      // It is not there yet.
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
    return undefined;
  }

  /** Keeps code under a name, and throws the oldest away. What can't be written is not kept. */
  write(name: string, code: Buffer): void {
    const draft = join(this.#path, `${name}.${process.pid}`);
    try {
      // A reader sees the whole file or none: V8 does not check what it is given byte by byte.
      writeFileSync(draft, code, { mode: 0o600, flag: 'wx' });
      renameSync(draft, join(this.#path, name));
      this.#trim();
    } catch {
      rmSync(draft, { force: true });
    }
  }

  #trim(): void {
    const files = readdirSync(this.#path).map((name) => join(this.#path, name));
    const ages = files.map((file) => ({ file, changed: statSync(file).mtimeMs })).sort((a, b) => b.changed - a.changed);
    for (const { file } of ages.slice(MOST_FILES)) rmSync(file, { force: true });
  }
}

/** The path itself if it is there, else the nearest folder above it. */
function nearest(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined && path !== '/' ? nearest(dirname(path)) : path;
}

/** A folder is made in what is the user's own alone: root leaves nothing in the home of whoever called it by sudo. */
function isOwn(path: string): boolean {
  return statSync(path).uid === process.geteuid?.();
}
