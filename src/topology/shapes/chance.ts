/** Shapes that a seed decides. */
import { counted } from '../../counted.ts';
import { randomBelow } from '../../net/dice.ts';
import { atLeast, type Numbers, numbered, type Pair, refuse, type Shape, wire } from './shape.ts';

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

/**
 * The random network of Waxman (Routing of Multipoint Connections, 1988): nodes lie anywhere in a square, and two at the distance d
 * are wired with the probability beta * exp(-d / (alpha * L)), where L is the square's diagonal. What is not connected by then is
 * wired where it is nearest to the rest.
 */
export function waxman({ nodes, seed, alpha, beta }: Numbers): Shape {
  atLeast('waxman', nodes, 2);
  const below = randomBelow(seed);
  const chance = (): number => below(2 ** 32) / 2 ** 32;
  const places = Array.from({ length: nodes }, () => ({ x: chance(), y: chance() }));
  const distance = (a: number, b: number): number => {
    const [from, to] = [places[a] ?? ORIGIN, places[b] ?? ORIGIN];
    return Math.sqrt((from.x - to.x) ** 2 + (from.y - to.y) ** 2);
  };
  const pairs: Pair[] = [];
  for (let a = 0; a < nodes; a++) {
    for (let b = a + 1; b < nodes; b++) {
      if (chance() < beta * Math.exp(-distance(a, b) / (alpha * Math.SQRT2))) pairs.push([a, b]);
    }
  }
  return {
    nodes,
    nameOf: numbered,
    placeOf: (node) => places[node] ?? ORIGIN,
    wires: wire(joined(nodes, pairs, distance)),
  };
}

const ORIGIN = { x: 0, y: 0 } as const;

/** The pairs, and the shortest ones that tie each part to the part of node 0. */
function joined(nodes: number, pairs: readonly Pair[], distance: (a: number, b: number) => number): readonly Pair[] {
  const near: number[][] = Array.from({ length: nodes }, () => []);
  for (const [a, b] of pairs) {
    near[a]?.push(b);
    near[b]?.push(a);
  }
  const isIn = new Array<boolean>(nodes).fill(false);
  const nearest = Array.from({ length: nodes }, () => ({ node: 0, distance: Number.POSITIVE_INFINITY }));
  const measure = (node: number): void => {
    for (let other = 0; other < nodes; other++) {
      const length = isIn[other] ? Number.POSITIVE_INFINITY : distance(node, other);
      if (length < (nearest[other]?.distance ?? 0)) nearest[other] = { node, distance: length };
    }
  };
  const take = (start: number): void => {
    for (const stack = [start]; stack.length > 0; ) {
      const node = stack.pop() ?? 0;
      if (isIn[node]) continue;
      isIn[node] = true;
      stack.push(...(near[node] ?? []));
      measure(node);
    }
  };
  take(0);
  const all = [...pairs];
  for (;;) {
    let next: number | null = null;
    for (let node = 0; node < nodes; node++) {
      if (!isIn[node] && (next === null || (nearest[node]?.distance ?? 0) < (nearest[next]?.distance ?? 0)))
        next = node;
    }
    if (next === null) return all;
    const from = nearest[next]?.node ?? 0;
    all.push([Math.min(from, next), Math.max(from, next)]);
    take(next);
  }
}

/**
 * The network of Barabási and Albert (Emergence of Scaling in Random Networks, 1999): it begins with `links` + 1 nodes that are all
 * wired to each other, and each further node is wired to `links` others, of which those with many wires are the more likely.
 */
export function barabasiAlbert({ nodes, links, seed }: Numbers): Shape {
  if (links >= nodes)
    refuse(
      `barabasi-albert with ${counted(links, 'wire')} for each node needs more than ${counted(links, 'node')}`,
      `try --nodes ${links + 1} or more`,
    );
  const below = randomBelow(seed);
  const pairs: Pair[] = [];
  // Each node stands here once for each of its wires, so a draw is by degree.
  const ends: number[] = [];
  const add = (a: number, b: number): void => {
    pairs.push([a, b]);
    ends.push(a, b);
  };
  for (let a = 0; a <= links; a++) for (let b = a + 1; b <= links; b++) add(a, b);
  for (let node = links + 1; node < nodes; node++) {
    const chosen = new Set<number>();
    while (chosen.size < links) chosen.add(ends[below(ends.length)] ?? 0);
    for (const other of [...chosen].sort((a, b) => a - b)) add(other, node);
  }
  return { nodes, nameOf: numbered, wires: wire(pairs) };
}
