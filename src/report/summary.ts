/** What `up --json` and `down --json` print. */
import type { Failure, Summary } from '../events.ts';
import { failureJson } from './errors.ts';
import { pendingJson } from './pending.ts';
import { commandJson } from './running/commands.ts';

/** The document of `restart --json`. */
export function restartJson(restarted: {
  readonly lab: string;
  readonly nodes: readonly string[];
  readonly summary: Summary | null;
  readonly failures: readonly Failure[];
}): object {
  const { lab, nodes, summary, failures } = restarted;
  const links = summary?.links ?? null;
  return { schemaVersion: 1, verb: 'restart', lab, nodes, links, failures: failures.map(failureJson) };
}

/** The document of a summary. Times are rounded to a microsecond. */
export function summaryJson(verb: 'up' | 'down', summary: Summary): object {
  const timings = Object.fromEntries(
    Object.entries(summary.timings).map(([name, ms]) => [name, Math.round(ms * 1000) / 1000]),
  );
  return {
    schemaVersion: 1,
    verb,
    lab: summary.lab,
    links: summary.links,
    nodes: summary.nodes,
    orphans: summary.orphans,
    timings,
    failures: summary.failures.map(failureJson),
    pending: summary.pending.map(pendingJson),
    ...(verb === 'up' && { commands: summary.commands.map(commandJson) }),
  };
}

/** A removal in the background. `pid` null: the lab is gone already. */
interface Begun {
  readonly lab: string;
  readonly pid: number | null;
  readonly logPath: string | null;
}

export function detachedText({ lab, pid, logPath }: Begun): string {
  if (pid === null) return `lab ${lab} is gone\n`;
  return `lab ${lab} is being removed in the background by pid ${pid}; what it says is in ${logPath}\n`;
}

export function detachedJson({ lab, pid, logPath }: Begun) {
  return { schemaVersion: 1, verb: 'down', lab, state: pid === null ? 'gone' : 'going', pid, log: logPath } as const;
}
