/**
 * The sandbox of tests and benchmarks: a mount namespace with an empty /run/netns and /run/linkloom and, if wanted, a network
 * namespace. So a run can't touch the machine's devices and never waits for its locks, and whatever it leaves behind is seen.
 * Needs root and util-linux's unshare(1).
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

const INSIDE = 'LINKLOOM_SANDBOX';
/** How long the last output of a program that ended is waited for. */
const DRAIN_MS = 2_000;

export interface SandboxOptions {
  /** A network namespace of its own, with nothing but `lo` (up). Without: the machine's. */
  readonly network: boolean;
}

/**
 * Run this very program again, with the same arguments, in a sandbox, and resolve to its exit status; inside the
 * sandbox: prepare it, and resolve to null.
 */
export async function enterSandbox(options: SandboxOptions): Promise<number | null> {
  if (process.env[INSIDE] !== '1') return runApart(process.argv.slice(2), options);
  delete process.env[INSIDE];
  prepare();
  return null;
}

export interface ApartOptions {
  /** Added to the arguments of Node.js that this process was started with. */
  readonly nodeArgs?: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each line of its output begins with it. Without one the output is this process's own, a terminal too. */
  readonly mark?: string;
}

/**
 * Run this program with other arguments, in a sandbox or (`null`) without one; resolves to its exit status,
 * rejects once it ended if this process was told to end meanwhile.
 */
export async function runApart(
  args: readonly string[],
  sandbox: SandboxOptions | null,
  { nodeArgs = [], env = {}, mark = '' }: ApartOptions = {},
): Promise<number> {
  const unshare = ['unshare', '--mount', ...(sandbox?.network ? ['--net'] : []), '--propagation', 'private'];
  const self = [process.execPath, ...process.execArgv, ...nodeArgs, process.argv[1] ?? '', ...args];
  const [program = '', ...rest] = sandbox === null ? self : [...unshare, ...self];
  const output = mark === '' ? 'inherit' : 'pipe';
  const child = spawn(program, rest, {
    stdio: ['inherit', output, output],
    env: { ...process.env, ...env, ...(sandbox === null ? {} : { [INSIDE]: '1' }) },
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface(stream).on('line', (line) => process.stdout.write(`${mark}${line}\n`));
  }
  const closed = once(child, 'close');
  let interruption: NodeJS.Signals | null = null;
  const forward = (signal: NodeJS.Signals): void => {
    interruption = signal;
    child.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
    // What it printed last may still be in the pipe. Whatever it left running may hold that open.
    if (mark !== '') await Promise.race([closed, setTimeout(DRAIN_MS)]);
    if (interruption !== null) throw new Error(`interrupted by ${interruption}`);
    return status;
  } finally {
    process.off('SIGINT', forward).off('SIGTERM', forward);
  }
}

function prepare(): void {
  mkdirSync('/run/netns', { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'none', '/run/netns']);
  mkdirSync('/run/linkloom', { recursive: true, mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0700', 'none', '/run/linkloom']);
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
}
