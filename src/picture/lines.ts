/** Where the lines of a picture run: from border to border of the boxes, side by side where several tie the same two. */

import { type Placed, type Point, pairKey, type Size } from './layout/shape.ts';
import { boxSize, isDetailed } from './measure.ts';
import type { Picture } from './picture.ts';

const APART = 11;
/** Points of a curve. */
const STEPS = 8;

/** A line as points, from `from` to `to` of its edge. */
export type Line = readonly Point[];

/** The lines of all edges, in their order. */
export function linesOfEdges(picture: Picture, { x, y, bends }: Placed): readonly Line[] {
  const detailed = isDetailed(picture);
  const numbers = new Map(picture.nodes.map(({ id }, number) => [id, number]));
  const sizes = picture.nodes.map((node) => boxSize(node, detailed));
  const ends = picture.edges.map(({ from, to }) => [numbers.get(from.node) ?? 0, numbers.get(to.node) ?? 0] as const);
  const keys = ends.map(([one, other]) => pairKey(one, other));
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const used = new Map<string, number>();
  return ends.map(([one, other], at) => {
    const key = keys[at] ?? '';
    const nth = used.get(key) ?? 0;
    used.set(key, nth + 1);
    const [a, b] = [one, other].map((node): Point & Size => {
      return { x: x[node] ?? 0, y: y[node] ?? 0, ...(sizes[node] ?? { width: 0, height: 0 }) };
    });
    if (a === undefined || b === undefined) return [];
    const total = counts.get(key) ?? 1;
    const bent = bends.get(key);
    if (bent !== undefined) return hooked(a, b, bent, nth);
    const aside = (nth - (total - 1) / 2) * APART * 2 * (one < other ? 1 : -1);
    return total === 1 ? [border(a, b), border(b, a)] : curve(a, b, aside);
  });
}

/** A line down the side of a stack. The bends begin below the box of whichever end is higher. */
function hooked(a: Point & Size, b: Point & Size, bends: readonly Point[], nth: number): Line {
  const isDown = a.y < b.y;
  const [upper, lower] = isDown ? [a, b] : [b, a];
  const [first, last] = bends;
  if (first === undefined || last === undefined) return [a, b];
  const shift = Math.min(nth * 3, 9);
  const points = [
    { x: Math.max(first.x + shift, upper.x - upper.width / 2 + 4), y: upper.y + upper.height / 2 },
    { x: Math.max(first.x + shift, upper.x - upper.width / 2 + 4), y: first.y },
    { x: first.x + shift, y: first.y },
    { x: last.x + shift, y: last.y - shift },
    { x: lower.x - lower.width / 2, y: last.y - shift },
  ];
  return isDown ? points : points.reverse();
}

/** Where the line from the middle of a box to a point leaves the box. */
function border(box: Point & Size, to: Point): Point {
  const [dx, dy] = [to.x - box.x, to.y - box.y];
  const share = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : box.width / 2 / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : box.height / 2 / Math.abs(dy),
  );
  return Number.isFinite(share) && share < 1
    ? { x: box.x + dx * share, y: box.y + dy * share }
    : { x: box.x, y: box.y };
}

function curve(a: Point & Size, b: Point & Size, aside: number): Line {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const control = {
    x: (a.x + b.x) / 2 - ((b.y - a.y) / length) * aside,
    y: (a.y + b.y) / 2 + ((b.x - a.x) / length) * aside,
  };
  const [from, to] = [border(a, control), border(b, control)];
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const t = step / STEPS;
    const mix = (one: number, middle: number, other: number): number =>
      one * (1 - t) ** 2 + middle * 2 * t * (1 - t) + other * t ** 2;
    return { x: mix(from.x, control.x, to.x), y: mix(from.y, control.y, to.y) };
  });
}

/** The point of a line at a distance in pixels from its beginning, or, if that is negative, from its end. */
export function along(line: Line, distance: number): Point {
  const points = distance < 0 ? [...line].reverse() : line;
  let left = Math.abs(distance);
  for (let at = 1; at < points.length; at += 1) {
    const [one, other] = [points[at - 1], points[at]];
    if (one === undefined || other === undefined) break;
    const length = Math.hypot(other.x - one.x, other.y - one.y);
    if (left <= length && length > 0) {
      return { x: one.x + ((other.x - one.x) * left) / length, y: one.y + ((other.y - one.y) * left) / length };
    }
    left -= length;
  }
  return points.at(-1) ?? { x: 0, y: 0 };
}

export function lengthOf(line: Line): number {
  return line.reduce((sum, point, at) => {
    const before = line[at - 1];
    return before === undefined ? 0 : sum + Math.hypot(point.x - before.x, point.y - before.y);
  }, 0);
}
