/** What an engine says when it refuses, or when it can't be asked. No I/O. */
import { LinkloomError } from '../errors.ts';
import type { ContainerEngine } from './engine.ts';

/** The engine's own words: dockerode puts the status before them. */
export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message.trim() : String(error);
  return message.replace(/^\(HTTP code \d+\) [^-]*- /, '');
}

/** Of an HTTP answer; null: there was none. */
export function statusCodeOf(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' ? status : null;
}

/** E_ENGINE, or what `error` is already. */
export function unreachableEngine(
  { kind, socketPath }: Pick<ContainerEngine, 'kind' | 'socketPath'>,
  error: unknown,
): LinkloomError {
  if (error instanceof LinkloomError) return error;
  const reason = error instanceof Error ? error.message.trim() : String(error);
  return new LinkloomError('E_ENGINE', `${kind} on ${socketPath}: ${reason}`, { cause: error });
}
