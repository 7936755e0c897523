import { ReaderWatch } from '../engine/threads/reader.ts';
import type { Context } from './verb.ts';

/**
 * Who reads standard output, for verbs that do not end by themselves. `signal` aborts when the reader has gone, also while there is nothing to
 * write (`events | head -1`), or when something could not be written.
 */
export class OutputReader implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly #watch: ReaderWatch;

  constructor({ out }: Pick<Context, 'out'>) {
    const gone = new AbortController();
    this.#watch = new ReaderWatch(process.stdout.fd, () => gone.abort());
    this.signal = AbortSignal.any([gone.signal, out.ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}
