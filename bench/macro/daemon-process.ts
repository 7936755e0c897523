/** Runs the daemon as a process of its own, and measures when it speaks and what it uses. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { BIN } from '../rivals/linkloom.ts';

const LINKED = 'All links connected';
const TIMEOUT_MS = 60_000;
/** The unit of times in /proc/PID/stat (`getconf CLK_TCK`). It is the same on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

/** `linkloom daemon`, as a user runs it. */
export class Daemon implements AsyncDisposable {
  readonly #child;
  readonly #ended: Promise<unknown>;
  #told: (atMs: number) => void = () => {};

  private constructor(socketPath: string, file: string) {
    const words = ['daemon', '-f', file, '--docker-socket', socketPath, '--podman-socket', '/nowhere'];
    this.#child = spawn(process.execPath, [BIN, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve));
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      if (line.includes(LINKED)) this.#told(performance.now());
    });
  }

  static async start(socketPath: string, file: string): Promise<Daemon> {
    const daemon = new Daemon(socketPath, file);
    try {
      await daemon.nextLinked();
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * The next time at which the daemon says that all is linked, as `performance.now()`. Rejects after a minute, or if the daemon
   * ends.
   */
  nextLinked(): Promise<number> {
    return new Promise((resolve, reject) => {
      void this.#ended.then(() => reject(new Error('the daemon has ended')));
      const timer = setTimeout(() => reject(new Error(`no "${LINKED}" within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
      this.#told = (atMs) => {
        clearTimeout(timer);
        resolve(atMs);
      };
    });
  }

  /** The user and system time of all its threads over idle `seconds`, as a share of one CPU. */
  async cpuShare(seconds: number): Promise<number> {
    const before = this.#cpuTicks();
    await delay(seconds * 1000);
    return (this.#cpuTicks() - before) / TICKS_PER_SECOND / seconds;
  }

  /** The sum of utime and stime in /proc/PID/stat (proc(5)). A name in parentheses and eleven fields come before them. */
  #cpuTicks(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}
