/** Runs programs in named namespaces by `ip netns exec`, with the namespace's /sys and /etc/netns/NAME. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { CommandEnd, Runner } from './command.ts';
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
    const child = spawn('ip', ['netns', 'exec', id, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, [COMMAND_VARIABLE]: mark },
    });
    child.stdout.on('data', (bytes: Buffer) => onOutput('stdout', bytes));
    child.stderr.on('data', (bytes: Buffer) => onOutput('stderr', bytes));
    return {
      process: child.pid === undefined ? null : identify(child.pid),
      ended: endOf(child),
      leave: () => {
        for (const stream of [child.stdout, child.stderr]) handOver(stream, mark);
        child.unref();
      },
    };
  },
};

function endOf(child: Child): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const text = error.code === 'ENOENT' ? 'there is no `ip` in PATH' : error.message;
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
