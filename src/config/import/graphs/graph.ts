/** A graph, as node-link JSON and GraphML give it, and the lab that it becomes. */

import { type ForeignLab, without } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { ImportOptions } from '../options.ts';

export interface GraphNode {
  /** Unique in the graph. */
  readonly id: string;
  /** What people call it; null if the graph does not say. */
  readonly label: string | null;
  /** Longitude and latitude, or x and y; null if unknown. */
  readonly position: readonly [number, number] | null;
  readonly where: Where;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly distanceKm: number | null;
  /** Bits per second; null if unknown. */
  readonly rate: number | null;
  readonly where: Where;
}

export interface Graph {
  readonly name: string | null;
  readonly isDirected: boolean;
  /** Whether two edges between the same nodes are two wires. */
  readonly isMultigraph: boolean;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Light in glass goes some 204,000 km in a second: 4.9 µs for each kilometre (ITU-T G.652: an index of refraction of 1.468). */
const DELAY_US_PER_KM = 4.9;

/** Adds the nodes and edges of a graph to a lab: every node a namespace (or, with `--image`, a container), every edge a wire. */
export function addGraph(lab: ForeignLab, graph: Graph, options: ImportOptions): void {
  if (graph.name !== null) lab.nameLab(graph.name);
  const names = new Map<string, string>();
  for (const { id, label, position, where } of graph.nodes) {
    const name = lab.names.node(label ?? (/^[A-Za-z_]/.test(id) ? id : `n${id}`), where, id);
    names.set(id, name);
    const labels = position === null ? {} : { labels: { pos: position.join(',') } };
    lab.addNode(name, { ...labels }, where);
  }
  const seen = new Set<string>();
  for (const edge of graph.edges) addEdge(lab, graph, edge, names, seen, options);
}

function addEdge(
  lab: ForeignLab,
  graph: Graph,
  { from, to, distanceKm, rate, where }: GraphEdge,
  names: ReadonlyMap<string, string>,
  seen: Set<string>,
  options: ImportOptions,
): void {
  const [a, b] = [names.get(from), names.get(to)];
  if (a === undefined || b === undefined) {
    lab.notes.add(
      'import-refused',
      `an edge ends at ${a === undefined ? from : to}, which is no node of the graph`,
      where,
    );
    return;
  }
  if (a === b) {
    lab.notes.leftOut(`an edge from ${a} to itself`, where);
    return;
  }
  const key = JSON.stringify([a, b].toSorted());
  if (graph.isDirected && !graph.isMultigraph && seen.has(key)) return;
  seen.add(key);
  const ends = [a, b].map((node) => ({ node, dev: lab.names.nextDevice(node, 'eth', 0) }));
  const [first, second] = ends;
  if (first === undefined || second === undefined) return;
  const impair = impairOf(distanceKm, rate);
  if (impair !== undefined && !options.impair)
    lab.notes.leftOut(`${Object.keys(impair).join(' and ')} of an edge`, where, '--no-impair');
  lab.addWire(first, second, { impair: options.impair ? impair : undefined }, where);
}

function impairOf(distanceKm: number | null, rate: number | null): Record<string, unknown> | undefined {
  const delayUs = distanceKm === null ? 0 : Math.round(distanceKm * DELAY_US_PER_KM);
  const impair = without({
    delay: delayUs > 0 ? `${delayUs}us` : undefined,
    rate: rate !== null && rate >= 1000 ? `${Math.round(rate / 1000)}kbit` : undefined,
  });
  return Object.keys(impair).length === 0 ? undefined : impair;
}
