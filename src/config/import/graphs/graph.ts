/** A graph, as node-link JSON and GraphML give it, and the lab that it becomes. */

import { quote } from '../../text/excerpt.ts';
import { type ForeignLab, without } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { ImportOptions } from '../options.ts';

/** Where a node is: on the globe (longitude and latitude in degrees), on a page, or either, which the graph as a whole tells. */
export interface Position {
  readonly on: 'globe' | 'page' | 'either';
  readonly x: number;
  readonly y: number;
}

export interface GraphNode {
  /** Unique in the graph. */
  readonly id: string;
  /** What people call it; null if the graph does not say. */
  readonly label: string | null;
  readonly position: Position | null;
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
  const isOnGlobe = graph.nodes.every(({ position }) => position === null || canBeOnGlobe(position));
  for (const { id, label, position, where } of graph.nodes) {
    if (names.has(id)) {
      lab.notes.leftOut(`a second node of the id ${quote(id)}`, where);
      continue;
    }
    const name = lab.names.node(label ?? id, where, id);
    names.set(id, name);
    lab.addNode(name, position === null ? {} : { labels: labelsOf(position, isOnGlobe) }, where);
  }
  const seen = new Set<string>();
  for (const edge of graph.edges) addEdge(lab, graph, edge, names, seen, options);
}

const canBeOnGlobe = ({ x, y }: Position): boolean => Math.abs(x) <= 180 && Math.abs(y) <= 90;

/** The labels by which pictures place a node. */
function labelsOf({ on, x, y }: Position, isOnGlobe: boolean): Record<string, string> {
  if (on === 'globe' || (on === 'either' && isOnGlobe)) return { lat: String(y), lon: String(x) };
  return { x: String(x), y: String(y) };
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
