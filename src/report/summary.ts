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

/** A removal in the background. null: the lab is gone already. */
type Begun = { readonly pid: number; readonly logPath: string } | null;

export function detachedText(lab: string, begun: Begun): string {
  if (begun === null) return `lab ${lab} is gone\n`;
  return `lab ${lab} is being removed in the background by pid ${begun.pid}; what it says is in ${begun.logPath}\n`;
}

/** The document of `down --detach --json`. */
export function detachedJson(lab: string, begun: Begun): object {
  const state = begun === null ? 'gone' : 'going';
  return { schemaVersion: 1, verb: 'down', lab, state, pid: begun?.pid ?? null, log: begun?.logPath ?? null };
}
