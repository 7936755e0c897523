/** Reads GraphML (graphml.graphdrawing.org), with what the Topology Zoo, NetworkX and yEd make of it. */
import { SaxesParser } from 'saxes';
import { quote } from '../../text/excerpt.ts';
import { spansOf } from '../../text/source.ts';
import { ForeignLab } from '../foreign-lab.ts';
import type { ImportOptions } from '../options.ts';
import { addGraph, amountOf, type Graph, type GraphEdge, type GraphNode, numberIn, type Position } from './graph.ts';
import { type Element, GraphmlElements } from './graphml-elements.ts';
import { LeftKeys } from './left-keys.ts';

const LABELS = ['label', 'Label', 'name'];
const NAMES = ['Network', 'label', 'name'];
const DISTANCES = ['dist', 'distance', 'length', 'distance_km'];
const RATES = ['LinkSpeedRaw', 'capacity', 'bandwidth', 'rate'];
const POSITIONS = [
  ['globe', 'Longitude', 'Latitude'],
  ['globe', 'longitude', 'latitude'],
  ['page', 'x', 'y'],
] as const;
const KNOWN = {
  graph: new Set(NAMES),
  node: new Set<string>([...LABELS, ...POSITIONS.flatMap(([, x, y]) => [x, y])]),
  edge: new Set([...DISTANCES, ...RATES]),
};

/** How much is parsed before it is seen whether anything was wrong. */
const CHUNK = 65_536;

export function readGraphml(file: string, text: string, options: ImportOptions): ForeignLab {
  const lab = new ForeignLab();
  const elements = elementsOf(lab, file, text);
  if (elements === null) return lab;
  if (elements.found.every(({ tag }) => tag !== 'node')) {
    lab.notes.add('import-refused', `${file} has no nodes of GraphML`);
    return lab;
  }
  addGraph(lab, graphOf(lab, elements), options);
  return lab;
}

/** Null if the file is no XML: the first fault is noted, and what comes after it is not looked at. */
function elementsOf(lab: ForeignLab, file: string, text: string): GraphmlElements | null {
  const spanAt = spansOf(file, text);
  const elements = new GraphmlElements(spanAt);
  const parser = new SaxesParser({ xmlns: false });
  let isBroken = false;
  parser.on('opentag', (tag) => elements.open(tag, parser.position));
  parser.on('text', (value) => elements.text(value));
  parser.on('cdata', (value) => elements.text(value));
  parser.on('closetag', ({ name }) => elements.close(name));
  parser.on('error', ({ message }) => {
    if (isBroken) return;
    isBroken = true;
    const at = Math.max(0, parser.position - 1);
    // saxes begins its messages with LINE:COLUMN.
    lab.notes.add('import-refused', message.replace(/^\d+:\d+: /, ''), () => spanAt(at));
  });
  for (let at = 0; at < text.length && !isBroken; at += CHUNK) parser.write(text.slice(at, at + CHUNK));
  if (!isBroken) parser.close();
  return isBroken ? null : elements;
}

function graphOf(lab: ForeignLab, elements: GraphmlElements): Graph {
  const left = new LeftKeys();
  for (const { tag, data, where } of elements.found) {
    if (tag === 'hyperedge') lab.notes.leftOut('a hyperedge', where);
    else if (tag !== 'port') left.add(tag, data.keys(), KNOWN[tag], where);
  }
  left.note(lab.notes);
  const edges = elements.found.flatMap((element) => (element.tag === 'edge' ? edgeOf(lab, elements, element) : []));
  leaveIdlePorts(lab, elements, edges);
  const own = elements.found.find(({ tag }) => tag === 'graph');
  const name = own === undefined ? undefined : firstOf(elements, own, NAMES);
  return { name: name ?? null, nodes: nodesOf(lab, elements, edges), edges };
}

/** All nodes but those that only hold others. */
function nodesOf(lab: ForeignLab, elements: GraphmlElements, edges: readonly GraphEdge[]): readonly GraphNode[] {
  const ends = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const holders = new Set(elements.found.map(({ tag, parent }) => (tag === 'graph' ? parent : null)));
  const nodes: GraphNode[] = [];
  for (const element of elements.found) {
    const node = element.tag === 'node' ? nodeOf(lab, elements, element) : null;
    if (node === null) continue;
    const isGroup = holders.has(element) && !ends.has(node.id);
    if (isGroup) lab.notes.leftOut(`the group ${quote(node.label ?? node.id)}`, node.where, 'the nodes in it are');
    else nodes.push(node);
  }
  return nodes;
}

function firstOf(elements: GraphmlElements, element: Element, keys: readonly string[]): string | undefined {
  return keys.map((key) => elements.get(element, key)).find((value) => value !== undefined);
}

function nodeOf(lab: ForeignLab, elements: GraphmlElements, node: Element): GraphNode | null {
  const { id } = node.attributes;
  if (id === undefined) {
    lab.notes.leftOut('a node without id', node.where);
    return null;
  }
  const label = firstOf(elements, node, LABELS) ?? null;
  return { id, label, position: positionOf(lab, elements, node), where: node.where };
}

function positionOf(lab: ForeignLab, elements: GraphmlElements, node: Element): Position | null {
  for (const [on, x, y] of POSITIONS) {
    const written = [elements.get(node, x), elements.get(node, y)];
    const [first = null, second = null] = written.map(numberIn);
    if (first !== null && second !== null) return { on, x: first, y: second };
    if (written.every((text) => text === undefined)) continue;
    lab.notes.leftOut(`${x} and ${y} of a node`, node.where, 'they are no two numbers');
  }
  return null;
}

function edgeOf(lab: ForeignLab, elements: GraphmlElements, edge: Element): readonly GraphEdge[] {
  const { attributes, where, parent } = edge;
  const { id, source, target, directed, sourceport, targetport } = attributes;
  if (source === undefined || target === undefined) {
    lab.notes.leftOut('an edge without source and target', where);
    return [];
  }
  const amount = (keys: readonly string[]) =>
    amountOf(
      lab,
      keys.map((key) => [key, elements.get(edge, key)]),
      where,
    );
  const isDirected = directed === undefined ? parent?.attributes['edgedefault'] === 'directed' : directed === 'true';
  return [
    {
      ...{ from: source, to: target, distanceKm: amount(DISTANCES), rate: amount(RATES) },
      ends: [{ dev: sourceport }, { dev: targetport }],
      // NetworkX gives ids to the edges of graphs that may have several between two nodes, as yEd does to all.
      isOneWay: isDirected && id === undefined,
      where,
    },
  ];
}

/** Notes ports at which no edge ends. The others are the names of interfaces. */
function leaveIdlePorts({ notes }: ForeignLab, elements: GraphmlElements, edges: readonly GraphEdge[]): void {
  const used = new Set(
    edges.flatMap(({ from, to, ends }) => [JSON.stringify([from, ends?.[0].dev]), JSON.stringify([to, ends?.[1].dev])]),
  );
  for (const { tag, attributes, parent, where } of elements.found) {
    if (tag !== 'port' || used.has(JSON.stringify([parent?.attributes['id'], attributes['name']]))) continue;
    notes.leftOut(`the port ${quote(attributes['name'] ?? '')}`, where, 'no edge ends there');
  }
}
