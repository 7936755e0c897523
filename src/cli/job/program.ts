/** The program of a run, as a process with this terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LinkloomError } from '../../errors.ts';
import type { StopSignal } from '../verb.ts';

/** How long a program may take to end after a signal. GitHub gives a cancelled job 10 s in all, and the lab is still to be removed. */
const GRACE_MS = 5_000;

/**
 * A running program. With a terminal it stays in linkloom's process group, as it could not read from the terminal otherwise, and the
 * terminal sends its signals to it directly. Else it leads a session, so that all that it has started gets the signals too.
 */
export class RunningProgram {
  readonly #child: ChildProcess;
  readonly #isLeader: boolean;
  readonly #graceMs: number | null;
  #timer: NodeJS.Timeout | undefined;
  /** The status that a shell would tell: 128 and the signal's number where one has ended it. Rejects with E_TOOL. */
  readonly ended: Promise<number>;

  /** `graceMs`: how long it may take to end; null: it is never killed. */
  constructor(
    [program = '', ...args]: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    graceMs: number | null = GRACE_MS,
  ) {
    this.#graceMs = graceMs;
    this.#isLeader = !hasTerminal();
    this.#child = spawn(program, args, { stdio: 'inherit', detached: this.#isLeader, env });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', (cause) => {
        reject(new LinkloomError('E_TOOL', `${program} could not be run: ${cause.message}`, { cause }));
      });
      this.#child.once('exit', (status, signal) => {
        clearTimeout(this.#timer);
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  }

  /** Asks it to end. It is killed if it has not in time. */
  end(signal: StopSignal): void {
    this.#send(signal);
    if (this.#graceMs !== null) this.#timer ??= setTimeout(() => this.#send('SIGKILL'), this.#graceMs);
  }

  #send(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(this.#isLeader ? -pid : pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Whether the program reads from a terminal, which then sends it SIGINT by itself. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY === true;
}
