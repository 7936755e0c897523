/** Runs programs in named namespaces by `ip netns exec`, with the namespace's /sys and /etc/netns/NAME; and in the host's namespace. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type NsId, pidOf } from '../net/ns-id.ts';
import type { CommandEnd, Runner, Started } from './command.ts';
import type { OnOutput } from './engine.ts';
import { COMMAND_VARIABLE, identify } from './process.ts';

/**
 * After the end of a command its output is read until none has come for this long. The pipes may never close, since a child
 * can hold them.
 */
const DRAIN_MS = 100;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Runs commands in namespaces. The id is the namespace's name, which was checked at load and so is never an option. Needs
 * CAP_SYS_ADMIN and iproute2. The process leads a session of its own, so that a terminal's ^C reaches only linkloom.
 */
export const netnsRunner: Runner = {
  start({ id, mark }, argv, onOutput) {
    return started(['ip', 'netns', 'exec', id, ...argv], mark, onOutput);
  },
};

/** Runs commands in the host's network namespace. Needs util-linux where that is not linkloom's own. */
export function hostRunner(ns: NsId): Runner {
  const pid = pidOf(ns);
  const entry = pid === null ? [] : ['nsenter', '-t', String(pid), '-n', '--'];
  return { start: ({ mark }, argv, onOutput) => started([...entry, ...argv], mark, onOutput) };
}

function started([program = '', ...argv]: readonly string[], mark: string, onOutput: OnOutput): Started {
  const child = spawn(program, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, [COMMAND_VARIABLE]: mark },
  });
  child.stdout.on('data', (bytes: Buffer) => onOutput('stdout', bytes));
  child.stderr.on('data', (bytes: Buffer) => onOutput('stderr', bytes));
  return {
    process: child.pid === undefined ? null : identify(child.pid),
    ended: endOf(child, program),
    leave: () => {
      for (const stream of [child.stdout, child.stderr]) handOver(stream, mark);
      child.unref();
    },
  };
}

function endOf(child: Child, program: string): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const text = error.code === 'ENOENT' ? `there is no \`${program}\` in PATH` : error.message;
      resolve({ status: null, signal: null, error: text });
    });
    child.once('exit', (status, signal) => {
      const end = (): void => {
        clearTimeout(timer);
        resolve({ status, signal, error: null });
      };
      let isHeard = false;
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', () => {
          isHeard = true;
        });
      }
      // On a busy machine the timer can fire before the pipes are read. The next immediate runs after that.
      const lookAgain = (): void => {
        setImmediate(() => {
          if (!isHeard) return end();
          isHeard = false;
          timer.refresh();
        });
      };
      const timer = setTimeout(lookAgain, DRAIN_MS);
      child.once('close', end);
    });
  });
}

/**
 * Passes a pipe on to a `cat`, which reads as long as somebody can write. Otherwise SIGPIPE would end a process that still holds
 * the other end (a server in the background) when it next writes.
 */
function handOver(stream: Readable, mark: string): void {
  if (!stream.destroyed && !stream.readableEnded) {
    stream.pause();
    const env = { ...process.env, [COMMAND_VARIABLE]: mark };
    const reader = spawn('cat', [], { stdio: [stream, 'ignore', 'ignore'], detached: true, cwd: '/', env });
    reader.on('error', () => {});
    reader.unref();
  }
  stream.destroy();
}
