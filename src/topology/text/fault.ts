import { shortened } from '../../config/text/excerpt.ts';

/**
 * `text/` reads and prints the languages of other tools: routes as ip(8) takes them, netem options as tc(8) does.
 *
 * This file: what is wrong with such a text, and what to write instead.
 */
export interface Fault {
  readonly message: string;
  /** '' if there is nothing to advise. */
  readonly hint: string;
  /** What it is about: the key of a map, or the word of a text, counted from 0; absent: the whole. */
  readonly at?: string | number;
  /** What else is wrong with the same text; absent: nothing. */
  readonly others?: readonly Fault[];
}

/** Whether a parser gave a fault instead of what was asked for. */
export function isFault(result: object): result is Fault {
  return 'hint' in result;
}

/** A parser's way out: thrown inside one, kept by `Faults.attempt`. No Error: a stack costs more than the parsing. */
class Failed {
  readonly fault: Fault;

  constructor(fault: Fault) {
    this.fault = fault;
  }
}

/** Leaves a parser that runs under `Faults.attempt`. Long words are cut in what it says. */
export function fail(message: string, hint = ''): never {
  const cut = message.replaceAll(LONG_WORD, (word) => shortened(word));
  throw new Failed({ message: cut, hint });
}

/** Longer than any word that is right. */
const LONG_WORD = /[^\s"]{41,}/g;

/** What is wrong with one text: a parser goes on behind each fault, so that all are told. */
export class Faults {
  readonly #list: Fault[] = [];

  /** Runs the part of a parser that reads what is `at` a place; where it fails, the fault is kept and null is the result. Any other error passes through. */
  attempt<T>(parse: () => T, at?: Fault['at']): T | null {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      this.#list.push(at === undefined ? error.fault : { ...error.fault, at });
      return null;
    }
  }

  /** What `finish` makes if nothing was wrong so far and it does not fail either; else the first fault, with the others in it. */
  or<T extends object>(finish: () => T): T | Fault {
    const result = this.#list.length === 0 ? this.attempt(finish) : null;
    const [first, ...others] = this.#list;
    if (first !== undefined) return others.length === 0 ? first : { ...first, others };
    return result ?? { message: 'is not understood', hint: '' };
  }
}
