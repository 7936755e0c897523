/** `status --all`: the labs of a host, and their nodes. */

import type { LabSeen, NodeSeen } from '../plan/status/labs.ts';
import { placeName } from '../topology/places.ts';
import { commandLine } from '../verb-names.ts';
import { printable } from './escape.ts';
import type { Sink } from './output.ts';
import { bytesText } from './status.ts';
import { type Column, table } from './table.ts';

const LAB_COLUMNS: readonly Column[] = [
  { title: 'LAB' },
  { title: 'LINKS', align: 'right' },
  { title: 'BRIDGES', align: 'right' },
  { title: 'NAMESPACES', shrink: true },
];

const NODE_COLUMNS: readonly Column[] = [
  { title: 'NODE' },
  { title: 'LAB' },
  { title: 'LINKS', align: 'right' },
  { title: 'ADDRESSES', shrink: true },
  { title: 'RX', align: 'right' },
  { title: 'TX', align: 'right' },
];

/** Most nodes and namespaces that the text lists. The JSON document has all. */
const NODES_MAX = 100;
const NAMESPACES_MAX = 8;

/** A table of the labs, and a table of their nodes. */
export function labsText(labs: readonly LabSeen[], sink: Sink): string {
  if (labs.length === 0) return 'no labs on this host\n';
  const parts = [table(LAB_COLUMNS, labs.map(labRow), sink)];
  const nodes = labs.flatMap(({ lab, nodes: own }) => own.map((node) => ({ lab, node })));
  const rows = nodes.slice(0, NODES_MAX).map(({ lab, node }) => nodeRow(lab, node));
  if (rows.length > 0) parts.push('\n', table(NODE_COLUMNS, rows, sink));
  const more = nodes.length - rows.length;
  if (more > 0) parts.push(`and ${more} more: ${commandLine('status', '--lab NAME')} shows those of a lab\n`);
  return parts.join('');
}

function labRow({ lab, links, bridges, namespaces, nodes }: LabSeen): string[] {
  const containers = new Map(nodes.map(({ namespace, container }) => [namespace, container]));
  const places = namespaces.slice(0, NAMESPACES_MAX).map((ns) => placeName(ns, containers.get(ns) ?? null));
  const more = namespaces.length - places.length;
  if (more > 0) places.push(`and ${more} more`);
  return [lab, String(links), String(bridges), places.join(', ')].map(printable);
}

function nodeRow(lab: string, { node, links, addresses, rxBytes, txBytes }: NodeSeen): string[] {
  return [node, lab, String(links), addresses.join(' ') || '-', bytesText(rxBytes), bytesText(txBytes)].map(printable);
}

/** The document of `status --all --json`. */
export function labsJson(labs: readonly LabSeen[]): object {
  return { schemaVersion: 1, labs };
}
