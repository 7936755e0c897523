/** A whole terminal, drawn on and read key by key, which is as it was before when it is disposed of. */
import type { Sink } from '../report/output.ts';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J';
const LEAVE = '\x1b[?25h\x1b[?1049l';
/** Ctrl-Z, which a terminal in raw mode does not turn into a signal. */
const SUSPEND = '\x1a';

export interface TerminalOptions {
  /** Takes what the keyboard sends. */
  readonly onKeys: (text: string) => void;
  /** The terminal has another size, or is ours again after a stop: all is to be drawn anew. */
  readonly onRedraw: () => void;
}

export class Terminal implements Disposable {
  readonly #out: Sink;
  readonly #options: TerminalOptions;
  /** null: keys are not read, since standard input is no terminal. */
  readonly #keyboard = process.stdin.isTTY ? process.stdin : null;
  #isEntered = false;

  constructor(out: Sink, options: TerminalOptions) {
    this.#out = out;
    this.#options = options;
    this.#enter();
    this.#keyboard?.on('data', this.#onData);
    process.stdout.on('resize', options.onRedraw);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.#resume);
    // Also where an error ends the program.
    process.on('exit', this.#leave);
  }

  /** Draws lines, no more than the terminal has, over those before. Whole lines are written at once, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    if (!this.#isEntered) return;
    this.#out.write(`\x1b[H${lines.map((line) => `${line}\x1b[0m\x1b[K`).join('\r\n')}\x1b[J`);
  }

  [Symbol.dispose](): void {
    this.#leave();
    this.#keyboard?.off('data', this.#onData);
    this.#keyboard?.pause();
    process.stdout.off('resize', this.#options.onRedraw);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#resume);
    process.off('exit', this.#leave);
  }

  readonly #onData = (bytes: Buffer | string): void => {
    const text = String(bytes);
    if (text.includes(SUSPEND)) this.#suspend();
    else this.#options.onKeys(text);
  };

  readonly #suspend = (): void => {
    this.#leave();
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #resume = (): void => {
    this.#enter();
    this.#options.onRedraw();
  };

  #enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    this.#keyboard?.setRawMode(true);
    this.#out.write(ENTER);
  }

  readonly #leave = (): void => {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#keyboard?.setRawMode(false);
    this.#out.write(LEAVE);
  };
}
