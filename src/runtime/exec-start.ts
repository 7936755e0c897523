/** Turns an engine's message about a program that could not be started into the exit status that shells use (POSIX, 2.8.2). */
import type { OutputStream } from './engine.ts';

/** Exit status: there is no such program. */
export const NOT_FOUND_STATUS = 127;
/** Exit status: the program exists, but can't be executed. */
export const NOT_EXECUTABLE_STATUS = 126;

/** The beginnings of the messages of runc and crun, as Docker and Podman pass them on. */
const START_FAILED =
  /^(OCI runtime exec failed|(runc|crun):? .*(exec|executable file)|exec failed|OCI (permission|not found))/;

/** The exit status for an engine's message about a program that could not be started; null: the message is about something else. */
export function startFailureStatus(text: string): number | null {
  const line = text.trimStart();
  if (!START_FAILED.test(line)) return null;
  return /not found|no such file or directory/i.test(line) ? NOT_FOUND_STATUS : NOT_EXECUTABLE_STATUS;
}

type OnOutput = (stream: OutputStream, bytes: Buffer) => void;

/**
 * Watches for a program that could not be started. Docker writes the reason to the program's output, and the status depends on its
 * release. So output that begins like such a message is held back until the status shows what it is.
 */
export class StartWatch {
  #held: Buffer | null = null;
  #first = true;
  readonly #pass: OnOutput;

  constructor(pass: OnOutput) {
    this.#pass = pass;
  }

  readonly onOutput: OnOutput = (stream, bytes) => {
    const isFirst = this.#first;
    this.#first = false;
    if (isFirst && startFailureStatus(bytes.toString()) !== null) {
      this.#held = bytes;
      return;
    }
    this.#release('stdout');
    this.#pass(stream, bytes);
  };

  /** The program's exit status, given the `status` that the engine reports. */
  end(status: number): number {
    const failed = status === NOT_EXECUTABLE_STATUS || status === NOT_FOUND_STATUS;
    const meant = failed && this.#held !== null ? startFailureStatus(this.#held.toString()) : null;
    this.#release(meant === null ? 'stdout' : 'stderr');
    return meant ?? status;
  }

  #release(stream: OutputStream): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#pass(stream, held);
  }
}
