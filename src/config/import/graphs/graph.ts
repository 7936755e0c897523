/** A graph, as node-link JSON and GraphML give it, and the lab that it becomes. */

import { quote } from '../../text/excerpt.ts';
import { type End, type ForeignLab, type Part, without } from '../foreign-lab.ts';
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
  /** `bridge`, `host` and `container` as linkloom's own export has them; null for what is a node. */
  readonly role?: 'bridge' | 'host' | 'container' | null;
  /** What a bridge's entry has besides its name. */
  readonly bridge?: Part;
  readonly labels?: Readonly<Record<string, string>>;
  /** Addresses of `lo`. */
  readonly ip?: readonly string[];
  readonly where: Where;
}

/** What belongs to one end of an edge. */
export interface GraphEnd {
  readonly dev?: string | undefined;
  readonly mac?: string | undefined;
  readonly ip?: readonly string[] | undefined;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly distanceKm: number | null;
  /** A time with its unit, which counts more than the distance. */
  readonly delay?: string | undefined;
  /** Bits per second; null if unknown. */
  readonly rate: number | null;
  readonly mtu?: number | undefined;
  readonly labels?: Record<string, string> | undefined;
  readonly ends?: readonly [GraphEnd, GraphEnd];
  /** Whether this is one way of a wire: an edge the other way, between the same nodes, is the same wire. */
  readonly isOneWay: boolean;
  readonly where: Where;
}

export interface Graph {
  readonly name: string | null;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Light in glass goes some 204,000 km in a second: 4.9 µs for each kilometre (ITU-T G.652: an index of refraction of 1.468). */
const DELAY_US_PER_KM = 4.9;

/** Adds the nodes and edges of a graph to a lab: every node a namespace (or, with `--image`, a container), every edge a wire. */
export function addGraph(lab: ForeignLab, graph: Graph, options: ImportOptions): void {
  if (graph.name !== null) lab.nameLab(graph.name);
  const places = new Map<string, Place>();
  const isOnGlobe = graph.nodes.every(({ position }) => position === null || canBeOnGlobe(position));
  for (const node of graph.nodes) {
    if (places.has(node.id)) lab.notes.leftOut(`a second node of the id ${quote(node.id)}`, node.where);
    else places.set(node.id, addNode(lab, node, isOnGlobe));
  }
  new Edges(lab, graph, places, options).add();
}

/** What a node of the graph has become. */
type Place = { readonly node: string } | { readonly bridge: string };

function addNode(lab: ForeignLab, node: GraphNode, isOnGlobe: boolean): Place {
  const { id, label, position, where } = node;
  const written = label ?? id;
  if (node.role === 'host') return { node: 'host' };
  if (node.role === 'container') return { node: `container/${written}` };
  if (node.role === 'bridge') {
    const bridge = lab.names.device('bridges', written, where);
    lab.addBridge({ bridge, ...node.bridge }, where);
    return { bridge };
  }
  const name = lab.names.node(written, where, id);
  const labels = { ...(position === null ? {} : labelsOf(position, isOnGlobe)), ...node.labels };
  const ip = node.ip ?? [];
  lab.addNode(
    name,
    { ...(Object.keys(labels).length === 0 ? {} : { labels }), ...(ip.length === 0 ? {} : { ip: [...ip] }) },
    where,
  );
  return { node: name };
}

const canBeOnGlobe = ({ x, y }: Position): boolean => Math.abs(x) <= 180 && Math.abs(y) <= 90;

/** The labels by which pictures place a node. */
function labelsOf({ on, x, y }: Position, isOnGlobe: boolean): Record<string, string> {
  if (on === 'globe' || (on === 'either' && isOnGlobe)) return { lat: String(y), lon: String(x) };
  return { x: String(x), y: String(y) };
}

class Edges {
  readonly #lab: ForeignLab;
  readonly #graph: Graph;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #options: ImportOptions;
  /** One-way edges whose other way has not come yet, by their nodes. */
  readonly #oneWay = new Map<string, GraphEdge[]>();
  /** Ends that the graph names, as `NODE DEV`. */
  readonly #named = new Set<string>();

  constructor(lab: ForeignLab, graph: Graph, places: ReadonlyMap<string, Place>, options: ImportOptions) {
    this.#lab = lab;
    this.#graph = graph;
    this.#places = places;
    this.#options = options;
  }

