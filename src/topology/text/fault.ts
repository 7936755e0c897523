import { shortened } from '../../config/text/excerpt.ts';

/**
 * `text/` reads and prints the languages of other tools: routes as ip(8) takes them, netem options as tc(8) does.
 *
 * This file: a fault in such a text, and what to write instead.
 */
export interface Fault {
  readonly message: string;
  /** What to write instead. '' if there is no advice. */
  readonly hint: string;
  /** The position of the fault: the key of a map, or the number of a word, counted from 0. Absent: the whole text. */
  readonly at?: string | number;
  /** Further faults of the same text. Absent: none. */
  readonly others?: readonly Fault[];
}

/** Whether a parser's result is a fault. */
export function isFault(result: object): result is Fault {
  return 'hint' in result;
}

/**
 * What a parser throws to stop; `Faults.attempt` catches it. It is no Error, because a stack trace costs more than the
 * parsing.
 */
class Failed {
  readonly fault: Fault;

  constructor(fault: Fault) {
    this.fault = fault;
  }
}

/** Stops a parser that runs under `Faults.attempt`. Long words of the text are cut in the message. */
export function fail(message: string, hint = ''): never {
  const cut = message.replaceAll(LONG_WORD, (word) => shortened(word));
  throw new Failed({ message: cut, hint });
}

/** Matches words longer than any valid one. */
const LONG_WORD = /[^\s"]{41,}/g;

/** Collects the faults of one text. The parser continues after each fault, so that all are reported. */
export class Faults {
  readonly #list: Fault[] = [];

  /**
   * Runs the part of a parser that reads the text at position `at`. If the part fails, keeps the fault and returns
   * null. Any other error is thrown on.
   */
  attempt<T>(parse: () => T, at?: Fault['at']): T | null {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      this.#list.push(at === undefined ? error.fault : { ...error.fault, at });
      return null;
    }
  }

  /**
   * Returns the result of `finish`. If there were faults before, or `finish` fails, returns the first fault, with the
   * others in it.
   */
  or<T extends object>(finish: () => T): T | Fault {
    const result = this.#list.length === 0 ? this.attempt(finish) : null;
    const [first, ...others] = this.#list;
    if (first !== undefined) return others.length === 0 ? first : { ...first, others };
    return result ?? { message: 'is not understood', hint: '' };
  }
}
