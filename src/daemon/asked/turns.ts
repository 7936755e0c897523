/** Passes and other work on a lab, one after the other: what is read between two passes is no lab that is half made. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all that was given before has ended. Rejects with what `work` throws; the next one runs all the same. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
