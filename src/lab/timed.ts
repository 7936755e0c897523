import type { Emit, Stage } from '../events.ts';

/** Run one stage, telling when it begins and how long it took. */
export async function timed<T>(
  stage: Stage,
  emit: Emit,
  work: () => Promise<T> | T,
): Promise<{ readonly value: T; readonly ms: number }> {
  emit({ type: 'stage', stage, state: 'begin', elapsedMs: 0 });
  const startedMs = performance.now();
  const value = await work();
  const ms = performance.now() - startedMs;
  emit({ type: 'stage', stage, state: 'end', elapsedMs: ms });
  return { value, ms };
}
