/**
 * A shape is a list of wires between numbered nodes. Each function that makes one is pure, and always gives the same
 * wires for the same numbers. Only `generate` adds names, addresses and the form of the configuration.
 */
import { counted } from '../../counted.ts';
import { LinkloomError } from '../../errors.ts';

/** One end of a wire: the node, and the interface's number (`eth<port>`). */
export interface End {
  readonly node: number;
  readonly port: number;
}

/** Two ends and the bridge that connects them. The wire's first address is end `a`'s. */
export interface Wire {
  readonly bridge: string;
  readonly a: End;
  readonly b: End;
}

export interface Shape {
  /** The number of nodes. It differs from the number asked for only if the shape's description says so. */
  readonly nodes: number;
  /** The name of the i-th node. */
  readonly nameOf: (node: number) => string;
  readonly wires: readonly Wire[];
  /** The tier, whose nodes are one AS (RFC 7938); null for a node that is an AS of its own. Default: each is. */
  readonly tierOf?: (node: number) => string | null;
  /** Where the node is in a square of length 1. */
  readonly placeOf?: (node: number) => { readonly x: number; readonly y: number };
}

/** The numbers that define a shape. The shape's entry in `SHAPES` says what `nodes` and `links` mean. */
export interface Numbers {
  readonly nodes: number;
  readonly links: number;
  /** Decides what is left to chance. */
  readonly seed: number;
  readonly alpha: number;
  readonly beta: number;
  readonly pods: number;
  /** Of each pod. */
  readonly leaves: number;
  readonly oversubscription: number;
}

/** Two nodes to be wired. */
export type Pair = readonly [number, number];

export function numbered(node: number): string {
  return `n${node}`;
}

export function atLeast(shape: string, nodes: number, least: number): void {
  if (nodes < least) refuse(`${shape} needs at least ${counted(least, 'node')}, not ${nodes}`, `try --nodes ${least}`);
}

/** Refuses numbers that a shape can't have: throws E_USAGE. */
export function refuse(message: string, hint: string): never {
  throw new LinkloomError('E_USAGE', message, { hint });
}

/**
 * Wires each pair of nodes `parallel` times. A node's interfaces are numbered in the order of its wires. The k-th wire
 * of the pairs that node i begins has the bridge `b<i>-<k>`.
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
