/** One program in many nodes at once: so many at a time, line by line, and how each has ended. */
import { constants } from 'node:os';
import { LinkloomError } from '../../errors.ts';
import { engineRunner, type Started } from '../../runtime/command.ts';
import { createLineReader } from '../../runtime/command-output.ts';
import type { OnOutput, OutputStream } from '../../runtime/engine.ts';
import { netnsRunner } from '../../runtime/netns-exec.ts';
import { Limiter } from '../../runtime/nodes/limiter.ts';
import { startFault } from './executable.ts';
import type { FoundNode } from './find.ts';

/** How the program has ended in a node. */
export interface NodeEnd {
  readonly node: string;
  /** 128 and the number of the signal that ended it; null: it could not be run, or nobody saw its end. */
  readonly status: number | null;
  /** Why it could not be run. */
  readonly error: string | null;
}

export interface ManyOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many nodes at a time. */
  readonly parallel: number;
  readonly onLine: (node: string, stream: OutputStream, text: string) => void;
  readonly onEnd?: (end: NodeEnd) => void;
  readonly signal: AbortSignal;
}

/**
 * Ends in the order of the nodes. The programs have no standard input and no terminal. Throws E_INTERRUPTED: programs in namespaces are
 * then sent SIGTERM; those in containers go on, as engines have no way to end them.
 */
export async function runInNodes(
  nodes: readonly FoundNode[],
  argv: readonly string[],
  options: ManyOptions,
): Promise<readonly NodeEnd[]> {
  const limiter = new Limiter(options.parallel);
  const ends = await Promise.all(
    nodes.map((node) =>
      limiter.run(async () => {
        if (options.signal.aborted) return { node: node.label, status: null, error: 'not begun' };
        const end = await runIn(node, argv, options);
        options.onEnd?.(end);
        return end;
      }),
    ),
  );
  if (!options.signal.aborted) return ends;
  const ended = ends.filter(({ status }) => status !== null).length;
  throw new LinkloomError('E_INTERRUPTED', `interrupted: the program has ended in ${ended} of ${nodes.length} nodes`);
}

async function runIn(node: FoundNode, argv: readonly string[], options: ManyOptions): Promise<NodeEnd> {
  const readers = {
    stdout: createLineReader((text) => options.onLine(node.label, 'stdout', text)),
    stderr: createLineReader((text) => options.onLine(node.label, 'stderr', text)),
  };
  const fault = node.kind === 'netns' ? await startFault(argv[0] ?? '', options.env['PATH'] ?? '') : null;
  if (fault !== null) return { node: node.label, status: fault.status, error: fault.message };
  const started = begin(node, argv, (stream, bytes) => readers[stream].push(bytes));
  const stop = (): void => end(started);
  options.signal.addEventListener('abort', stop, { once: true });
  const { status, signal, error } = await started.ended;
  options.signal.removeEventListener('abort', stop);
  readers.stdout.end();
  readers.stderr.end();
  const number = constants.signals[signal as NodeJS.Signals] ?? null;
  return { node: node.label, status: status ?? (number === null ? null : 128 + number), error };
}

function begin(node: FoundNode, argv: readonly string[], onOutput: OnOutput): Started {
  if (node.kind === 'netns') return netnsRunner.start({ id: node.name, mark: '' }, argv, onOutput);
  return engineRunner(node.engine).start({ id: node.container.id, mark: '' }, argv, onOutput);
}

/** A program in a namespace leads a group of its own, which no terminal's ^C reaches. */
function end({ process: leader, leave }: Started): void {
  if (leader === null) return leave();
  try {
    process.kill(-leader.pid, 'SIGTERM');
  } catch {
    // It has just ended.
  }
}

/** The status of the first node that failed; 1 where it could not be run there. 0: none failed. */
export function firstFailure(ends: readonly NodeEnd[]): number {
  const failed = ends.find(({ status }) => status !== 0);
  return failed === undefined ? 0 : (failed.status ?? 1);
}
