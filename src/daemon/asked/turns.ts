/**
 * Work on a lab takes turns: what changes it runs alone, so that what is read is no lab that is half made. What only looks runs
 * beside others that look. A play comes before all that waits, and lets others look beside it.
 */
type Kind = 'change' | 'look' | 'play';

interface Waiting {
  readonly kind: Kind;
  readonly enter: () => void;
}

export class Turns {
  readonly #inside: Record<Kind, number> = { change: 0, look: 0, play: 0 };
  readonly #waiting: Waiting[] = [];

  /** Runs `work` when nobody else has a turn. Rejects with what `work` throws; the next one runs all the same. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    using _turn = await this.#turn('change');
    return await work();
  }

  /** Runs `work`, which changes nothing, when nothing changes. As `take`. */
  async look<T>(work: () => Promise<T>): Promise<T> {
    using _turn = await this.#turn('look');
    return await work();
  }

  /** Resolves when nothing changes. Nothing but what has such a turn, too, changes anything until the result is disposed of. */
  async play(): Promise<Disposable> {
    return await this.#turn('play');
  }

  async #turn(kind: Kind): Promise<Disposable> {
    if (this.#mayEnter(kind, this.#waiting)) this.#inside[kind] += 1;
    else await this.#wait(kind);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#inside[kind] -= 1;
        this.#admit();
      },
    };
  }

  #wait(kind: Kind): Promise<void> {
    return new Promise((enter) => {
      if (kind === 'play') this.#waiting.unshift({ kind, enter });
      else this.#waiting.push({ kind, enter });
    });
  }

  #admit(): void {
    for (;;) {
      const at = this.#waiting.findIndex(({ kind }, index) => this.#mayEnter(kind, this.#waiting.slice(0, index)));
      const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (next === undefined) return;
      this.#inside[next.kind] += 1;
      next.enter();
    }
  }

  #mayEnter(kind: Kind, before: readonly Waiting[]): boolean {
    const { change, look, play } = this.#inside;
    if (kind === 'change') return before.length === 0 && change + look + play === 0;
    if (change > 0) return false;
    return kind === 'play' || play > 0 || before.length === 0;
  }
}
