/** Hears when the reader of an output has gone, without writing to it. */
import { fstatSync } from 'node:fs';
import { READER_URL } from '../../layout.ts';
import type { ReaderReport } from '../../wire/reader.ts';
import { WakingThread } from './waking.ts';

/**
 * Watches a descriptor until it is disposed of. Of what is neither a pipe nor a socket no reader can go, and nothing is started. Where it
 * can't be watched, nothing is heard: a later write finds the reader gone.
 */
export class ReaderWatch implements AsyncDisposable {
  readonly #thread: WakingThread<never, ReaderReport> | null;

  constructor(fd: number, onGone: () => void) {
    const kind = fstatSync(fd);
    const isWatched = kind.isFIFO() || kind.isSocket();
    this.#thread = isWatched
      ? new WakingThread(READER_URL, {
          workerData: { fd },
          onReport: ({ report }) => {
            if (report === 'readerGone') onGone();
            if (report !== 'ready') this.#thread?.asleep();
          },
          onError: () => {},
        })
      : null;
    // It ends when the program does.
    this.#thread?.worker.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#thread?.worker.ref();
    this.#thread?.wake();
    await this.#thread?.ended;
  }
}
