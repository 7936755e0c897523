/**
 * `layout/` places the boxes of a picture. All of it is deterministic: the same picture is always placed the same way.
 *
 * This file: what a layout sees of a picture, by number instead of by id, and one of its connected parts.
 */
import type { Picture, PictureNode } from '../picture.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Shape {
  readonly nodes: readonly PictureNode[];
  /** The room that each node needs, in pixels. */
  readonly sizes: readonly Size[];
  /** Pairs of numbers of nodes, each pair once, the smaller first. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly neighbours: readonly (readonly number[])[];
}

/** The centres of all nodes, in pixels, y downwards, and the bends of edges that are not straight, by `pairKey`. */
export interface Placed {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly bends: ReadonlyMap<string, readonly Point[]>;
}

/** The key of a pair of nodes, whichever comes first. */
export function pairKey(one: number, other: number): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

export function shapeOf({ nodes, edges }: Picture, sizeOf: (node: PictureNode) => Size): Shape {
  const numbers = new Map(nodes.map(({ id }, number) => [id, number]));
  const pairs = new Map<string, readonly [number, number]>();
  for (const { from, to } of edges) {
    const [one, other] = [numbers.get(from.node), numbers.get(to.node)];
    if (one === undefined || other === undefined || one === other) continue;
    pairs.set(pairKey(one, other), one < other ? [one, other] : [other, one]);
  }
  return shaped(nodes, nodes.map(sizeOf), [...pairs.values()]);
}

function shaped(
  nodes: readonly PictureNode[],
  sizes: readonly Size[],
  pairs: readonly (readonly [number, number])[],
): Shape {
  const neighbours: number[][] = nodes.map(() => []);
  for (const [one, other] of pairs) {
    neighbours[one]?.push(other);
    neighbours[other]?.push(one);
  }
  return { nodes, sizes, pairs, neighbours };
}

/** A connected part of a shape; `numbers` are those of its nodes in the whole. */
export interface Part {
  readonly shape: Shape;
  readonly numbers: readonly number[];
}

/** The connected parts, the largest first. */
export function partsOf(shape: Shape): readonly Part[] {
  const seen = new Int32Array(shape.nodes.length).fill(-1);
  const parts: number[][] = [];
  for (let start = 0; start < seen.length; start += 1) {
    if (seen[start] !== -1) continue;
    const part = [start];
    seen[start] = parts.length;
    for (const at of part) {
      for (const next of shape.neighbours[at] ?? []) {
        if (seen[next] !== -1) continue;
        seen[next] = parts.length;
        part.push(next);
      }
    }
    parts.push(part.sort((one, other) => one - other));
  }
  if (parts.length === 1) return [{ shape, numbers: shape.nodes.map((_, number) => number) }];
  return parts
    .sort((one, other) => other.length - one.length)
    .map((numbers) => ({ numbers, shape: cut(shape, numbers) }));
}

function cut({ nodes, sizes, neighbours }: Shape, numbers: readonly number[]): Shape {
  const inner = new Map(numbers.map((number, at) => [number, at]));
  const pick = <T>(list: readonly T[]): T[] => numbers.flatMap((number) => list[number] ?? []);
  const pairs = numbers.flatMap((number, at) =>
    (neighbours[number] ?? []).flatMap((next) => {
      const to = inner.get(next) ?? -1;
      return to > at ? [[at, to] as const] : [];
    }),
  );
  return shaped(pick(nodes), pick(sizes), pairs);
}

/** The distance in steps of every node from the nearest of `starts`; -1: out of reach. */
export function stepsFrom({ neighbours }: Pick<Shape, 'neighbours'>, starts: readonly number[]): Int32Array {
  const steps = new Int32Array(neighbours.length).fill(-1);
  for (const start of starts) steps[start] = 0;
  const queue = [...starts];
  for (const at of queue) {
    for (const next of neighbours[at] ?? []) {
      if (steps[next] !== -1) continue;
      steps[next] = (steps[at] ?? 0) + 1;
      queue.push(next);
    }
  }
  return steps;
}
