/**
 * Places a fabric or a tree in tiers, the top first. What hangs on one node only is stacked below it where the network is large; a
 * tier that would be too wide takes several rows.
 */
import { ordered } from './order.ts';
import { type Placed, type Point, pairKey, type Shape } from './shape.ts';
import { tiersOf } from './tiers.ts';

const GAP = 18;
const TIER_GAP = 110;
/** Up to so many nodes nothing is stacked: there is room for each in its tier. */
const SMALL = 24;
const INDENT = 22;
const MOST_ROWS = 40;
const SWEEPS = 10;

/** A node with what is stacked below it. */
interface Block {
  readonly node: number;
  readonly width: number;
  readonly height: number;
  readonly leaves: readonly number[];
  readonly columns: number;
}

/** The places of a connected shape. */
export function layeredPlaces(shape: Shape): Placed {
  const tiers = tiersOf(shape);
  const stacks = shape.nodes.length > SMALL ? stacksOf(shape, tiers.of) : new Map<number, readonly number[]>();
  const stacked = new Set([...stacks.values()].flat());
  const lists: number[][] = Array.from({ length: tiers.count }, () => []);
  for (const node of byNeighbourhood(shape)) if (!stacked.has(node)) lists[tiers.of[node] ?? 0]?.push(node);
  const filled = lists.filter(({ length }) => length > 0);
  const blocks = new Map(filled.flat().map((node) => [node, blockOf(shape, node, stacks.get(node) ?? [])]));
  const order = ordered(filled, shape.neighbours);
  const x = new Float64Array(shape.nodes.length);
  const y = new Float64Array(shape.nodes.length);
  const rows = rowsOf(order, blocks);
  across(order, rows, blocks, shape, x);
  const bends = new Map<string, readonly Point[]>();
  let top = 0;
  for (const [tier, nodes] of order.entries()) top = down(nodes, rows[tier] ?? 1, blocks, shape, { x, y, bends }, top);
  return { x, y, bends };
}

/** Nodes in the order of a walk, so that what belongs together begins together. */
function byNeighbourhood({ nodes, neighbours }: Shape): readonly number[] {
  const seen = new Set<number>();
  const walk: number[] = [];
  for (const start of nodes.keys()) {
    const stack = [start];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      walk.push(node);
      stack.push(...[...(neighbours[node] ?? [])].reverse());
    }
  }
  return walk;
}

/** Node → the leaves that hang on it, if these are below it. */
function stacksOf({ neighbours }: Shape, of: Int32Array): ReadonlyMap<number, readonly number[]> {
  const stacks = new Map<number, number[]>();
  for (const [leaf, around] of neighbours.entries()) {
    const [holder] = around;
    if (around.length !== 1 || holder === undefined || (of[holder] ?? 0) >= (of[leaf] ?? 0)) continue;
    stacks.set(holder, [...(stacks.get(holder) ?? []), leaf]);
  }
  return stacks;
}

function blockOf({ sizes }: Shape, node: number, leaves: readonly number[]): Block {
  const { width = 0, height = 0 } = sizes[node] ?? {};
  if (leaves.length === 0) return { node, width: width + GAP, height, leaves, columns: 0 };
  const cell = cellOf(sizes, leaves);
  const columns = leaves.length <= 6 ? 1 : Math.round(Math.sqrt((leaves.length * cell.height * 1.6) / cell.width)) || 1;
  const rows = Math.ceil(leaves.length / columns);
  return {
    node,
    leaves,
    columns,
    width: Math.max(width, columns * cell.width) + GAP,
    height: height + GAP / 2 + rows * cell.height,
  };
}

function cellOf(sizes: Shape['sizes'], leaves: readonly number[]): { readonly width: number; readonly height: number } {
  const widest = leaves.reduce((most, leaf) => Math.max(most, sizes[leaf]?.width ?? 0), 0);
  const highest = leaves.reduce((most, leaf) => Math.max(most, sizes[leaf]?.height ?? 0), 0);
  return { width: widest + INDENT + GAP / 2, height: highest + GAP / 2 };
}

/** How many rows each tier takes, so that none is much wider than the whole is high. */
function rowsOf(order: readonly (readonly number[])[], blocks: ReadonlyMap<number, Block>): readonly number[] {
  const area = [...blocks.values()].reduce((sum, { width, height }) => sum + width * (height + TIER_GAP / 2), 0);
  const target = Math.max(1300, Math.sqrt(area) * 1.8);
  return order.map((nodes) => {
    const width = nodes.reduce((sum, node) => sum + (blocks.get(node)?.width ?? 0), 0);
    return Math.min(MOST_ROWS, Math.ceil(width / target));
  });
}

