/** What `up`, `down`, `status` and `hosts` print of a lab over several hosts. */
import type { HostView } from '../../cluster/state.ts';
import type { HostOutcome } from '../../hosts/verbs/outcome.ts';
import type { HostsList, HostsStatus } from '../../hosts/verbs/status.ts';
import type { HostsUp } from '../../hosts/verbs/up.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';

const OF_LAB: readonly Column[] = [
  { title: 'HOST' },
  { title: 'STATE' },
  { title: 'REVISION', align: 'right' },
  { title: 'LINKS', align: 'right' },
  { title: 'FAILED', align: 'right' },
  { title: 'MS', align: 'right' },
  { title: 'WHY', shrink: true },
];

const OF_HOSTS: readonly Column[] = [
  { title: 'HOST' },
  { title: 'AGENT' },
  { title: 'ADDRESS' },
  { title: 'VERSION' },
  { title: 'CPUS', align: 'right' },
  { title: 'CONTAINERS', align: 'right' },
  { title: 'LABS', shrink: true },
];

export function hostsUpText({ lab, revision, isWritten, hosts, ms }: HostsUp, sink: Sink): string {
  const what = isWritten ? `revision ${revision} is written` : `revision ${revision} says that already`;
  const behind = hosts.filter(({ progress }) => progress !== 'whole').map(({ host }) => host);
  const end = behind.length === 0 ? `all hosts have it after ${Math.round(ms)} ms` : `not whole: ${behind.join(', ')}`;
  return `${outcomeTable(hosts, sink)}lab ${lab}: ${what}; ${end}\n`;
}

export function hostsStatusText({ recorded, hosts }: HostsStatus, sink: Sink): string {
  const { lab, identity, record } = recorded;
  const what = record.deleted ? ', which removes it' : '';
  const head = `lab ${lab}: revision ${identity.revision} by ${record.writer} at ${record.at}${what}\n`;
  return `${printable(head.trimEnd())}\n${outcomeTable(hosts, sink)}`;
}

function outcomeTable(hosts: readonly HostOutcome[], sink: Sink): string {
  const rows = hosts.map(({ host, progress, why, state }) =>
    [
      ...[host, progress, state === null ? '-' : String(state.rev)],
      ...(state === null ? ['-', '-', '-'] : [String(state.desired), String(state.failed), String(state.ms)]),
      why ?? '',
    ].map(printable),
  );
  return rows.length === 0 ? '' : table(OF_LAB, rows, sink);
}

export function hostsText({ views, labs }: HostsList, sink: Sink): string {
  if (views.length === 0) return 'no host has told anything yet\n';
  const rows = views.map((view) => {
    const { host, lease, info } = view;
    const containers = info?.nodes.filter((node) => node.startsWith('container/')).length ?? 0;
    const agent = lease === null ? 'lost' : `pid ${lease.pid}`;
    const of = labs.flatMap(({ recorded, hosts }) => {
      const own = hosts.find((one) => one.host === host);
      return own === undefined || recorded.record.deleted
        ? []
        : [`${recorded.lab} ${own.progress}${lagOf(recorded.identity.revision, own)}`];
    });
    return [
      ...[host, agent, info?.address ?? '-', info?.version ?? '-', String(info?.capacity.cpus ?? '-')],
      ...[String(containers), of.join(', ')],
    ].map(printable);
  });
  return table(OF_HOSTS, rows, sink);
}

/** How many writes a host is behind; writes of other labs count too. */
function lagOf(revision: number, { progress, state }: HostOutcome): string {
  if (progress === 'whole' || state === null || state.rev === 0) return '';
  return state.rev < revision ? ` (at ${state.rev} of ${revision})` : '';
}

export function hostsUpJson(
  verb: 'up' | 'down' | 'rebalance',
  { lab, revision, isWritten, hosts, ms }: HostsUp,
): object {
  return {
    ...{ schemaVersion: 1, verb, lab, revision, written: isWritten },
    links: linksOf(hosts),
    hosts: hosts.map(outcomeJson),
    timings: { totalMs: Math.round(ms * 1000) / 1000 },
  };
}

export function hostsStatusJson({ recorded, hosts }: HostsStatus): object {
  const { lab, record, identity } = recorded;
  const { writer, at, deleted, needs, place, vni, hosts: addresses } = record;
  return {
    ...{ schemaVersion: 1, lab, epoch: identity.epoch, revision: identity.revision, writer, at, needs, deleted },
    ...{ addresses, place, vni, links: linksOf(hosts), hosts: hosts.map(outcomeJson) },
  };
}

export function hostsJson({ views, labs }: HostsList): object {
  return {
    schemaVersion: 1,
    hosts: views.map(({ host, info, lease, labs: own }: HostView) => ({
      ...{ host, alive: lease !== null, pid: lease?.pid ?? null, info },
      labs: Object.fromEntries(own),
    })),
    labs: labs.map(hostsStatusJson),
  };
}

function outcomeJson({ host, progress, why, state }: HostOutcome): object {
  return { host, state: progress, why, ...state };
}

function linksOf(hosts: readonly HostOutcome[]): object {
  const sum = (of: 'desired' | 'created' | 'changed' | 'removed' | 'failed' | 'pending'): number =>
    hosts.reduce((total, { state }) => total + (state?.[of] ?? 0), 0);
  return {
    ...{ desired: sum('desired'), created: sum('created'), changed: sum('changed') },
    ...{ removed: sum('removed'), failed: sum('failed'), pending: sum('pending') },
  };
}
