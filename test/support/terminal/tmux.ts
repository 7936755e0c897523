/** Runs a program in a real terminal (tmux), types into it, and reads what a person would see. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BIN, NEUTRAL } from '../bin.ts';

const WAIT_MS = 60_000;
const POLL_MS = 50;

export class Tmux implements AsyncDisposable {
  readonly #socket = `linkloom-${randomBytes(5).toString('hex')}`;

  /** Starts `linkloom ARGS…` in a terminal of this size. When it has ended, the screen says `STATUS=N`. */
  static async linkloom(args: readonly string[], columns = 80, rows = 24): Promise<Tmux> {
    const tmux = new Tmux();
    const words = [process.execPath, BIN, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const shell = `${words}; printf 'STATUS=%s\\n' "$?"; exec sleep 1000`;
    const size = ['-x', String(columns), '-y', String(rows)];
    const env = { ...NEUTRAL, TERM: 'xterm-256color', TMUX: undefined };
    await execa('tmux', ['-L', tmux.#socket, '-f', '/dev/null', 'new-session', '-d', ...size, '-s', 'w', shell], {
      env,
    });
    return tmux;
  }

  /** What the screen shows. */
  async screen(): Promise<string> {
    return (await this.#run('capture-pane', '-p', '-t', 'w')).stdout;
  }

  /** The screen, once it matches. Rejects with the last one after a minute. */
  async until(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const screen = await this.screen();
      if (pattern.test(screen)) return screen;
      if (Date.now() > deadline) throw new Error(`no ${pattern} on the screen:\n${screen}`);
      await delay(POLL_MS);
    }
  }

  /** The screen each few milliseconds, each different one once, until it matches. */
  async framesUntil(pattern: RegExp): Promise<readonly string[]> {
    const frames: string[] = [];
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const screen = await this.screen();
      if (screen !== frames.at(-1)) frames.push(screen);
      if (pattern.test(screen)) return frames;
      if (Date.now() > deadline) throw new Error(`no ${pattern} on the screen:\n${screen}`);
    }
  }

  /** Types keys by tmux's names: `q`, `Enter`, `C-c`. */
  async type(...keys: readonly string[]): Promise<void> {
    await this.#run('send-keys', '-t', 'w', ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#run('resize-window', '-t', 'w', '-x', String(columns), '-y', String(rows));
  }

  /** Whether the cursor is shown, and whether the program draws on the screen beside the usual one. */
  async modes(): Promise<{ readonly cursor: boolean; readonly alternate: boolean }> {
    const { stdout } = await this.#run('display-message', '-p', '-t', 'w', '#{cursor_flag} #{alternate_on}');
    const [cursor, alternate] = stdout.trim().split(' ');
    return { cursor: cursor === '1', alternate: alternate === '1' };
  }

  /** The process id of the linkloom that runs in it. */
  async pid(): Promise<number> {
    const { stdout } = await this.#run('display-message', '-p', '-t', 'w', '#{pane_pid}');
    const children = await execa('ps', ['-o', 'pid=', '--ppid', stdout.trim()]);
    return Number(children.stdout.trim().split('\n')[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa('tmux', ['-L', this.#socket, 'kill-server'], { reject: false });
  }

  #run(...args: readonly string[]) {
    return execa('tmux', ['-L', this.#socket, ...args]);
  }
}
