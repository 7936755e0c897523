import { randomBelow } from '../../net/dice.ts';
import { type Numbers, numbered, type Pair, refuse, type Shape, wire } from './shape.ts';

/** Two layers: `links` nodes are spines, the others are leaves. Each leaf is wired to each spine. */
export function clos({ nodes, links }: Numbers): Shape {
  const spines = links;
  if (spines >= nodes) {
    refuse(
      `clos with ${spines} spines has no leaf among ${nodes} nodes`,
      `try --nodes ${3 * spines}: leaves and spines together`,
    );
  }
  const pairs: Pair[] = [];
  for (let leaf = spines; leaf < nodes; leaf++) for (let spine = 0; spine < spines; spine++) pairs.push([spine, leaf]);
  const nameOf = (node: number): string => (node < spines ? `spine${node}` : `leaf${node - spines}`);
  return { nodes, nameOf, wires: wire(pairs) };
}

/**
 * The k-ary fat tree of Al-Fares, Loukissas and Vahdat (SIGCOMM 2008), hosts included. k = `links` is the number of
 * ports of a switch, and k alone decides the number of nodes.
 */
export function fatTree({ links: k }: Numbers): Shape {
  if (k % 2 !== 0) refuse(`fat-tree needs an even number of ports per switch, not ${k}`, `try --links ${k + 1}`);
  const half = k / 2;
  const cores = half * half;
  const aggregations = k * half;
  const edges = k * half;
  const firstEdge = cores + aggregations;
  const firstHost = firstEdge + edges;
  const pairs: Pair[] = [];
  for (let pod = 0; pod < k; pod++) {
    for (let i = 0; i < half; i++) {
      const aggregation = cores + pod * half + i;
      const edge = firstEdge + pod * half + i;
      for (let j = 0; j < half; j++) {
        pairs.push([i * half + j, aggregation], [aggregation, firstEdge + pod * half + j]);
        pairs.push([edge, firstHost + (pod * half + i) * half + j]);
      }
    }
  }
  const nameOf = (node: number): string => {
    if (node < cores) return `core${node}`;
    if (node < firstEdge) return `agg${node - cores}`;
    return node < firstHost ? `edge${node - firstEdge}` : `host${node - firstHost}`;
  };
  return { nodes: firstHost + k * half * half, nameOf, wires: wire(pairs) };
}

/**
 * A connected random graph with an average of `links` wires per node. No pair is wired twice. The same seed gives the
 * same graph.
 */
export function random({ nodes, links, seed }: Numbers): Shape {
  if (nodes < 2) refuse(`random needs at least 2 nodes, not ${nodes}`, 'try --nodes 2');
  const wanted = Math.max(nodes - 1, Math.floor((nodes * links) / 2));
  const most = (nodes * (nodes - 1)) / 2;
  if (wanted > most)
    refuse(`${nodes} nodes have only ${most} pairs, not ${wanted}`, `try --links ${nodes - 1} or less`);
  const below = randomBelow(seed);
  // A random tree comes first, so that the graph is connected: each node is wired to an earlier one.
  const pairs = Array.from({ length: nodes - 1 }, (_, i): Pair => [below(i + 1), i + 1]);
  const known = new Set(pairs.map(([a, b]) => a * nodes + b));
  const add = (a: number, b: number): void => {
    const key = Math.min(a, b) * nodes + Math.max(a, b);
    if (a === b || known.has(key)) return;
    known.add(key);
    pairs.push([Math.min(a, b), Math.max(a, b)]);
  };
  // Random draws are fast while most pairs are free. A dense graph takes its remaining pairs from a shuffled list.
  if (wanted <= most / 2) while (pairs.length < wanted) add(below(nodes), below(nodes));
  else for (const [a, b] of shuffledPairs(nodes, below)) if (pairs.length < wanted) add(a, b);
  return { nodes, nameOf: numbered, wires: wire(pairs) };
}

function shuffledPairs(nodes: number, below: (bound: number) => number): Pair[] {
  const pairs: Pair[] = [];
  for (let a = 0; a < nodes; a++) for (let b = a + 1; b < nodes; b++) pairs.push([a, b]);
  for (let i = pairs.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const [at, other] = [pairs[i], pairs[j]];
    if (at === undefined || other === undefined) break;
    pairs[i] = other;
    pairs[j] = at;
  }
  return pairs;
}
