/** Reads node-link JSON, as NetworkX (`node_link_data`) and topohub write it. */
import { BRIDGE_MODES } from '../../../kinds/bridge-modes.ts';
import { parseTimeNs } from '../../../net/units.ts';
import { isMap } from '../../extract.ts';
import { quote } from '../../text/excerpt.ts';
import { readSources, type Source } from '../../text/source.ts';
import { ForeignLab } from '../foreign-lab.ts';
import type { ImportOptions } from '../options.ts';
import {
  addGraph,
  amountOf,
  type Graph,
  type GraphEdge,
  type GraphEnd,
  type GraphNode,
  numberIn,
  type Position,
} from './graph.ts';
import { LeftKeys } from './left-keys.ts';

/** Names of the list of edges: NetworkX from 3.4 on, and before. */
const EDGE_KEYS = ['edges', 'links'] as const;
const DISTANCES = ['dist', 'distance', 'length', 'distance_km'];
const RATES = ['capacity', 'bandwidth', 'rate', 'LinkSpeedRaw'];
const LONGITUDES = ['Longitude', 'longitude', 'lon'];
const LATITUDES = ['Latitude', 'latitude', 'lat'];
const KNOWN = {
  node: new Set([
    ...['id', 'name', 'label', 'pos', 'x', 'y', ...LONGITUDES, ...LATITUDES],
    ...['kind', 'mode', 'external', 'labels', 'ip'],
  ]),
  edge: new Set([
    ...['source', 'target', 'key', 'delay', 'mtu', 'labels', ...DISTANCES, ...RATES],
    ...['source', 'target'].flatMap((end) => [`${end}_interface`, `${end}_mac`, `${end}_ip`]),
  ]),
  graph: new Set(['name']),
};

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
  const [key, other] = EDGE_KEYS.filter((name) => Array.isArray(top[name]));
  if (other !== undefined) lab.notes.leftOut(`the list ${other}`, () => source.locate([other]), `there is ${key}, too`);
  const left = new LeftKeys();
  left.add('graph', Object.keys(of), KNOWN.graph, () => source.locate(['graph']));
  const ids = new Ids();
  const nodes = (top['nodes'] as unknown[]).flatMap((node, at) => nodeOf(lab, source, node, at, ids, left));
  const isOneWay = top['directed'] === true && top['multigraph'] !== true;
  const edges = (top[key ?? 'edges'] as unknown[]).flatMap((edge, at) =>
    edgeOf(lab, source, edge, [key ?? 'edges', at], ids, left).map((read) => ({ ...read, isOneWay })),
  );
  left.note(lab.notes);
  return { name: typeof of['name'] === 'string' && of['name'] !== '' ? of['name'] : null, nodes, edges };
}

/** The ids of nodes as texts. NetworkX takes for one whatever Python can hash: 1, "1", true and [0, 1] are four nodes. */
class Ids {
  readonly #exact = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The id of a node; null if the value can be none. */
  give(value: unknown): string | null {
    const text = nameIn(value);
    if (text === null) return null;
    const exact = JSON.stringify(value);
    const known = this.#exact.get(exact);
    const id = known ?? (this.#taken.has(text) ? exact : text);
    this.#exact.set(exact, id);
    this.#taken.add(id);
    return id;
  }

  /** The id of the node that an edge names; of a node that is not there, what it would be. Null if the value can be none. */
  find(value: unknown): string | null {
    return this.#exact.get(JSON.stringify(value) ?? '') ?? nameIn(value);
  }
}

const scalar = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;

/** What a node with this id is called: a tuple, which JSON has as a list, by its parts. Null for what is no id. */
function nameIn(value: unknown): string | null {
  if (!Array.isArray(value)) return scalar(value);
  const parts = value.map(nameIn);
  return parts.length === 0 || parts.includes(null) ? null : parts.join('-');
}

function nodeOf(
  lab: ForeignLab,
  source: Source,
  node: unknown,
  at: number,
  ids: Ids,
  left: LeftKeys,
): readonly GraphNode[] {
  const where = () => source.locate(['nodes', at]);
  const id = isMap(node) ? ids.give(node['id']) : null;
  if (!isMap(node) || id === null) {
    lab.notes.leftOut('a node without id', where);
    return [];
  }
  left.add('node', filled(node), KNOWN.node, where);
  const label = [scalar(node['name']), scalar(node['label']), nameIn(node['id'])].find(Boolean) ?? null;
  const position = positionOf(node);
  if (position === null && node['pos'] !== undefined && node['pos'] !== null) {
    lab.notes.leftOut('pos of a node', where, 'it is no list of two numbers');
  }
  return [{ id, label, position, ...ownPartsOf(node), where }];
}

/** The keys that have a value. */
function filled(map: Record<string, unknown>): readonly string[] {
  return Object.keys(map).filter((key) => map[key] !== null && map[key] !== '');
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
  const pos = Array.isArray(node['pos']) ? node['pos'] : [];
  const firstOf = (keys: readonly string[]) => keys.map((key) => node[key]).find((value) => value !== undefined);
  const found: readonly (readonly [on: Position['on'], x: unknown, y: unknown])[] = [
    ['globe', firstOf(LONGITUDES), firstOf(LATITUDES)],
    ['either', pos[0], pos[1]],
    ['page', node['x'], node['y']],
  ];
  for (const [on, first, second] of found) {
    const [x, y] = [numberIn(first), numberIn(second)];
    if (x !== null && y !== null) return { on, x, y };
  }
  return null;
}

function edgeOf(
  lab: ForeignLab,
  source: Source,
  edge: unknown,
  path: readonly [string, number],
  ids: Ids,
  left: LeftKeys,
): readonly Omit<GraphEdge, 'isOneWay'>[] {
  const where = () => source.locate(path);
  const [from, to] = isMap(edge) ? [ids.find(edge['source']), ids.find(edge['target'])] : [null, null];
  if (!isMap(edge) || from === null || to === null) {
    lab.notes.leftOut('an edge without source and target', where);
    return [];
  }
  left.add('edge', filled(edge), KNOWN.edge, where);
  const { delay, labels } = edge;
  const isTime = typeof delay === 'string' && !/^[0-9.]+$/.test(delay) && parseTimeNs(delay, 'us') !== null;
  if (delay !== undefined && delay !== null && !isTime) {
    lab.notes.leftOut(`the delay ${quote(String(delay))} of an edge`, where, 'it has no unit: write 5ms or the like');
  }
  const amount = (keys: readonly string[]) =>
    amountOf(
      lab,
      keys.map((key) => [key, edge[key]]),
      where,
    );
  const mtu = amount(['mtu']);
  return [
    {
      ...{ from, to, distanceKm: amount(DISTANCES), rate: amount(RATES) },
      delay: isTime ? delay : undefined,
      mtu: mtu === null || mtu === 0 ? undefined : mtu,
      labels: isMap(labels)
        ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]))
        : undefined,
      ends: [endOf(edge, 'source'), endOf(edge, 'target')],
      where,
    },
  ];
}
