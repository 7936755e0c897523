/** Cuts a graph into parts of given shares, and makes a cut better: few edges between parts, no part much too heavy. */
import type { Graph } from '../wire/partition.ts';

/** The part of each vertex. Where a vertex has none yet: `NONE`. */
export type Parts = number[];
export const NONE = -1;

/** How much heavier than its share a part may become, beside half of the heaviest vertex. */
const MOST_OVER = 1.05;
/** Each pass looks at every free vertex; later passes find little. */
const PASSES = 8;

/**
 * Blocks of neighbours: the vertices in breadth-first order, cut where the shares are full. It is what remains where no library does
 * it better; on a lab whose file is in order it is as good.
 */
export function blocks(graph: Graph, shares: readonly number[]): Parts {
  const total = sum(graph.weights);
  const parts: Parts = new Array(graph.weights.length).fill(NONE);
  let part = 0;
  let until = (shares[0] ?? 1) * total;
  let filled = 0;
  for (const at of breadthFirst(graph)) {
    const weight = graph.weights[at] ?? 0;
    // A vertex that is for the greater part beyond the end begins the next block.
    while (part < shares.length - 1 && filled + weight / 2 > until) {
      part++;
      until += (shares[part] ?? 0) * total;
    }
    parts[at] = part;
    filled += weight;
  }
  return parts;
}

function* breadthFirst({ offsets, neighbours, weights }: Graph): Generator<number> {
  const seen = new Uint8Array(weights.length);
  for (let start = 0; start < weights.length; start++) {
    if (seen[start]) continue;
    seen[start] = 1;
    const queue = [start];
    for (let head = 0; head < queue.length; head++) {
      const at = queue[head] ?? 0;
      yield at;
      for (let edge = offsets[at] ?? 0; edge < (offsets[at + 1] ?? 0); edge++) {
        const other = neighbours[edge] ?? 0;
        if (seen[other]) continue;
        seen[other] = 1;
        queue.push(other);
      }
    }
  }
}

/** The part of a graph that is made of some of its vertices. */
export function within(graph: Graph, vertices: readonly number[]): Graph {
  const index = new Map(vertices.map((at, nth) => [at, nth]));
  const offsets = [0];
  const neighbours: number[] = [];
  const edgeWeights: number[] = [];
  for (const at of vertices) {
    for (const [other, weight] of edgesAt(graph, at)) {
      const near = index.get(other);
      if (near === undefined) continue;
      neighbours.push(near);
      edgeWeights.push(weight);
    }
    offsets.push(neighbours.length);
  }
  return { offsets, neighbours, edgeWeights, weights: vertices.map((at) => graph.weights[at] ?? 0) };
}

/** Of each part, the weight of the vertices in it. */
export function loadsOf({ weights }: Graph, parts: Parts, count: number): number[] {
  const loads = new Array<number>(count).fill(0);
  for (const [at, part] of parts.entries()) if (part !== NONE) loads[part] = (loads[part] ?? 0) + (weights[at] ?? 0);
  return loads;
}

/**
 * Places the free vertices that have no part where most of their neighbours are, then moves free ones while that makes the cut or
 * the balance better. `targets`: the weight that each part is to have. Changes `parts`.
 */
export function settle(graph: Graph, parts: Parts, free: readonly number[], targets: readonly number[]): void {
  const most = graph.weights.reduce((heaviest, weight) => Math.max(heaviest, weight), 0) / 2;
  const limits = targets.map((target) => target * MOST_OVER + most);
  const loads = loadsOf(graph, parts, targets.length);
  const state = { graph, parts, targets, limits, loads };
  for (const at of free) if (parts[at] === NONE) put(state, at, best(state, at));
  for (let pass = 0, moved = true; moved && pass < PASSES; pass++) {
    moved = false;
    for (const at of free) {
      const to = better(state, at);
      if (to === null) continue;
      put(state, at, to);
      moved = true;
    }
  }
}

interface State {
  readonly graph: Graph;
  readonly parts: Parts;
  readonly targets: readonly number[];
  readonly limits: readonly number[];
  readonly loads: number[];
}

function put({ graph, parts, loads }: State, at: number, to: number): void {
  const from = parts[at] ?? NONE;
  const weight = graph.weights[at] ?? 0;
  if (from !== NONE) loads[from] = (loads[from] ?? 0) - weight;
  loads[to] = (loads[to] ?? 0) + weight;
  parts[at] = to;
}

/** The weight of the edges between a vertex and each part. */
function tiesOf({ graph, parts, targets }: State, at: number): number[] {
  const ties = new Array<number>(targets.length).fill(0);
  for (const [other, weight] of edgesAt(graph, at)) {
    const part = parts[other] ?? NONE;
    if (part !== NONE) ties[part] = (ties[part] ?? 0) + weight;
  }
  return ties;
}

/** How full a part would be with a weight more. */
function fullness({ loads, targets }: State, part: number, weight: number): number {
  return ((loads[part] ?? 0) + weight) / Math.max(1, targets[part] ?? 0);
}

/** The part for a vertex that has none: of those with room, the one with most of its neighbours, then the emptiest. */
function best(state: State, at: number): number {
  const weight = state.graph.weights[at] ?? 0;
  const ties = tiesOf(state, at);
  const all = [...state.targets.keys()];
  const roomy = all.filter((part) => (state.loads[part] ?? 0) + weight <= (state.limits[part] ?? 0));
  const emptier = (a: number, b: number): number => fullness(state, a, weight) - fullness(state, b, weight);
  if (roomy.length === 0) return all.toSorted(emptier)[0] ?? 0;
  return roomy.toSorted((a, b) => (ties[b] ?? 0) - (ties[a] ?? 0) || emptier(a, b))[0] ?? 0;
}

/** The part that a vertex is to be moved to. null: it is well where it is. */
function better(state: State, at: number): number | null {
  const weight = state.graph.weights[at] ?? 0;
  const from = state.parts[at] ?? 0;
  const ties = tiesOf(state, at);
  const isOver = (state.loads[from] ?? 0) > (state.limits[from] ?? 0);
  let to: number | null = null;
  let gain = isOver ? Number.NEGATIVE_INFINITY : 0;
  for (const part of state.targets.keys()) {
    if (part === from || (state.loads[part] ?? 0) + weight > (state.limits[part] ?? 0)) continue;
    const gained = (ties[part] ?? 0) - (ties[from] ?? 0);
    if (gained <= gain) continue;
    gain = gained;
    to = part;
  }
  return to;
}

/** The neighbours of a vertex, with the weights of the edges. */
export function* edgesAt(
  { offsets, neighbours, edgeWeights }: Graph,
  at: number,
): Generator<readonly [number, number]> {
  for (let edge = offsets[at] ?? 0; edge < (offsets[at + 1] ?? 0); edge++)
    yield [neighbours[edge] ?? 0, edgeWeights[edge] ?? 0];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
