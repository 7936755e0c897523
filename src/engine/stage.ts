import type { Emit, Stage } from '../events.ts';

/** Runs a stage, and tells when it begins and when it is over. `about`: what it is about, for people. */
export async function inStage<T>(stage: Stage, emit: Emit, work: () => Promise<T>, about?: string): Promise<T> {
  const startedMs = performance.now();
  emit({ type: 'stage', stage, state: 'begin', elapsedMs: 0, ...(about !== undefined && { about }) });
  try {
    return await work();
  } finally {
    emit({ type: 'stage', stage, state: 'end', elapsedMs: performance.now() - startedMs });
  }
}
