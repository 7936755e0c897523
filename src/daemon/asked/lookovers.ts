/** Passes over the whole lab that somebody asks for and waits for, as `up` does where a daemon has the lab. */
import { LinkloomError } from '../../errors.ts';

export interface LookOver {
  /** Run the commands of all nodes again, not only of those whose links are made. */
  readonly rerunCommands: boolean;
  /** Remove also what other files made of the lab. */
  readonly prune: boolean;
  /** Take back what was set by hand. */
  readonly reset: boolean;
}

interface Asked {
  readonly wanted: LookOver;
  readonly settle: (error: unknown) => void;
}

/** A pass that begins after it was asked for answers it; all that were asked for meanwhile are answered by one pass. */
export class LookOvers {
  #asked: Asked[] = [];
  #isOver = false;

  /** Whether somebody waits for a pass that has not begun. */
  get areAsked(): boolean {
    return this.#asked.length > 0;
  }

  /** Resolves after the pass. Rejects with what the pass threw, and with E_INTERRUPTED where the daemon ends first. */
  ask(wanted: LookOver): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown): void => (error === null ? resolve() : reject(error));
      if (this.#isOver) settle(ended());
      else this.#asked.push({ wanted, settle });
    });
  }

  /** What the pass that begins now answers; null: nobody has asked. `settle` takes null, or what the pass threw. */
  take(): { readonly wanted: LookOver; readonly settle: (error: unknown) => void } | null {
    const asked = this.#asked;
    if (asked.length === 0) return null;
    this.#asked = [];
    return {
      wanted: {
        rerunCommands: asked.some(({ wanted }) => wanted.rerunCommands),
        prune: asked.some(({ wanted }) => wanted.prune),
        reset: asked.some(({ wanted }) => wanted.reset),
      },
      settle: (error) => {
        for (const one of asked) one.settle(error);
      },
    };
  }

  /** The daemon ends: what is asked for from now on is refused. */
  end(): void {
    this.#isOver = true;
    this.take()?.settle(ended());
  }
}

function ended(): LinkloomError {
  return new LinkloomError('E_INTERRUPTED', 'the daemon ends, and makes no pass any more');
}
