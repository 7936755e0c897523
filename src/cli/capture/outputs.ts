import { open, rm } from 'node:fs/promises';
import { filesTooMany, isFileFull, type RingLimits, ringFileName } from '../../capture/ring-files.ts';
import { LinkloomError } from '../../errors.ts';
import type { CaptureOutput, Frame } from '../../lab/capture/frame.ts';
import type { Sink } from '../../report/output.ts';

/** To standard output, at once. */
export function toStream(sink: Sink): CaptureOutput {
  let frame: Frame | null = null;
  let isOpen = true;
  const send = async (bytes: Uint8Array): Promise<boolean> => {
    isOpen &&= await sink.send(bytes);
    return isOpen;
  };
  const sendAll = async (pieces: Iterable<Uint8Array>): Promise<boolean> => {
    for (const piece of pieces) if (!(await send(piece))) break;
    return isOpen;
  };
  return {
    begin: async (given) => {
      frame = given;
      return await sendAll(given.header());
    },
    write: send,
    end: async () => {
      if (frame !== null) await sendAll(frame.trailer());
    },
  };
}

/** To one file, which is made anew. */
export function toFile(path: string): CaptureOutput {
  let file: CaptureFile | null = null;
  return {
    begin: async (frame) => {
      file = await CaptureFile.create(path, frame);
      return file.isOpen;
    },
    write: async (blocks) => (await file?.add(blocks)) ?? false,
    end: async () => {
      await file?.close();
    },
  };
}

/** To one file after another. `files` has the names of those that are kept, from the oldest on. */
export function toRing(path: string, limits: RingLimits): CaptureOutput & { readonly files: readonly string[] } {
  const files: string[] = [];
  let frame: Frame | null = null;
  let file: CaptureFile | null = null;
  let number = 0;
  const next = async (given: Frame): Promise<CaptureFile> => {
    await file?.close();
    number += 1;
    const name = ringFileName(path, number, new Date());
    file = await CaptureFile.create(name, given);
    files.push(name);
    const old = files.splice(0, filesTooMany(limits, files.length));
    for (const one of old) await rm(one, { force: true });
    return file;
  };
  return {
    files,
    begin: async (given) => {
      frame = given;
      return (await next(given)).isOpen;
    },
    write: async (blocks) => {
      if (file === null || frame === null) return false;
      const { bytes, pieces, ageMs } = file;
      // What ends a file has to fit into it, too.
      const needed = blocks.length + frame.trailerBytes();
      const present = isFileFull(limits, { bytes, pieces, ageMs }, needed) ? await next(frame) : file;
      return await present.add(blocks);
    },
    end: async () => {
      await file?.close();
    },
  };
}

type Handle = Awaited<ReturnType<typeof open>>;

/** A file of whole blocks, whatever happens. */
class CaptureFile {
  readonly #path: string;
  readonly #handle: Handle;
  readonly #frame: Frame;
  readonly #beginMs = performance.now();
  #isClosed = false;
  /** False: it is a pipe whose reader has gone. */
  isOpen = true;
  bytes = 0;
  pieces = 0;

  private constructor(path: string, handle: Handle, frame: Frame) {
    this.#path = path;
    this.#handle = handle;
    this.#frame = frame;
  }

  /** Throws E_USAGE. */
  static async create(path: string, frame: Frame): Promise<CaptureFile> {
    const handle = await open(path, 'w').catch((error: unknown) => {
      throw cannotWrite('E_USAGE', path, error);
    });
    const file = new CaptureFile(path, handle, frame);
    for (const piece of frame.header()) await file.#write(piece);
    return file;
  }

  get ageMs(): number {
    return performance.now() - this.#beginMs;
  }

  /** Returns `isOpen`. Throws E_KERNEL. */
  async add(blocks: Uint8Array): Promise<boolean> {
    this.pieces += 1;
    await this.#write(blocks);
    return this.isOpen;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      for (const piece of this.isOpen ? this.#frame.trailer() : []) await this.#write(piece);
    } finally {
      await this.#handle.close();
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (!this.isOpen) return;
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.#handle.write(bytes, done, bytes.length - done)).bytesWritten;
      }
      this.bytes += bytes.length;
    } catch (error) {
      this.isOpen = false;
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return;
      // Half a block at the end would make readers complain of the whole file.
      await this.#handle.truncate(this.bytes).catch(() => {});
      throw cannotWrite('E_KERNEL', this.#path, error);
    }
  }
}

function cannotWrite(code: 'E_USAGE' | 'E_KERNEL', path: string, error: unknown): LinkloomError {
  const reason = error instanceof Error ? error.message.replace(/, \w+( '.*')?$/s, '') : String(error);
  return new LinkloomError(code, `${path} can not be written: ${reason}`, {
    hint:
      code === 'E_USAGE'
        ? 'give -w a file in a folder that exists and that you may write to'
        : 'what was captured before is whole',
    cause: error,
  });
}
