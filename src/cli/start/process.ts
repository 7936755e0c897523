/**
 * `start/` is what happens before and after a command line is run, and how its code gets here.
 *
 * This file: one command line as this process, from its words to its exit status. It is the only file that may end the process.
 */
import { fstatSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { EXIT } from '../../errors.ts';
import { sinkOf } from '../../report/output.ts';
import type { Context } from '../verb.ts';

/** Runs `work` with the standard streams of this process, and sets the exit status. `work` must not throw. */
export async function runProcess(bare: boolean, work: (context: Context) => Promise<number>): Promise<void> {
  const out = sinkOf(() => process.stdout, mayBeTerminal(1), process.env);
  const err = sinkOf(() => process.stderr, mayBeTerminal(2), process.env);
  const stop: Context['stop'] = { received: null };
  process.exitCode = await work({ out, err, env: process.env, stop, bare, exitNow });
  // A failed write is reported in the next turn of the loop.
  await turn();
  const lost = out.lost();
  if (lost !== null) {
    err.write(
      `${err.paint('red', 'ERROR: ')}what was asked for could not be written to standard output: ${lost.message}\n`,
    );
  }
  // A daemon that a signal has ended may have lost some lines of its log, but has done its work.
  const isLost = lost !== null || (err.lost() !== null && stop.received === null);
  if (isLost && process.exitCode === EXIT.done) process.exitCode = EXIT.failed;
  // Whatever still waits after a signal, or after its time (for standard input, for an engine, for a server), was given up.
  if (stop.received !== null || stop.isOutOfTime === true || stop.hasLeftovers === true) {
    obeySignals();
    process.exit();
  }
}

/** The number of /dev/null, which is a character device as terminals are (proc_devices of Linux: major 1, minor 3). */
const NULL_DEVICE = (1 << 8) | 3;

function mayBeTerminal(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isCharacterDevice() && stat.rdev !== NULL_DEVICE;
}

/**
 * From now on a signal ends the process without Node.js. At its end Node.js waits for its threads, and one may be in a system call
 * that does not return.
 */
function obeySignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
}

function exitNow(status: number): never {
  obeySignals();
  process.kill(process.pid, status === EXIT.interrupted ? 'SIGINT' : 'SIGTERM');
  // The kernel does not end the first process of a container by a signal for which it has no handler.
  process.exit(status);
}
