/** Reads an engine's refusals, and reports engines that can't be reached. No I/O. */
import { LinkloomError } from '../errors.ts';
import type { ContainerEngine } from './engine.ts';

/** The engine's message, without the status that dockerode puts before it. */
export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message.trim() : String(error);
  return message.replace(/^\(HTTP code \d+\) [^-]*- /, '');
}

/** The status of the HTTP answer; null: there was no answer. */
export function statusCodeOf(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' ? status : null;
}

/** `error` if it is a LinkloomError already, else an E_ENGINE. */
export function unreachableEngine(
  { kind, socketPath }: Pick<ContainerEngine, 'kind' | 'socketPath'>,
  error: unknown,
): LinkloomError {
  if (error instanceof LinkloomError) return error;
  const reason = error instanceof Error ? error.message.trim() : String(error);
  return new LinkloomError('E_ENGINE', `${kind} on ${socketPath}: ${reason}`, { cause: error });
}
