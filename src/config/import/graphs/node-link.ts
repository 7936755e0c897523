/** Reads node-link JSON, as NetworkX (`node_link_data`) and topohub write it. */
import { isMap } from '../../extract.ts';
import { readSources, type Source } from '../../text/source.ts';
import { ForeignLab } from '../foreign-lab.ts';
import type { ImportOptions } from '../options.ts';
import { addGraph, type Graph, type GraphEdge, type GraphNode, type Position } from './graph.ts';

/** Names of the list of edges: NetworkX from 3.4 on, and before. */
const EDGE_KEYS = ['edges', 'links'] as const;
const DISTANCES = ['dist', 'distance', 'length', 'distance_km'];
const RATES = ['capacity', 'bandwidth', 'rate', 'LinkSpeedRaw'];

/** Whether a document is such a graph. */
export function isNodeLink(value: unknown): boolean {
  if (!isMap(value) || !Array.isArray(value['nodes'])) return false;
  return EDGE_KEYS.some((key) => Array.isArray(value[key]));
}

export async function readNodeLink(file: string, text: string, options: ImportOptions): Promise<ForeignLab> {
  const lab = new ForeignLab();
  const [source] = await readSources(file, text, 'json', false);
  for (const { severity, message, where } of source.diagnostics) {
    if (severity === 'error') lab.notes.add('import-refused', message, () => where);
  }
  if (!isNodeLink(source.value)) {
    lab.notes.add('import-refused', `${file} is no node-link graph: it wants the lists nodes and edges (or links)`);
    return lab;
  }
  addGraph(lab, graphOf(lab, source), options);
  return lab;
}

function graphOf(lab: ForeignLab, source: Source): Graph {
  const top = source.value as Record<string, unknown>;
  const of = isMap(top['graph']) ? top['graph'] : {};
  const key = EDGE_KEYS.find((name) => Array.isArray(top[name])) ?? 'edges';
  const nodes = (top['nodes'] as unknown[]).flatMap((node, at) => nodeOf(lab, source, node, at));
  const edges = (top[key] as unknown[]).flatMap((edge, at) => edgeOf(lab, source, edge, [key, at]));
  return {
    name: typeof of['name'] === 'string' && of['name'] !== '' ? of['name'] : null,
    isDirected: top['directed'] === true,
    isMultigraph: top['multigraph'] === true,
    nodes,
    edges,
  };
}

const scalar = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

function nodeOf(lab: ForeignLab, source: Source, node: unknown, at: number): readonly GraphNode[] {
  const where = () => source.locate(['nodes', at]);
  const id = isMap(node) ? scalar(node['id']) : null;
  if (!isMap(node) || id === null) {
    lab.notes.leftOut('a node without id', where);
    return [];
  }
  const label = scalar(node['name']) ?? scalar(node['label']);
  return [{ id, label: label === '' ? null : label, position: positionOf(node), where }];
}

function positionOf(node: Record<string, unknown>): Position | null {
  const pos = Array.isArray(node['pos']) && node['pos'].length === 2 ? node['pos'] : [];
  const { Longitude, longitude, lon, Latitude, latitude, lat } = node;
  const found: readonly (readonly [on: Position['on'], x: unknown, y: unknown])[] = [
    ['globe', Longitude ?? longitude ?? lon, Latitude ?? latitude ?? lat],
    ['either', pos[0], pos[1]],
    ['page', node['x'], node['y']],
  ];
  for (const [on, x, y] of found) {
    if (typeof x === 'number' && typeof y === 'number' && Number.isFinite(x) && Number.isFinite(y)) return { on, x, y };
  }
  return null;
}

function edgeOf(lab: ForeignLab, source: Source, edge: unknown, path: readonly [string, number]): readonly GraphEdge[] {
  const where = () => source.locate(path);
  const [from, to] = isMap(edge) ? [scalar(edge['source']), scalar(edge['target'])] : [null, null];
  if (!isMap(edge) || from === null || to === null) {
    lab.notes.leftOut('an edge without source and target', where);
    return [];
  }
  return [{ from, to, distanceKm: numberOf(edge, DISTANCES), rate: numberOf(edge, RATES), where }];
}

function numberOf(edge: Record<string, unknown>, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = Number(edge[key] ?? Number.NaN);
    if (Number.isFinite(value) && value >= 0) return value;
  }
  return null;
}
