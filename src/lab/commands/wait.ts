/** `up` waits for the commands that it has begun, once the links are told. */

import { LinkloomError } from '../../errors.ts';
import type { CommandReport, Summary } from '../../events.ts';
import { verb } from '../../verb-names.ts';
import type { Io } from '../request.ts';
import type { CommandRuns } from './runs.ts';

/** After this time people are told which commands `up` waits for. */
const TELL_MS = 5000;

/**
 * The summary with what became of the commands. Throws E_INTERRUPTED where the signal ended the waiting: what runs goes on, as
 * the links stay; `down` ends it.
 */
export async function withCommands(summary: Summary, runs: CommandRuns, { emit, signal }: Io): Promise<Summary> {
  const timer = setTimeout(() => {
    const commands = runs.running.map(({ node, argv, pid }) => ({ node, argv, pid }));
    emit({ type: 'commandsAwaited', commands });
  }, TELL_MS);
  await runs.allEnded(signal);
  clearTimeout(timer);
  const left = runs.running;
  if (left.length > 0) {
    throw new LinkloomError('E_INTERRUPTED', `interrupted: the links are made; ${named(left)} still runs`, {
      hint: `${verb('status')} shows it; ${verb('down')} ends what runs in namespaces`,
    });
  }
  const failures = [...summary.failures, ...runs.failures];
  const timings = { ...summary.timings, totalMs: performance.now() };
  return { ...summary, failures, timings, commands: runs.reports };
}

function named(commands: readonly CommandReport[]): string {
  const names = commands.map(({ node, argv, pid }) => {
    const where = pid === null ? node : `${node} (pid ${pid})`;
    return `the command in ${where} ${JSON.stringify(argv)}`;
  });
  return names.join(', ');
}
