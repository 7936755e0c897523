/** The words of the command line in, the exit status out. The only file that may end the process. */
import { setImmediate as turn } from 'node:timers/promises';
import { isBare, run } from './cli/run.ts';
import type { Context } from './cli/verb.ts';
import { EXIT } from './errors.ts';
import { sinkOf } from './report/output.ts';

const words = process.argv.slice(2);
const out = sinkOf(process.stdout, process.env);
const err = sinkOf(process.stderr, process.env);
const stop: Context['stop'] = { received: null };
process.exitCode = await run(words, {
  out,
  err,
  env: process.env,
  stop,
  bare: isBare(words),
  exitNow,
});
// A write that failed is told in the next turn of the loop.
await turn();
const lost = out.lost();
if (lost !== null) {
  err.write(
    `${err.paint('red', 'ERROR: ')}what was asked for could not be written to standard output: ${lost.message}\n`,
  );
}
// A daemon, which a signal ends, has lost some lines of its log, and done its work.
const isLost = lost !== null || (err.lost() !== null && stop.received === null);
if (isLost && process.exitCode === EXIT.done) process.exitCode = EXIT.failed;
// What still waits after a signal (standard input, an engine) was given up.
if (stop.received !== null) {
  obeySignals();
  process.exit();
}

/** From now on a signal ends the process by itself: Node.js waits for its threads when it ends, and one may be in a system call that does not return. */
function obeySignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
}

function exitNow(status: number): never {
  obeySignals();
  process.kill(process.pid, status === EXIT.interrupted ? 'SIGINT' : 'SIGTERM');
  // The first process of a container is not ended by a signal that it does not listen to.
  process.exit(status);
}
