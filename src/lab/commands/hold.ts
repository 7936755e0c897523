/** Keeps commands from being begun while what they may need is not there yet, as wires that end on another host. */

export class CommandHold {
  #isHeld = false;
  #waiting: (() => void)[] = [];

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** What is begun from now on waits. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Begins all that waits. */
  release(): void {
    this.#isHeld = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const begin of waiting) begin();
  }

  /** Calls `begin` when nothing is held any more. */
  later(begin: () => void): void {
    this.#waiting.push(begin);
  }
}
