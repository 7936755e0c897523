/** Reads the words of an ip(8) or tc(8) command line one after another. Failures are thrown by `fail` of fault.ts. */
import { fail } from './fault.ts';

export class Words {
  readonly #words: readonly string[];
  #at = 0;

  constructor(text: string) {
    const trimmed = text.trim();
    this.#words = trimmed === '' ? [] : trimmed.split(/\s+/);
  }

  /** The number of the next word, counted from 0. */
  get at(): number {
    return this.#at;
  }

  /** The next word, which stays the next one. undefined: there is none. */
  get peek(): string | undefined {
    return this.#words[this.#at];
  }

  /** Takes the next word. undefined: there is none. */
  next(): string | undefined {
    return this.#words[this.#at++];
  }

  /** Skips words up to the next one for which `isMeant` is true, to continue after a fault. */
  skipUntil(isMeant: (word: string) => boolean): void {
    while (this.peek !== undefined && !isMeant(this.peek)) this.next();
  }

  /** Takes the value of `keyword`. Fails if there is none. */
  value(keyword: string): string {
    return this.next() ?? fail(`"${keyword}" lacks its value`);
  }

  /** Takes the next word if it begins like a number. */
  nextNumber(signed = false): string | undefined {
    const word = this.peek;
    return word !== undefined && (signed ? /^-?[0-9]/ : /^[0-9]/).test(word) ? this.next() : undefined;
  }
}
