/** Reads files, of whatever type, up to a limit, and parses them into documents. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Span } from '../errors.ts';
import type { Diagnostics } from './diagnose.ts';
import type { FileRef } from './discover.ts';
import { isMap } from './extract.ts';
import { foreignSource, isForeign, isForeignName } from './import/as-source.ts';
import { decodeText } from './text/encoding.ts';
import { type Format, MAX_TEXT, readSources, type Source, tooLarge } from './text/source.ts';

/** How long to wait for somebody to open a pipe for writing. */
const WRITER_WAIT_MS = 5000;
const POLL_MS = 20;
const CHUNK_BYTES = 64 * 1024;

/** Thrown by `readBytes` if there are more bytes than allowed. */
export class TooLong extends Error {}

/**
 * Reads a file of at most `most` bytes. It does not wait for ever for a pipe that has no writer. Reading does not block, so a thread
 * to do it (`fs/promises`) would only cost time.
 *
 * @throws TooLong, before anything is read if the size is known; and the errors of `open` and `read`, with their codes
 */
export async function readBytes(path: string, most: number): Promise<Uint8Array> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    return await readWhole(fd, most);
  } finally {
    closeSync(fd);
  }
}

async function readWhole(fd: number, most: number): Promise<Uint8Array> {
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  if (stat.isFile() && stat.size > most) throw new TooLong();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const untilMs = stat.isFIFO() ? performance.now() + WRITER_WAIT_MS : 0;
  for (;;) {
    const chunk = readChunk(fd);
    if (chunk === null || (chunk.length === 0 && length === 0 && performance.now() < untilMs)) await sleep(POLL_MS);
    else if (chunk.length === 0) return Buffer.concat(chunks);
    else {
      chunks.push(chunk);
      length += chunk.length;
      if (length > most) throw new TooLong();
    }
  }
}

/** The bytes that can be read now; empty at the end, null if a pipe has none yet. */
function readChunk(fd: number): Uint8Array | null {
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    return buffer.subarray(0, readSync(fd, buffer));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}

/** Reads standard input to its end, at most `most` bytes. @throws TooLong */
export async function readStandardInput(most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).length;
    if (length > most) throw new TooLong();
  }
  return Buffer.concat(chunks);
}

/** Why a file can't be read, in words that follow its name in a message. */
export function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'no such file';
    case 'ENOTDIR':
      return 'a part of its path is no folder';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'permission denied';
    case 'ENXIO':
      return 'it is a socket, or a device that is not there';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8 text';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Reads a file of text of any encoding that it tells, or standard input for `-`. @throws TooLong; and the errors of `open`, `read` and the decoder */
export async function readText(name: string): Promise<string> {
  const bytes = name === '-' ? await readStandardInput(MAX_TEXT.json) : await readBytes(name, MAX_TEXT.json);
  return decodeText(bytes);
}

export interface ReaderOptions {
  /** Absolute. Files that other files name are shown relative to it. */
  readonly cwd: string;
  readonly readStdin: ((most: number) => Promise<Uint8Array>) | undefined;
  /** Whether a YAML file may hold several documents. */
  readonly several: boolean;
  readonly diagnostics: Diagnostics;
  /** The environment: files of other tools may have variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called with the length of each text before it is parsed. */
  readonly onText: ((length: number) => void) | undefined;
}

/** Reads files into documents, and remembers which files it was asked for. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #asked = new Set<string>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** The absolute paths of all files that were asked for, even if they could not be read. */
  get asked(): readonly string[] {
    return [...this.#asked];
  }

  /** Remembers a file that was looked for elsewhere. */
  note(path: string): void {
    this.#asked.add(path);
  }

  /**
   * Reads the documents of a file, and reports their faults. Returns none if nothing can be read. `where` is the position that
   * names the file, if another file does.
   */
  async documents(ref: FileRef, where?: () => Span): Promise<readonly Source[]> {
    const { cwd, diagnostics, several, onText } = this.#options;
    const text = await this.#text(ref, where);
    onText?.(text?.length ?? 0);
    if (text !== null && ref.kind === null && isForeignName(ref.name)) return this.#foreign(ref, text);
    const format = text === null ? null : formatOf(ref, text, diagnostics);
    if (text === null || format === null) return [];
    const isStdin = ref.name === '-';
    const folder = isStdin ? cwd : dirname(ref.path);
    const read = await readSources(isStdin ? '<stdin>' : ref.name, text, format, several);
    if (ref.kind === null && isForeign(read[0].value)) return this.#foreign(ref, text);
    const sources = read.map((source) => ({ ...source, folder }));
    for (const source of sources) diagnostics.addAll(source.diagnostics);
    return sources.filter(
      (source) => source.value !== undefined || !source.diagnostics.some(({ severity }) => severity === 'error'),
    );
  }

  /** A file that another file names. It is shown relative to the working directory if it is below it. */
  refOf(path: string): FileRef {
    const name = relative(this.#options.cwd, path);
    return { name: name === '' || name.startsWith('..') ? path : name, path, kind: null };
  }

  /** The document that a file of another tool becomes. What could not be carried over is reported as the file's own faults. */
  async #foreign(ref: FileRef, text: string): Promise<readonly Source[]> {
    const { cwd, diagnostics, env } = this.#options;
    const isStdin = ref.name === '-';
    const source = await foreignSource({
      file: isStdin ? '<stdin>' : ref.name,
      folder: isStdin ? cwd : dirname(ref.path),
      text,
      lookup: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    });
    diagnostics.addAll(source.diagnostics);
    return isMap(source.value) && Object.keys(source.value).length > 0 ? [source] : [];
  }

  async #text(ref: FileRef, where?: () => Span): Promise<string | null> {
    const { diagnostics, readStdin } = this.#options;
    const isStdin = ref.name === '-';
    const limit: Format = /\.ya?ml$/i.test(ref.name) ? 'yaml' : 'json';
    if (!isStdin) this.#asked.add(ref.path);
    try {
      const most = MAX_TEXT[limit];
      const bytes = isStdin ? await (readStdin ?? readStandardInput)(most) : await readBytes(ref.path, most);
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (error) {
      const name = isStdin ? 'standard input' : ref.name;
      if (error instanceof TooLong) {
        const { message, hint } = tooLarge(limit);
        diagnostics.add('file-too-large', `${name} is ${message}`, { where, hint });
      } else {
        diagnostics.add('file-unreadable', `cannot read ${name}: ${reasonOf(error)}`, { where });
      }
      return null;
    }
  }
}

/**
 * The format of a file: by its name, or, if the name does not tell (only `-f` allows that), by whether it begins as JSON does.
 * Returns null, with a fault, if the format is not known.
 */
function formatOf(ref: FileRef, text: string, diagnostics: Diagnostics): Format | null {
  if (/\.ya?ml$/i.test(ref.name)) return 'yaml';
  if (/\.json$/i.test(ref.name)) return 'json';
  if (/\.edn$/i.test(ref.name)) {
    diagnostics.add('file-format-unsupported', `${ref.name}: EDN is not read`, {
      hint: 'write it as YAML or JSON; conlink reads those too',
    });
    return null;
  }
  if (ref.kind !== null) {
    diagnostics.add('file-format-unclear', `${ref.name}: the name does not say whether it is YAML or JSON`, {
      hint: 'name it .yaml or .json, or give it with -f, which looks at the content',
    });
    return null;
  }
  return /^\s*(?:\{\s*["}]|\[)/.test(text) ? 'json' : 'yaml';
}
