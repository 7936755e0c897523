/** Runs the compiled command line as a user does, as a process of its own. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** The bin of package.json: the bundle, since that is what users run. */
export const BIN = fileURLToPath(new URL('../../../lib/src/main.js', import.meta.url));

/** The repository's root, from dist/test/support. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Ran {
  /** The exit status; -1 if a signal ended the process. */
  readonly exitCode: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Added to the environment. `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** The standard input of a process that keeps running. Default: nothing. */
  readonly stdin?: 'pipe';
}

/** Throws if Node.js itself has warned of something, which no user should see: `(node:4711) MaxListenersExceededWarning: …`. */
function refuseWarnings(stderr: string): void {
  const found = /^\(node:\d+\) .*(?:\n {4}at .*)*/m.exec(stderr);
  if (found) throw new Error(`Node.js warned of linkloom: ${found[0]}`);
}

/**
 * Clears variables that a user's shell may set and that would change results. It turns warnings of Node.js on, so that tests fail
 * on them.
 */
export const NEUTRAL = {
  NODE_OPTIONS: '--trace-warnings --pending-deprecation',
  NO_COLOR: '1',
  FORCE_COLOR: undefined,
  CI: undefined,
  LINKLOOM_LAB: undefined,
  COMPOSE_FILE: undefined,
  COMPOSE_PROFILES: undefined,
  COMPOSE_PROJECT_NAME: undefined,
  COMPOSE_ENV_FILES: undefined,
};

/** Runs `linkloom ARGS…`. Never rejects for an exit status. Killed after `timeoutMs` (default 60,000). */
export async function linkloom(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const result = await execa(process.execPath, [BIN, ...args], {
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeoutMs ?? 60_000,
    env: { ...NEUTRAL, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  refuseWarnings(result.stderr);
  return {
    exitCode: result.exitCode ?? -1,
    signal: result.signal ?? null,
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

/** Starts a `linkloom` that keeps running (`daemon`, `up --watch`). It is killed at the end of the block if it still runs. */
export function startLinkloom(args: readonly string[], options: RunOptions = {}) {
  const child = execa(process.execPath, [BIN, ...args], {
    reject: false,
    stdin: options.stdin ?? 'ignore',
    // Tests check how the process ends by itself. By default execa would send SIGKILL 5 s after SIGTERM.
    forceKillAfterDelay: false,
    env: { ...NEUTRAL, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let text = '';
  const collect = (chunk: Buffer | string): void => {
    text += String(chunk);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return {
    child,
    /** Everything that it has written so far, to both streams. */
    output: () => text,
    /** Resolves once the output matches. Rejects with the output after `timeoutMs`, or if the process ends first. */
    until: async (pattern: RegExp, timeoutMs = 30_000): Promise<void> => {
      const deadline = Date.now() + timeoutMs;
      while (!pattern.test(text)) {
        if (child.exitCode !== null) throw new Error(`it ended before ${pattern}:\n${text}`);
        if (Date.now() > deadline) throw new Error(`no ${pattern} within ${timeoutMs} ms:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      if (child.exitCode === null) child.kill('SIGKILL');
      await child;
      refuseWarnings(text);
    },
  };
}