  add(): void {
    // Names that the graph gives come first, so that none of them is given to another interface.
    for (const { from, to, ends, where } of this.#graph.edges) {
      for (const [id, end] of [
        [from, ends?.[0]],
        [to, ends?.[1]],
      ] as const) {
        const place = this.#places.get(id);
        if (place !== undefined && 'node' in place && end?.dev !== undefined)
          this.#lab.names.device(place.node, end.dev, where);
      }
    }
    for (const edge of this.#graph.edges) this.#addEdge(edge);
  }

  #addEdge(edge: GraphEdge): void {
    const { from, to, where, mtu } = edge;
    const [a, b] = [this.#places.get(from), this.#places.get(to)];
    if (a === undefined || b === undefined) {
      const missing = a === undefined ? from : to;
      this.#lab.notes.add('import-refused', `an edge ends at ${missing}, which is no node of the graph`, where);
      return;
    }
    // Between two interfaces that the graph names, it is a wire all the same.
    if (from === to && !(edge.ends?.every(({ dev }) => dev !== undefined) ?? false)) {
      this.#lab.notes.leftOut(`an edge from ${'node' in a ? a.node : a.bridge} to itself`, where);
      return;
    }
    if (edge.isOneWay && this.#isWayBack(edge)) return;
    const impair = this.#impairOf(edge);
    const [first, second] = edge.ends ?? [{}, {}];
    if ('bridge' in a && 'bridge' in b) this.#lab.notes.leftOut('an edge between two bridges', where);
    else if ('bridge' in a)
      this.#lab.addLink(this.#end(b as NodePlace, second, where), { bridge: a.bridge, mtu, impair }, where);
    else if ('bridge' in b) this.#lab.addLink(this.#end(a, first, where), { bridge: b.bridge, mtu, impair }, where);
    else
      this.#lab.addWire(
        this.#end(a, first, where),
        this.#end(b, second, where),
        { mtu, impair, labels: edge.labels },
        where,
      );
  }

  #isWayBack(edge: GraphEdge): boolean {
    const { from, to, mtu, where } = edge;
    const first = this.#oneWay.get(JSON.stringify([to, from]))?.shift();
    if (first === undefined) {
      const key = JSON.stringify([from, to]);
      this.#oneWay.set(key, [...(this.#oneWay.get(key) ?? []), edge]);
      return false;
    }
    const saysSame = first.mtu === mtu && JSON.stringify(impairOf(first)) === JSON.stringify(impairOf(edge));
    if (!saysSame) this.#lab.notes.leftOut('what an edge says of the way back', where, 'a wire is the same both ways');
    return true;
  }

  #impairOf(edge: GraphEdge): Record<string, unknown> | undefined {
    const impair = impairOf(edge);
    if (impair === undefined || this.#options.impair) return impair;
    this.#lab.notes.leftOut(`${Object.keys(impair).join(' and ')} of an edge`, edge.where, '--no-carry-impair');
    return undefined;
  }

  #end({ node }: NodePlace, { dev, mac, ip }: GraphEnd, where: Where): End {
    const name = dev === undefined ? undefined : this.#lab.names.device(node, dev, where);
    const isFree = name !== undefined && !this.#named.has(`${node} ${name}`);
    if (isFree) this.#named.add(`${node} ${name}`);
    const own = isFree ? name : this.#lab.names.nextDevice(node, 'eth', 0);
    if (name !== undefined && !isFree) {
      this.#lab.notes.add('import-renamed', `a second interface ${name} of ${node} is called ${own}`, where);
    }
    return { node, dev: own, mac, ip };
  }
}

type NodePlace = Extract<Place, { readonly node: string }>;

/** The number that a value is or, as text, has; null if it has none. */
export function numberIn(value: unknown): number | null {
  const number =
    typeof value === 'string' && /^\s*[+-]?(?:\d|\.\d)[\d.]*(?:e[+-]?\d+)?\s*$/i.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** The first of some values of an edge that is an amount. Values that are none are noted. */
export function amountOf(
  { notes }: ForeignLab,
  values: readonly (readonly [key: string, value: unknown])[],
  where: Where,
): number | null {
  for (const [key, value] of values) {
    if (value === undefined || value === null) continue;
    const number = numberIn(value);
    if (number !== null && number >= 0) return number;
    notes.leftOut(`${key} ${quote(String(value))} of an edge`, where, 'it is no amount');
  }
  return null;
}

function impairOf({ distanceKm, delay, rate }: GraphEdge): Record<string, unknown> | undefined {
  const delayUs = distanceKm === null ? 0 : Math.round(distanceKm * DELAY_US_PER_KM);
  const impair = without({
    delay: delay ?? (delayUs > 0 ? `${delayUs}us` : undefined),
    // Below a byte per second the kernel has none.
    rate: rate !== null && rate >= 8 ? rateOf(rate) : undefined,
  });
  return Object.keys(impair).length === 0 ? undefined : impair;
}

function rateOf(bitsPerSecond: number): string {
  return bitsPerSecond % 1000 === 0 ? `${bitsPerSecond / 1000}kbit` : `${Math.round(bitsPerSecond)}bit`;
}
