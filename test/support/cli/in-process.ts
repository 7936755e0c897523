/** Runs a command line in the test's own process, which saves the half second that a process takes to start. */
import assert from 'node:assert/strict';
import { isBare, run } from '../../../src/cli/run.ts';
import { NEUTRAL, type Ran, type RunOptions } from '../bin.ts';
import { fakeSink } from '../sink.ts';

/**
 * Like `linkloom` of bin.ts, for verbs that read no standard input and need no signal. It changes the working directory of this
 * process, so only one call may run at a time.
 */
export async function inProcess(words: readonly string[], options: Pick<RunOptions, 'cwd' | 'env'> = {}): Promise<Ran> {
  const out = fakeSink();
  const err = fakeSink();
  const before = process.cwd();
  if (options.cwd !== undefined) process.chdir(options.cwd);
  try {
    const exitCode = await run(words, {
      out,
      err,
      env: { ...process.env, ...NEUTRAL, ...options.env },
      stop: { received: null },
      bare: isBare(words),
      exitNow: () => assert.fail('must not end the process'),
    });
    return { exitCode, signal: null, stdout: out.text(), stderr: err.text() };
  } finally {
    process.chdir(before);
  }
}
