/** What `plan` prints of a lab over several hosts: who gets what, what moves, and what crosses. */
import type { HostsPlan } from '../../hosts/verbs/up.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'HOST' },
  { title: 'ADDRESS' },
  { title: 'NODES', align: 'right' },
  { title: 'LOAD', align: 'right' },
];

/** Most moves that the text lists. The JSON document has all. */
const MOVES_MAX = 20;

export function hostsPlanText(plan: HostsPlan, sink: Sink): string {
  const { lab, before, next, isSame, crossing, domains } = plan;
  const { record, loads, moves } = next;
  const count = (host: string): number => Object.values(record.place).filter((one) => one === host).length;
  const rows = Object.entries(record.hosts).map(([host, { address, port }]) =>
    [host, `${address} ${port}`, String(count(host)), `${Math.round((loads[host] ?? 0) * 100)} %`].map(printable),
  );
  const moved = moves.slice(0, MOVES_MAX).map(({ node, from, to }) => printable(`${node} moves from ${from} to ${to}`));
  const more = moves.length - moved.length;
  const than = before === null ? 'the store knows no such lab yet' : `after revision ${before.identity.revision}`;
  return [
    table(COLUMNS, rows, sink).trimEnd(),
    ...moved,
    ...(more > 0 ? [`and ${more} more`] : []),
    `${crossing.length} of ${domains} bridges and wires are between hosts`,
    isSame ? `lab ${lab}: nothing would be written` : `lab ${lab}: a record would be written (${than})`,
    '',
  ].join('\n');
}

export function hostsPlanJson({ lab, before, next, isSame, crossing, domains }: HostsPlan): object {
  const { record, loads, moves } = next;
  return {
    ...{ schemaVersion: 1, verb: 'plan', lab, revision: before?.identity.revision ?? null, same: isSame },
    ...{ hosts: record.hosts, place: record.place, loads, moves, crossing, domains },
  };
}
