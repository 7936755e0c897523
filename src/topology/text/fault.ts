/**
 * `text/` reads and prints the languages of other tools: routes as ip(8) takes them, netem options as tc(8) does.
 *
 * This file: what is wrong with such a text, and what to write instead.
 */
export interface Fault {
  readonly message: string;
  /** '' if there is nothing to advise. */
  readonly hint: string;
}

/** Whether a parser gave a fault instead of what was asked for. */
export function isFault(result: object): result is Fault {
  return 'hint' in result;
}

/** Marks a parser's way out: thrown inside one, returned as a Fault by `caught`. */
class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Leaves a parser that runs under `caught`. */
export function fail(message: string, hint = ''): never {
  throw new FaultError({ message, hint });
}

/** Runs a parser; its first `fail` becomes the result. Any other error passes through. */
export function caught<T extends object>(parse: () => T): T | Fault {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
}
