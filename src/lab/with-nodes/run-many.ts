/** Runs a program in many nodes, a limited number at a time, and reports its lines and how it ended in each. */
import { constants } from 'node:os';
import { LinkloomError } from '../../errors.ts';
import { engineRunner, type Started } from '../../runtime/command.ts';
import { createLineReader } from '../../runtime/command-output.ts';
import type { OnOutput, OutputStream } from '../../runtime/engine.ts';
import { netnsRunner } from '../../runtime/netns-exec.ts';
import { Limiter } from '../../runtime/nodes/limiter.ts';
import { startFault } from './executable.ts';
import type { FoundNode } from './find.ts';

/** How the program ended in a node. */
export interface NodeEnd {
  readonly node: string;
  /** The exit status; 128 plus the signal's number if a signal ended it; null: it could not be run, or its end was not seen. */
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
 * Returns how the program ended in each node, in the order of the nodes. It has no standard input and no terminal. Throws E_INTERRUPTED
 * if the signal aborts: programs in namespaces get SIGTERM then, and those in containers go on, as engines can't end them.
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

/** Ends a program in a namespace. It leads a process group of its own, so the terminal's ^C does not reach it. */
function end({ process: leader, leave }: Started): void {
  if (leader === null) return leave();
  try {
    process.kill(-leader.pid, 'SIGTERM');
  } catch {
    // The program has ended meanwhile.
  }
}

/** The status of the first node in which the program failed; 1 if it could not be run there; 0 if it failed in none. */
export function firstFailure(ends: readonly NodeEnd[]): number {
  const failed = ends.find(({ status }) => status !== 0);
  return failed === undefined ? 0 : (failed.status ?? 1);
}
