/** `until`: a command is tried again and again, in a node or on the host, until it succeeds. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Until } from '../../config/play/timeline.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { OWN_NS } from '../../net/ns-id.ts';
import { hostRunner } from '../../runtime/netns-exec.ts';
import type { Request } from '../request.ts';
import { chooseNodes } from '../with-nodes/choose.ts';
import { startFault } from '../with-nodes/executable.ts';
import type { FoundNode } from '../with-nodes/find.ts';
import { runInNodes } from '../with-nodes/run-many.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Resolves when the command has succeeded, or the signal has aborted. Rejects with E_TOOL if it can't be run at all. */
export type Trying = (signal: AbortSignal) => Promise<void>;

/**
 * Finds where the command is to run. Throws E_NODE_MISSING, what `chooseNodes` throws, and E_TOOL where there is no such program; in
 * a container that shows only when it is tried.
 */
export async function tryingOf(until: Until, request: Request, env: Env, emit: Emit): Promise<Trying> {
  const { node: name, command } = until;
  const [node = null] = name === null ? [] : await chooseNodes({ names: [name], all: false }, request, env, emit);
  if (node === null || node.kind === 'netns') {
    const fault = await startFault(command[0], env['PATH'] ?? '');
    if (fault !== null) throw cannotRun(until, `${fault.message}; nothing has been touched`);
  }
  return (signal) => tryUntil(until, node, env, signal);
}

async function tryUntil(until: Until, node: FoundNode | null, env: Env, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const startedMs = performance.now();
    if (await succeeds(until, node, env, signal)) return;
    const leftMs = until.everyMs - (performance.now() - startedMs);
    await sleep(Math.max(0, leftMs), undefined, { signal }).catch(() => {});
  }
}

async function succeeds(until: Until, node: FoundNode | null, env: Env, signal: AbortSignal): Promise<boolean> {
  if (node === null) return await succeedsHere(until, signal);
  const run = runInNodes([node], until.command, { env, parallel: 1, onLine: () => {}, signal });
  const [end] = await run.catch((error: unknown) => {
    if (signal.aborted) return [];
    throw error;
  });
  if (end !== undefined && end.error !== null) throw cannotRun(until, end.error);
  return end?.status === 0;
}

async function succeedsHere(until: Until, signal: AbortSignal): Promise<boolean> {
  const started = hostRunner(OWN_NS).start({ id: '', mark: '' }, until.command, () => {});
  const stop = (): void => {
    if (started.process !== null) end(started.process.pid);
  };
  signal.addEventListener('abort', stop, { once: true });
  const { status, error } = await started.ended;
  signal.removeEventListener('abort', stop);
  if (error !== null) throw cannotRun(until, error);
  return status === 0;
}

/** It leads a process group of its own. */
function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
}

function cannotRun({ command, node }: Until, why: string): LinkloomError {
  const where = node === null ? 'on the host' : `in ${node}`;
  return new LinkloomError('E_TOOL', `until: ${command[0]} can't be run ${where}: ${why}`, {
    hint: 'give the program and its arguments as a list',
  });
}
