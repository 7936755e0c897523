/** When V8 optimises the code that runs. */
import { setFlagsFromString } from 'node:v8';

/** Things (links) from which on it pays to load node:v8. */
const SOME = 100;
/** Things from which on code runs so often that it has to be optimised soon. */
const MANY = 20_000;
/** For how long nothing is optimised. Whatever lives longer is worth it. */
const HELD_MS = 1000;

/**
 * The largest function that is optimised, in bytes of V8's own code of it: none, and V8's default from Node.js 20 to 24. With that it has
 * the flags again that it began with; `--opt` does not give them back in Node.js 22.
 */
const MOST_BYTES = '--max-optimized-bytecode-size';
const NONE_BYTES = 0;
const DEFAULT_BYTES = 60 * 1024;

let state: 'not yet' | 'held' | 'over' = 'not yet';

/**
 * Has V8 optimise nothing for a second: a shorter run does not get back what that takes on other threads, up to 40 % of its CPU time
 * (bench/README.md has the figures). Only once in a process, and only if there is so much to do. It counts for the whole process, so it is
 * for one that does nothing else.
 */
export function holdOptimising(things: number): void {
  if (state !== 'not yet' || things < SOME || things >= MANY) return;
  state = 'held';
  setFlagsFromString(`${MOST_BYTES}=${NONE_BYTES}`);
  setTimeout(resumeOptimising, HELD_MS).unref();
  // Before all others: V8's code is kept for the flags that it starts with.
  process.prependOnceListener('exit', resumeOptimising);
}

/** Called before a thread is started: with other flags than those it was built with, Node.js compiles its own modules anew in it. */
export function resumeOptimising(): void {
  if (state !== 'held') return;
  state = 'over';
  setFlagsFromString(`${MOST_BYTES}=${DEFAULT_BYTES}`);
}
