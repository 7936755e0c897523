/** Runs the program of a check in a node. */
import { constants } from 'node:os';
import { textFault } from '../../check/words.ts';
import { engineRunner, type Started } from '../../runtime/command.ts';
import type { OnOutput } from '../../runtime/engine.ts';
import { hostRunner, netnsRunner } from '../../runtime/netns-exec.ts';
import type { RunTry } from '../../topology/check/spec.ts';
import { startFault } from '../with-nodes/executable.ts';
import type { Placed } from './nodes.ts';

/** As much of what it prints is kept. */
const OUTPUT_BYTES_MAX = 1 << 20;

/** Returns why the program did not come to what is wanted; null: it did. One that takes too long is ended, but for one in a container. */
export async function runProgram(
  node: Placed,
  wanted: RunTry,
  timeoutMs: number,
  signal: AbortSignal | null,
): Promise<string | null> {
  const { found } = node;
  const program = wanted.argv[0] ?? '';
  const fault = found?.kind === 'container' ? null : await startFault(program, process.env['PATH'] ?? '');
  if (fault !== null) return fault.message;
  const output = { stdout: new Kept(), stderr: new Kept() };
  const started = begin(node, wanted.argv, (stream, bytes) => output[stream].push(bytes));
  const stopped = await ended(started, timeoutMs, signal);
  if (stopped === null) return `has not ended within ${timeoutMs / 1000} s`;
  const { status, signal: killer, error } = stopped;
  if (error !== null) return `can't be run: ${error}`;
  const number = constants.signals[killer as NodeJS.Signals] ?? 0;
  const exit = status ?? 128 + number;
  if (exit !== wanted.status) return `exit status ${exit}, not ${wanted.status}${lastLine(output.stderr.text())}`;
  return textFault(wanted.output, output.stdout.text(), 'what it prints');
}

function begin({ found, ns }: Placed, argv: readonly string[], onOutput: OnOutput): Started {
  if (found === null) return hostRunner(ns).start({ id: '', mark: '' }, argv, onOutput);
  if (found.kind === 'netns') return netnsRunner.start({ id: found.name, mark: '' }, argv, onOutput);
  return engineRunner(found.engine).start({ id: found.container.id, mark: '' }, argv, onOutput);
}

/** null: it was not over in time. */
async function ended(
  started: Started,
  timeoutMs: number,
  signal: AbortSignal | null,
): Promise<Awaited<Started['ended']> | null> {
  let giveUp = (): void => {};
  const late = new Promise<null>((resolve) => {
    giveUp = () => resolve(null);
  });
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener('abort', giveUp, { once: true });
  const end = await Promise.race([started.ended, late]);
  clearTimeout(timer);
  signal?.removeEventListener('abort', giveUp);
  if (end === null) stop(started);
  return end;
}

/** It leads a process group of its own. */
function stop({ process: leader, leave }: Started): void {
  if (leader === null) return leave();
  try {
    process.kill(-leader.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 200)}`;
}

/** The beginning of a stream. */
class Kept {
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  push(bytes: Buffer): void {
    if (this.#bytes < OUTPUT_BYTES_MAX) this.#parts.push(bytes);
    this.#bytes += bytes.length;
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}