/** Gives every node of the tiers its x: the mean of its neighbours', as far as the order and the widths let it. */
function across(
  order: readonly (readonly number[])[],
  rows: readonly number[],
  blocks: ReadonlyMap<number, Block>,
  { neighbours }: Shape,
  x: Float64Array,
): void {
  const tierOf = new Map(order.flatMap((nodes, tier) => nodes.map((node) => [node, tier] as const)));
  const offsets = order.map((nodes, tier) => {
    const widest = nodes.reduce((most, node) => Math.max(most, blocks.get(node)?.width ?? 0), 0);
    let right = 0;
    return nodes.map((node, at) => {
      const own = (rows[tier] ?? 1) > 1 ? widest : (blocks.get(node)?.width ?? 0);
      const before = (rows[tier] ?? 1) > 1 ? widest : (blocks.get(nodes[at - 1] ?? -1)?.width ?? 0);
      right += at === 0 ? 0 : (own + before) / 2 / (rows[tier] ?? 1);
      return right;
    });
  });
  for (const [tier, nodes] of order.entries()) {
    const middle = (offsets[tier]?.at(-1) ?? 0) / 2;
    for (const [at, node] of nodes.entries()) x[node] = (offsets[tier]?.[at] ?? 0) - middle;
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (let step = 0; step < order.length; step += 1) {
      const tier = isDown ? step : order.length - 1 - step;
      const nodes = order[tier] ?? [];
      const wishes = nodes.map((node) => {
        const around = (neighbours[node] ?? []).filter((next) => tierOf.has(next) && tierOf.get(next) !== tier);
        return around.length === 0
          ? (x[node] ?? 0)
          : around.reduce((sum, next) => sum + (x[next] ?? 0), 0) / around.length;
      });
      const places = nearestInOrder(wishes, offsets[tier] ?? []);
      for (const [at, node] of nodes.entries()) x[node] = places[at] ?? 0;
    }
  }
}

/**
 * The places closest to the wishes (by the sum of squares) that keep at least the distances of `offsets`: wishes less offsets,
 * made ascending by pooling neighbours that are not (isotonic regression).
 */
function nearestInOrder(wishes: readonly number[], offsets: readonly number[]): readonly number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const [at, wish] of wishes.entries()) {
    pools.push({ sum: wish - (offsets[at] ?? 0), count: 1 });
    for (let last = pools.at(-1), before = pools.at(-2); last && before; last = pools.at(-1), before = pools.at(-2)) {
      if (before.sum / before.count <= last.sum / last.count) break;
      pools.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  return pools
    .flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
    .map((place, at) => place + (offsets[at] ?? 0));
}

/** Gives a tier its y, and places what is stacked. Returns the top of the next tier. */
function down(
  nodes: readonly number[],
  rows: number,
  blocks: ReadonlyMap<number, Block>,
  { sizes, neighbours }: Shape,
  { x, y, bends }: { x: Float64Array; y: Float64Array; bends: Map<string, readonly Point[]> },
  top: number,
): number {
  let at = top;
  for (let row = 0; row < rows; row += 1) {
    const own = nodes.flatMap((node, index) => (index % rows === row ? (blocks.get(node) ?? []) : []));
    for (const { node, leaves, columns } of own) {
      const { width = 0, height = 0 } = sizes[node] ?? {};
      y[node] = at + height / 2;
      const cell = cellOf(sizes, leaves);
      for (const [nth, leaf] of leaves.entries()) {
        const size = sizes[leaf] ?? { width: 0, height: 0 };
        const left = (x[node] ?? 0) - Math.max(width, columns * cell.width) / 2 + (nth % columns) * cell.width;
        x[leaf] = left + INDENT + size.width / 2;
        y[leaf] = at + height + GAP / 2 + (Math.floor(nth / columns) + 0.5) * cell.height;
        bends.set(pairKey(node, leaf), [
          { x: left + INDENT / 2, y: at + height + GAP / 4 },
          { x: left + INDENT / 2, y: y[leaf] ?? 0 },
        ]);
      }
    }
    at += own.reduce((most, { height }) => Math.max(most, height), 0) + (row + 1 < rows ? GAP * 2 : 0);
  }
  const edges = nodes.reduce((sum, node) => sum + (neighbours[node]?.length ?? 0), 0);
  return at + TIER_GAP + Math.min(260, Math.sqrt(edges) * 8);
}
