/** Programs that can't be started in a container: what the engines make of them, as shells put it (POSIX, 2.8.2). */
import type { OutputStream } from './engine.ts';

/** There is no such program. */
export const NOT_FOUND_STATUS = 127;
/** There is one, but it can't be executed. */
export const NOT_EXECUTABLE_STATUS = 126;

/** How runc and crun begin to tell it, by way of Docker and Podman. */
const START_FAILED =
  /^(OCI runtime exec failed|(runc|crun):? .*(exec|executable file)|exec failed|OCI (permission|not found))/;

/** The exit status that an engine's words about a program that it could not start stand for; null: they are not about that. */
export function startFailureStatus(text: string): number | null {
  const line = text.trimStart();
  if (!START_FAILED.test(line)) return null;
  return /not found|no such file or directory/i.test(line) ? NOT_FOUND_STATUS : NOT_EXECUTABLE_STATUS;
}

type OnOutput = (stream: OutputStream, bytes: Buffer) => void;

/**
 * Docker writes why a program could not be started where the program's output would be, with a status that depends on its
 * release. What comes first and looks like that is held back until the status says what it is.
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

  /** The program's exit status, once it has ended with `status`. */
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
