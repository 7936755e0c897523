/** The words of a command line of ip(8) or tc(8), read one after another. Fails through fault.ts. */
import { fail } from './fault.ts';

export class Words {
  readonly #words: readonly string[];
  #at = 0;

  constructor(text: string) {
    const trimmed = text.trim();
    this.#words = trimmed === '' ? [] : trimmed.split(/\s+/);
  }

  /** Which word is next, counted from 0. */
  get at(): number {
    return this.#at;
  }

  /** The next word without taking it, or undefined at the end. */
  get peek(): string | undefined {
    return this.#words[this.#at];
  }

  /** Takes the next word, or undefined at the end. */
  next(): string | undefined {
    return this.#words[this.#at++];
  }

  /** Leaves out words up to the next one that is meant, to go on behind a fault. */
  skipUntil(isMeant: (word: string) => boolean): void {
    while (this.peek !== undefined && !isMeant(this.peek)) this.next();
  }

  /** Takes the value of `keyword`; fails if the text ends there. */
  value(keyword: string): string {
    return this.next() ?? fail(`"${keyword}" lacks its value`);
  }

  /** Takes the next word if it begins as a number does. */
  nextNumber(signed = false): string | undefined {
    const word = this.peek;
    return word !== undefined && (signed ? /^-?[0-9]/ : /^[0-9]/).test(word) ? this.next() : undefined;
  }
}
