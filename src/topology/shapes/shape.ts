/**
 * A shape is a list of wires between numbered nodes: each function here is pure, takes two numbers and gives
 * the same wires for the same numbers, always. Names, addresses and form are `generate`'s alone.
 */
import { LinkloomError } from '../../errors.ts';

/** One end of a wire: which node, and which of its interfaces (`eth<port>`). */
export interface End {
  readonly node: number;
  readonly port: number;
}

/** Two ends and the broadcast domain that ties them; its first address goes to `a`. */
export interface Wire {
  readonly bridge: string;
  readonly a: End;
  readonly b: End;
}

export interface Shape {
  /** How many nodes there are; they may be fewer or more than asked for only where the shape says so. */
  readonly nodes: number;
  /** Name of the i-th node. */
  readonly nameOf: (node: number) => string;
  readonly wires: readonly Wire[];
}

/** What the shapes are made from: `nodes` and `links` mean what the shape's entry in `SHAPES` says. */
export interface Numbers {
  readonly nodes: number;
  readonly links: number;
  /** For `random`: another seed, another shape. */
  readonly seed: number;
}

/** A pair of nodes to be wired. */
export type Pair = readonly [number, number];

export function numbered(node: number): string {
  return `n${node}`;
}

/** Refuses impossible numbers: throws E_USAGE. */
export function refuse(message: string, hint: string): never {
  throw new LinkloomError('E_USAGE', message, { hint });
}

/**
 * Wires pairs of nodes, `parallel` times each. Each node's interfaces are numbered in the order in which its
 * wires come; the bridge of the k-th wire of the pairs that node i begins is `b<i>-<k>`.
 */
export function wire(pairs: Iterable<Pair>, parallel = 1): Wire[] {
  const ports: number[] = [];
  const begun: number[] = [];
  const take = (counts: number[], node: number): number => {
    const count = counts[node] ?? 0;
    counts[node] = count + 1;
    return count;
  };
  const wires: Wire[] = [];
  for (const [a, b] of pairs) {
    for (let i = 0; i < parallel; i++) {
      const bridge = `b${a}-${take(begun, a)}`;
      wires.push({ bridge, a: { node: a, port: take(ports, a) }, b: { node: b, port: take(ports, b) } });
    }
  }
  return wires;
}
