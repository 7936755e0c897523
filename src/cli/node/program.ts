/**
 * `node/`: verbs for the nodes themselves.
 *
 * This file: run a program in a node with this terminal, and pass its exit status through.
 */
import { constants } from 'node:os';
import { LinkloomError } from '../../errors.ts';
import { startFault } from '../../lab/with-nodes/executable.ts';
import { hintLine } from '../../report/diagnostics.ts';
import { printable } from '../../report/escape.ts';
import type { Sink } from '../../report/output.ts';
import type { ContainerEngine, Terminal } from '../../runtime/engine.ts';
import { NOT_FOUND_STATUS } from '../../runtime/exec-start.ts';
import type { Container } from '../../topology/topology.ts';
import type { Context } from '../verb.ts';

const MISSING = 'a namespace has the programs of this machine: install what you need here';

/** Signals that the program gets from its terminal itself, or that are passed on to it. */
const PASSED_ON = ['SIGTERM', 'SIGHUP'] as const;

/**
 * `ip netns exec NAME ARGV…` (ip-netns(8)): it enters the namespace, remounts /sys and binds /etc/netns/NAME.
 * The name is checked before, so it is never an option. A program that is missing is 127, one that can't be executed 126 (`ip` says 1
 * for both). Throws E_TOOL if there is no `ip`.
 */
export async function runInNetns(
  name: string,
  argv: readonly string[],
  { env, err }: Pick<Context, 'env' | 'err'>,
): Promise<number> {
  const fault = await startFault(argv[0] ?? '', env['PATH'] ?? '');
  if (fault !== null) {
    err.write(`${err.paint('red', 'ERROR: ')}${printable(name)}: ${printable(fault.message)}\n`);
    if (fault.status === NOT_FOUND_STATUS) err.write(`${hintLine(MISSING, err.paint)}\n`);
    return fault.status;
  }
  const { execa } = await import('execa');
  const child = execa('ip', ['netns', 'exec', name, ...argv], { stdio: 'inherit', reject: false });
  // The terminal sends SIGINT to the program too, and what it makes of it is its business.
  using _ = whileRunning((signal) => child.kill(signal));
  const result = await child;
  if (result.code === 'ENOENT') {
    throw new LinkloomError('E_TOOL', 'there is no `ip` in PATH', { hint: 'install iproute2' });
  }
  return result.exitCode ?? 128 + (result.signal ? constants.signals[result.signal] : 0);
}

function whileRunning(pass: (signal: NodeJS.Signals) => void): Disposable {
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  for (const name of PASSED_ON) process.on(name, pass);
  return {
    [Symbol.dispose]: () => {
      process.off('SIGINT', ignore);
      for (const name of PASSED_ON) process.off(name, pass);
    },
  };
}

/** Through the engine. With a terminal on both sides the container gets one too, and keys come through raw. */
export async function runInContainer(
  engine: ContainerEngine,
  container: Container,
  argv: readonly string[],
  out: Sink,
  err: Sink,
): Promise<number> {
  const { stdin } = process;
  const tty = stdin.isTTY === true && out.isTTY;
  const terminal: Terminal = {
    tty,
    stdin,
    size: () => ({ rows: out.rows(), columns: out.columns() }),
    onResize: (changed) => {
      process.on('SIGWINCH', changed);
      return { [Symbol.dispose]: () => process.off('SIGWINCH', changed) };
    },
  };
  if (tty) stdin.setRawMode(true);
  try {
    const onOutput = (name: 'stdout' | 'stderr', bytes: Buffer): void => (name === 'stdout' ? out : err).write(bytes);
    return await engine.exec(container.id, argv, { onOutput, terminal });
  } finally {
    if (tty) stdin.setRawMode(false);
    // An open standard input would keep this process alive; that of a file (`< /dev/null`) has no hold on it.
    stdin.pause();
    if ('unref' in stdin) stdin.unref();
  }
}
