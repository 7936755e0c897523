/** Shapes of providers: nodes by their place in a hierarchy. */
import { randomBelow } from '../../net/dice.ts';
import { atLeast, type Numbers, type Pair, refuse, type Shape, wire } from './shape.ts';

/** The fewest nodes of a ring: two would be wired twice. */
const LEAST_RING = 3;

/** A ring of hubs, each of which is on a ring of its own: `links` rings, of nodes / links nodes each. */
export function ringOfRings({ nodes, links: rings }: Numbers): Shape {
  if (rings < LEAST_RING)
    refuse(`ring-of-rings needs at least ${LEAST_RING} rings, not ${rings}`, `try --links ${LEAST_RING}`);
  const size = nodes / rings;
  if (!Number.isInteger(size) || size < LEAST_RING) {
    refuse(
      `${nodes} nodes are no ${rings} rings of the same size, of at least ${LEAST_RING} nodes each`,
      `try --nodes ${rings * Math.max(LEAST_RING, Math.round(size))}`,
    );
  }
  const hub = (ring: number): number => (ring % rings) * size;
  const pairs: Pair[] = Array.from({ length: rings }, (_, ring): Pair => [hub(ring), hub(ring + 1)]);
  for (let ring = 0; ring < rings; ring++) {
    for (let i = 0; i < size; i++) pairs.push([hub(ring) + i, hub(ring) + ((i + 1) % size)]);
  }
  const nameOf = (node: number): string => {
    const ring = Math.floor(node / size);
    return node % size === 0 ? `hub${ring}` : `ring${ring}-${node % size}`;
  };
  return { nodes, nameOf, wires: wire(pairs) };
}

/** Up to so many core routers are all wired to each other. */
const FULL_CORE = 4;

/**
 * A provider in three tiers: a tenth of the nodes is the core, three tenths are aggregation, all others access (the first two have
 * at least 3 nodes). The core is a full mesh, of more than 4 nodes a ring with a chord for every second node. Each node of the
 * other tiers has `links` uplinks, to different nodes of the tier above.
 */
export function isp({ nodes, links, seed }: Numbers): Shape {
  const cores = Math.max(3, Math.round(nodes / 10));
  const aggregations = Math.max(3, Math.round((3 * nodes) / 10));
  const above = cores + aggregations;
  atLeast('isp', nodes, 7);
  if (links > Math.min(cores, aggregations))
    refuse(
      `isp of ${nodes} nodes has ${cores} core and ${aggregations} aggregation nodes, too few for ${links} uplinks`,
      `try --links ${Math.min(cores, aggregations)} or less`,
    );
  const below = randomBelow(seed);
  const pairs = corePairs(cores, below);
  const uplinks = (node: number, first: number, count: number): void => {
    const chosen = new Set<number>([first + (node % count)]);
    while (chosen.size < links) chosen.add(first + below(count));
    for (const other of [...chosen].sort((a, b) => a - b)) pairs.push([other, node]);
  };
  for (let node = cores; node < above; node++) uplinks(node, 0, cores);
  for (let node = above; node < nodes; node++) uplinks(node, cores, aggregations);
  const nameOf = (node: number): string => {
    if (node < cores) return `core${node}`;
    return node < above ? `agg${node - cores}` : `access${node - above}`;
  };
  return { nodes, nameOf, wires: wire(pairs) };
}

function corePairs(cores: number, below: (bound: number) => number): Pair[] {
  const pairs: Pair[] = [];
  if (cores <= FULL_CORE) {
    for (let a = 0; a < cores; a++) for (let b = a + 1; b < cores; b++) pairs.push([a, b]);
    return pairs;
  }
  for (let i = 0; i < cores; i++) pairs.push([Math.min(i, (i + 1) % cores), Math.max(i, (i + 1) % cores)]);
  const known = new Set(pairs.map(([a, b]) => a * cores + b));
  for (let chords = Math.floor(cores / 2); chords > 0; ) {
    const [one, other] = [below(cores), below(cores)];
    const [a, b] = [Math.min(one, other), Math.max(one, other)];
    if (a === b || known.has(a * cores + b)) continue;
    known.add(a * cores + b);
    pairs.push([a, b]);
    chords -= 1;
  }
  return pairs;
}
