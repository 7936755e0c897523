/** Writes a lab as a graph in node-link JSON, as NetworkX reads it (`node_link_graph(data, edges="edges")`). */
import { spanOf } from '../config/config.ts';
import type { Notes } from '../config/import/notes.ts';
import { parseRateBits, parseTimeNs } from '../net/units.ts';
import { type End, endName, type Lab, listOf, type Tie } from './lab.ts';
import { leaveBridges, leaveLink, leaveMode, leaveNode } from './left.ts';

type Part = Record<string, unknown>;

/** Keys of a node and of a link that the graph has. */
const NODE_HAS = new Set(['labels', 'ip']);
const LINK_HAS = new Set(['mtu', 'ip', 'impair', 'mac']);

/** The labels by which pictures place a node. */
const POSITIONS = [
  ['lon', 'lat'],
  ['x', 'y'],
] as const;

export function writeNodeLink(lab: Lab, notes: Notes<'export'>): string {
  const nodes = new Nodes(lab, notes);
  leaveBridges(notes, lab);
  const edges: Part[] = [];
  for (const tie of lab.ties) edges.push(edgeOf(tie, nodes, notes));
  for (const lan of lab.lans) {
    const target = nodes.bridge(lan.name, lan.config.external === true, lan.config.mode);
    for (const end of lan.ends) {
      leaveLink(notes, end, LINK_HAS);
      edges.push({ source: nodes.of(end), target, ...ofEnd('source', end), ...amountsOf(end, notes) });
    }
    for (const tunnel of lan.tunnels) {
      notes.leftOut(`the ${tunnel.value.type} tunnel of the bridge ${lan.name}`, () => spanOf(tunnel));
    }
  }
  for (const end of lab.singles) {
    notes.leftOut(`the link ${endName(end)} of type ${String(end.link.type)}`, () => end.place());
  }
  for (const entry of lab.commands) notes.leftOut('a command', () => spanOf(entry));
  const graph = {
    directed: false,
    multigraph: true,
    graph: { name: lab.name },
    nodes: nodes.written,
    edges: keyed(edges),
  };
  return `${JSON.stringify(graph, null, 1)}\n`;
}

/** Nodes by their names; of two kinds with one name, the second has its kind in its id. */
class Nodes {
  readonly written: Part[] = [];
  readonly #ids = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #notes: Notes<'export'>;

  constructor(lab: Lab, notes: Notes<'export'>) {
    this.#notes = notes;
    for (const [name, entry] of lab.nodes) {
      leaveNode(notes, name, entry, NODE_HAS);
      const { pos, labels } = placedBy(entry.value.labels ?? {});
      this.#add('node', name, {
        ...pos,
        ...(labels === null ? {} : { labels }),
        ...list('ip', listOf(entry.value.ip)),
      });
    }
  }

  of(end: End): string {
    const known = this.#ids.get(`${end.kind}/${end.node}`);
    if (known !== undefined) return known;
    const what = end.kind === 'host' ? 'the host' : `${end.kind} ${end.node}`;
    this.#notes.add('export-stood-in', `a plain node of the graph stands for ${what}`, () => end.place());
    return this.#add(end.kind, end.node, { kind: end.kind });
  }

  bridge(name: string, isExternal: boolean, mode: string | undefined): string {
    return this.#add('bridge', name, {
      kind: 'bridge',
      ...(isExternal ? { external: true } : { ...(mode && { mode }) }),
    });
  }

  #add(kind: string, name: string, more: Part): string {
    const id = this.#taken.has(name) ? `${kind}/${name}` : name;
    this.#taken.add(id);
    this.#ids.set(`${kind}/${name}`, id);
    this.written.push({ id, ...(id === name ? {} : { name }), ...more });
    return id;
  }
}

/** A position for `pos`, and the labels that are none. */
function placedBy(labels: Readonly<Record<string, string>>): { pos: Part; labels: Part | null } {
  for (const [first, second] of POSITIONS) {
    const [x, y] = [labels[first], labels[second]].map((text) => (text === undefined ? Number.NaN : Number(text)));
    if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) continue;
    const rest = Object.fromEntries(Object.entries(labels).filter(([key]) => key !== first && key !== second));
    const pos = first === 'lon' ? { pos: [x, y] } : { x, y };
    return { pos, labels: Object.keys(rest).length === 0 ? null : rest };
  }
  return { pos: {}, labels: Object.keys(labels).length === 0 ? null : labels };
}

function edgeOf(tie: Tie, nodes: Nodes, notes: Notes<'export'>): Part {
  const [a, b] = tie.ends;
  leaveMode(notes, tie);
  for (const end of tie.ends) leaveLink(notes, end, LINK_HAS);
  const labels = Object.keys(tie.labels).length === 0 ? {} : { labels: tie.labels };
  const amounts = [amountsOf(a, notes), amountsOf(b, notes)] as const;
  for (const key of ['mtu', 'delay', 'capacity'] as const) {
    if (amounts[0][key] === amounts[1][key]) continue;
    notes.leftOut(
      `${key} of ${endName(b)}`,
      () => b.place(key === 'mtu' ? key : 'impair'),
      'an edge has one for both ends',
    );
  }
  const ends = { ...ofEnd('source', a), ...ofEnd('target', b) };
  return { source: nodes.of(a), target: nodes.of(b), ...ends, ...amounts[0], ...labels };
}

/** What belongs to one end of an edge. */
function ofEnd(which: 'source' | 'target', { dev, link }: End): Part {
  const mac = link.mac === undefined ? {} : { [`${which}_mac`]: link.mac };
  return { [`${which}_interface`]: dev, ...list(`${which}_ip`, listOf(link.ip)), ...mac };
}

/** MTU in bytes, delay with its unit, capacity in bits per second. */
function amountsOf(end: End, notes: Notes<'export'>): Part {
  const { delay, rate, ...others } = end.link.impair ?? {};
  for (const [key, value] of Object.entries(others)) {
    if (value !== undefined) notes.leftOut(`${key} of ${endName(end)}`, () => end.place('impair'));
  }
  const delayNs = delay === undefined ? null : parseTimeNs(String(delay), 'us');
  const bits = rate === undefined ? null : parseRateBits(String(rate));
  return {
    ...(end.link.mtu === undefined ? {} : { mtu: end.link.mtu }),
    ...(delayNs === null ? {} : { delay: `${delayNs / 1000}us` }),
    ...(bits === null ? {} : { capacity: bits }),
  };
}

/** Edges between the same nodes are told apart by a number. */
function keyed(edges: readonly Part[]): readonly Part[] {
  const seen = new Map<string, number>();
  return edges.map(({ source, target, ...rest }) => {
    const pair = JSON.stringify([source, target].toSorted());
    const key = seen.get(pair) ?? 0;
    seen.set(pair, key + 1);
    return { source, target, key, ...rest };
  });
}

function list(key: string, items: readonly unknown[]): Part {
  return items.length === 0 ? {} : { [key]: items };
}
