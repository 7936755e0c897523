/** Reports that a verb has failed as a whole, in the form that the user asked for, and finds the exit status. */
import { EXIT, type LinkloomError } from '../errors.ts';
import { asLinkloomError, errorJson, errorText } from '../report/errors.ts';
import type { Options } from './flags.ts';
import type { Context } from './verb.ts';

/**
 * Writes the text to standard error (with `--progress json`, a line of JSON), and with `--json` the document to standard output.
 * Returns the exit status.
 */
export function reportFailure(error: unknown, context: Context, options: Pick<Options, 'json' | 'progress'>): number {
  const failure = asLinkloomError(error);
  const document = errorJson(failure);
  if (options.progress === 'json') context.err.write(`${JSON.stringify({ ...document, type: 'error' })}\n`);
  else context.err.write(errorText(failure, context.err.paint));
  if (options.json) context.out.write(`${JSON.stringify(document)}\n`);
  return statusOf(failure, context);
}

function statusOf(failure: LinkloomError, context: Context): number {
  const isTerminated = failure.code === 'E_INTERRUPTED' && context.stop.received === 'SIGTERM';
  return isTerminated ? EXIT.terminated : failure.exitCode;
}
