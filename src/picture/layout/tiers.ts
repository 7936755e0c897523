/** Finds the tiers of a fabric or of a tree: 0 is the top. */
import { type Shape, stepsFrom } from './shape.ts';

export interface Tiers {
  /** The tier of each node. */
  readonly of: Int32Array;
  readonly count: number;
  /** Whether the network is a fabric or a tree, which tiers show better than anything else. */
  readonly fits: boolean;
}

/** More tiers than any fabric has; what has more is a mesh. */
const MOST_TIERS = 6;
/** A deeper tree is shown better by forces. */
const MOST_TREE_TIERS = 9;
/** What people call the switches at the top. */
const TOP_NAME = /spine|core|root|super/i;

/** The tiers of a connected shape. */
export function tiersOf(shape: Shape): Tiers {
  if (shape.pairs.length === shape.nodes.length - 1) return treeTiers(shape);
  const inner = withoutLeaves(shape);
  const degrees = new Map([...inner].map((node) => [node, inwards(shape, node, inner).length]));
  const least = Math.min(...degrees.values());
  const bottoms = [
    [...inner].filter((node) => degrees.get(node) === least),
    [...inner].filter((node) => inwards(shape, node, inner).length < (shape.neighbours[node]?.length ?? 0)),
  ].filter((bottom) => bottom.length > 0);
  const tries = bottoms.map((bottom) => tiersAbove(shape, inner, bottom));
  return tries.find(({ fits }) => fits) ?? (tries[0] as Tiers);
}

/** The tiers if `bottom` is the lowest one, but for the leaves. */
function tiersAbove(shape: Shape, inner: ReadonlySet<number>, bottom: readonly number[]): Tiers {
  const up = stepsFrom(shape, bottom);
  const height = [...inner].reduce((most, node) => Math.max(most, up[node] ?? 0), 0);
  const isUpsideDown = height === 1 && bottom.every((node) => TOP_NAME.test(shape.nodes[node]?.name ?? ''));
  const tier = (node: number): number => (isUpsideDown ? (up[node] ?? 0) : height - (up[node] ?? 0));
  const of = Int32Array.from(shape.nodes, (_, node) =>
    inner.has(node) ? tier(node) : tier(shape.neighbours[node]?.[0] ?? 0) + 1,
  );
  return { of, count: of.reduce((most, each) => Math.max(most, each), 0) + 1, fits: isFabric(shape, inner, of) };
}

/** A tree's tiers are the steps from its middle; a line has none. */
function treeTiers(shape: Shape): Tiers {
  const far = lastOf(stepsFrom(shape, [0]));
  const from = stepsFrom(shape, [far]);
  const other = lastOf(from);
  const back = stepsFrom(shape, [other]);
  const length = from[other] ?? 0;
  const middle = shape.nodes.findIndex((_, node) => {
    return from[node] === Math.floor(length / 2) && (from[node] ?? 0) + (back[node] ?? 0) === length;
  });
  const of = stepsFrom(shape, [Math.max(middle, 0)]);
  const isLine = shape.neighbours.every(({ length: degree }) => degree <= 2);
  const count = of.reduce((most, each) => Math.max(most, each), 0) + 1;
  return { of, count, fits: count <= MOST_TREE_TIERS && (!isLine || shape.nodes.length <= 3) };
}

function lastOf(steps: Int32Array): number {
  return steps.reduce((last, each, node) => (each > (steps[last] ?? 0) ? node : last), 0);
}

function withoutLeaves({ neighbours }: Shape): ReadonlySet<number> {
  return new Set([...neighbours.keys()].filter((node) => (neighbours[node]?.length ?? 0) > 1));
}

function inwards({ neighbours }: Shape, node: number, inner: ReadonlySet<number>): readonly number[] {
  return (neighbours[node] ?? []).filter((next) => inner.has(next));
}

function isFabric(shape: Shape, inner: ReadonlySet<number>, of: Int32Array): boolean {
  const tiers = new Set([...inner].map((node) => of[node])).size;
  if (tiers < 2 || tiers > MOST_TIERS) return false;
  const own = shape.pairs.filter(([one, other]) => inner.has(one) && inner.has(other));
  const between = own.filter(([one, other]) => Math.abs((of[one] ?? 0) - (of[other] ?? 0)) === 1);
  if (between.length < own.length * 0.9) return false;
  const isComplete = tiers === 2 && isNearlyComplete(inner, of, own.length);
  return isComplete || isNamedByTier(shape, inner, of) || hangsBelow(shape, inner, of);
}

/** Two tiers of which nearly all are tied to each other; four nodes are a ring. */
function isNearlyComplete(inner: ReadonlySet<number>, of: Int32Array, pairs: number): boolean {
  const top = [...inner].filter((node) => of[node] === 0).length;
  const all = top * (inner.size - top);
  return all > 4 && pairs >= all * 0.75;
}

/** Names tell the tiers apart: `spine1`, `leaf1`. */
function isNamedByTier({ nodes }: Shape, inner: ReadonlySet<number>, of: Int32Array): boolean {
  const stems = new Map<string, Map<number, number>>();
  for (const node of inner) {
    const { name = '', kind = '' } = nodes[node] ?? {};
    const stem = `${kind} ${name.replace(/[\d.:_-]+.*$/, '')}`;
    const tiers = stems.get(stem) ?? new Map<number, number>();
    tiers.set(of[node] ?? 0, (tiers.get(of[node] ?? 0) ?? 0) + 1);
    stems.set(stem, tiers);
  }
  const atHome = [...stems.values()].reduce((sum, tiers) => sum + Math.max(...tiers.values()), 0);
  return stems.size > 1 && stems.size <= MOST_TIERS && atHome >= inner.size * 0.9;
}

/** Hosts hang on most of the lowest tier and on no other. */
function hangsBelow({ neighbours }: Shape, inner: ReadonlySet<number>, of: Int32Array): boolean {
  const lowest = [...inner].reduce((most, node) => Math.max(most, of[node] ?? 0), 0);
  const holders = [...inner].filter((node) => neighbours[node]?.some((next) => !inner.has(next)));
  const below = [...inner].filter((node) => of[node] === lowest);
  return holders.length >= below.length / 2 && holders.every((node) => of[node] === lowest);
}
