/** Reads GraphML (graphml.graphdrawing.org), with what the Topology Zoo and yEd make of it. */
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { spansOf } from '../../text/source.ts';
import { ForeignLab } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { ImportOptions } from '../options.ts';
import { addGraph, type GraphEdge, type GraphNode, type Position } from './graph.ts';

/** A node or an edge of the file, with its data by the name of the data's key. */
interface Element {
  readonly tag: 'node' | 'edge' | 'graph';
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Map<string, string>;
  readonly where: Where;
}

/** The most text of the file that one value has: more is no label. */
const VALUE_MOST = 4096;

export function readGraphml(file: string, text: string, options: ImportOptions): ForeignLab {
  const lab = new ForeignLab();
  const spanAt = spansOf(file, text);
  const elements = new Elements(lab, spanAt);
  const parser = new SaxesParser<{ fileName: string; xmlns: false }>({ fileName: file, xmlns: false });
  parser.on('opentag', (tag) => elements.open(tag, parser.position));
  parser.on('text', (value) => elements.text(value));
  parser.on('cdata', (value) => elements.text(value));
  parser.on('closetag', ({ name }) => elements.close(name));
  parser.on('error', ({ message }) => {
    // saxes begins its messages with FILE:LINE:COLUMN.
    lab.notes.add('import-refused', message.replace(/^[^ ]*:\d+:\d+: /, ''), () =>
      spanAt(Math.max(0, parser.position - 1)),
    );
  });
  parser.write(text).close();
  if (elements.found.every(({ tag }) => tag !== 'node')) {
    lab.notes.add('import-refused', `${file} has no nodes of GraphML`);
    return lab;
  }
  addGraph(lab, elements.graph(), options);
  return lab;
}

class Elements {
  readonly found: Element[] = [];
  readonly #lab: ForeignLab;
  readonly #spanAt: ReturnType<typeof spansOf>;
  /** The names of the keys by their ids: Topology Zoo's `d33` is `label`. */
  readonly #keys = new Map<string, string>();
  readonly #open: Element[] = [];
  #key: string | null = null;
  #value = '';
  #edgesAreDirected = false;

  constructor(lab: ForeignLab, spanAt: ReturnType<typeof spansOf>) {
    this.#lab = lab;
    this.#spanAt = spanAt;
  }

  open({ name, attributes }: SaxesTagPlain, position: number): void {
    const tag = plain(name);
    const where = () => this.#spanAt(Math.max(0, position - 1));
    if (tag === 'key')
      this.#keys.set(attributes['id'] ?? '', attributes['attr.name'] ?? attributes['yfiles.type'] ?? '');
    else if (tag === 'graph' || tag === 'node' || tag === 'edge') {
      if (tag === 'graph') this.#edgesAreDirected ||= attributes['edgedefault'] === 'directed';
      const element = { tag, attributes, data: new Map<string, string>(), where } as const;
      this.found.push(element);
      this.#open.push(element);
    } else if (tag === 'data') {
      this.#key = this.#keys.get(attributes['key'] ?? '') ?? attributes['key'] ?? '';
      this.#value = '';
    } else if (isLabel(tag)) this.#value = '';
    else if (tag === 'Geometry') this.#geometry(attributes);
    else if (tag === 'hyperedge' || tag === 'port') this.#lab.notes.leftOut(`a ${tag}`, where);
  }

  /** yEd's place of a node on the page. An edge's geometry is of no use. */
  #geometry(attributes: Readonly<Record<string, string>>): void {
    const last = this.#open.at(-1);
    if (last?.tag !== 'node') return;
    for (const axis of ['x', 'y']) last.data.set(axis, attributes[axis] ?? '');
  }

  text(value: string): void {
    if (this.#key !== null && this.#value.length < VALUE_MOST) this.#value += value;
  }

  close(name: string): void {
    const tag = plain(name);
    const value = this.#value.trim();
    const data = this.#open.at(-1)?.data;
    if (isLabel(tag)) {
      // yEd writes an empty label beside the one that is seen.
      if (value !== '' && !data?.has('label')) data?.set('label', value);
      this.#value = '';
    } else if (tag === 'data') {
      if (this.#key !== null && value !== '' && !data?.has(this.#key)) data?.set(this.#key, value);
      this.#key = null;
    } else if (tag === this.#open.at(-1)?.tag) this.#open.pop();
  }

  graph(): Parameters<typeof addGraph>[1] {
    const own = this.found.find(({ tag }) => tag === 'graph');
    const nodes = this.found.filter(({ tag }) => tag === 'node').flatMap((node) => this.#node(node));
    const edges = this.found.filter(({ tag }) => tag === 'edge').flatMap((edge) => this.#edge(edge));
    const name = own?.data.get('Network') ?? own?.data.get('label') ?? own?.data.get('name') ?? null;
    return { name, isDirected: this.#edgesAreDirected, isMultigraph: true, nodes, edges };
  }

  #node({ attributes, data, where }: Element): readonly GraphNode[] {
    const { id } = attributes;
    if (id === undefined) {
      this.#lab.notes.leftOut('a node without id', where);
      return [];
    }
    const label = data.get('label') ?? data.get('Label') ?? data.get('name') ?? null;
    return [{ id, label, position: positionOf(data), where }];
  }

  #edge({ attributes, data, where }: Element): readonly GraphEdge[] {
    const { source, target } = attributes;
    if (source === undefined || target === undefined) {
      this.#lab.notes.leftOut('an edge without source and target', where);
      return [];
    }
    const distanceKm = numberOf(data, ['dist', 'distance', 'length', 'distance_km']);
    const rate = numberOf(data, ['LinkSpeedRaw', 'capacity', 'bandwidth']);
    return [{ from: source, to: target, distanceKm, rate, where }];
  }
}

/** Where yEd writes what people see of a node or an edge. */
const isLabel = (tag: string): boolean => tag === 'NodeLabel' || tag === 'EdgeLabel';

/** The name of an element without its namespace: `y:NodeLabel` is `NodeLabel`. */
const plain = (name: string): string => name.slice(name.indexOf(':') + 1);

function positionOf(data: ReadonlyMap<string, string>): Position | null {
  for (const [on, x, y] of [
    ['globe', 'Longitude', 'Latitude'],
    ['globe', 'longitude', 'latitude'],
    ['page', 'x', 'y'],
  ] as const) {
    const [first, second] = [numberOf(data, [x], -Infinity), numberOf(data, [y], -Infinity)];
    if (first !== null && second !== null) return { on, x: first, y: second };
  }
  return null;
}

function numberOf(data: ReadonlyMap<string, string>, keys: readonly string[], least = 0): number | null {
  for (const key of keys) {
    const text = data.get(key);
    const value = text === undefined ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= least) return value;
  }
  return null;
}
