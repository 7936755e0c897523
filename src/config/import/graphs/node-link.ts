/** Reads node-link JSON, as NetworkX (`node_link_data`) and topohub write it. */
import { BRIDGE_MODES } from '../../../kinds/bridge-modes.ts';
import { parseTimeNs } from '../../../net/units.ts';
import { isMap } from '../../extract.ts';
import { quote } from '../../text/excerpt.ts';
import { readSources, type Source } from '../../text/source.ts';
import { ForeignLab } from '../foreign-lab.ts';
import type { ImportOptions } from '../options.ts';
import { addGraph, type Graph, type GraphEdge, type GraphEnd, type GraphNode, type Position } from './graph.ts';

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
  const own = ownPartsOf(node);
  return [{ id, label: label === '' ? null : label, position: positionOf(node), ...own, where }];
}

/** Values of `kind` in linkloom's own export. */
const ROLES = ['bridge', 'host', 'container'] as const;

/** What linkloom's own export says of a node besides its name and its place. */
function ownPartsOf(node: Record<string, unknown>): Pick<GraphNode, 'role' | 'bridge' | 'labels' | 'ip'> {
  const { kind, mode, external } = node;
  const labels = isMap(node['labels']) ? node['labels'] : {};
  return {
    role: ROLES.find((role) => role === kind) ?? null,
    bridge: {
      ...(BRIDGE_MODES.some((known) => known === mode) ? { mode } : {}),
      ...(external === true ? { external } : {}),
    },
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])),
    ip: textsOf(node['ip']),
  };
}

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');

/** What an edge says of one of its ends, as linkloom's own export writes it. */
function endOf(edge: Record<string, unknown>, which: 'source' | 'target'): GraphEnd {
  const [dev, mac] = [scalar(edge[`${which}_interface`]), scalar(edge[`${which}_mac`])];
  const ip = textsOf(edge[`${which}_ip`]);
  return { dev: dev ?? undefined, mac: mac ?? undefined, ip: ip.length === 0 ? undefined : ip };
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
  const { delay, mtu, labels } = edge;
  const isTime = typeof delay === 'string' && !/^[0-9.]+$/.test(delay) && parseTimeNs(delay, 'us') !== null;
  if (delay !== undefined && delay !== null && !isTime) {
    lab.notes.leftOut(`the delay ${quote(String(delay))} of an edge`, where, 'it has no unit: write 5ms or the like');
  }
  return [
    {
      ...{ from, to, distanceKm: numberOf(edge, DISTANCES), rate: numberOf(edge, RATES) },
      delay: isTime ? delay : undefined,
      mtu: typeof mtu === 'number' && mtu > 0 ? mtu : undefined,
      labels: isMap(labels)
        ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]))
        : undefined,
      ends: [endOf(edge, 'source'), endOf(edge, 'target')],
      where,
    },
  ];
}

function numberOf(edge: Record<string, unknown>, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = Number(edge[key] ?? Number.NaN);
    if (Number.isFinite(value) && value >= 0) return value;
  }
  return null;
}
