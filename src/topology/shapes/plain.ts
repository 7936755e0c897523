import { counted } from '../../counted.ts';
import { atLeast, type Numbers, numbered, type Pair, refuse, type Shape, type Wire, wire } from './shape.ts';

/**
 * Node i is wired to the M/2 nodes after it, so each node has M interfaces. For each h < M/2, bridge `b<i>-<h>`
 * connects `n<i>:eth<2h>` to `n<(i+1+h) mod N>:eth<2h+1>`. Benchmarks use this shape, so it never changes.
 */
export function circulant({ nodes, links }: Numbers): Shape {
  if (links % 2 !== 0)
    refuse(`circulant needs an even number of links per node, not ${links}`, `try --links ${links + 1}`);
  const half = links / 2;
  if (half >= nodes) {
    refuse(
      `circulant with ${counted(links, 'link')} per node would wire a node to itself`,
      `it needs more than ${counted(half, 'node')}`,
    );
  }
  const wires: Wire[] = [];
  for (let i = 0; i < nodes; i++) {
    for (let h = 0; h < half; h++) {
      wires.push({
        bridge: `b${i}-${h}`,
        a: { node: i, port: 2 * h },
        b: { node: (i + 1 + h) % nodes, port: 2 * h + 1 },
      });
    }
  }
  return { nodes, nameOf: numbered, wires };
}

/** A line. As in circulant, a node's even interfaces lead to the next node and its odd ones to the previous node. */
export function line({ nodes, links }: Numbers): Shape {
  atLeast('line', nodes, 2);
  return { nodes, nameOf: numbered, wires: toNext(nodes, nodes - 1, links) };
}

export function ring({ nodes, links }: Numbers): Shape {
  atLeast('ring', nodes, 3);
  return { nodes, nameOf: numbered, wires: toNext(nodes, nodes, links) };
}

function toNext(nodes: number, pairs: number, links: number): Wire[] {
  const parallel = Math.ceil(links / 2);
  return Array.from({ length: pairs * parallel }, (_, q): Wire => {
    const i = Math.floor(q / parallel);
    const h = q % parallel;
    return { bridge: `b${i}-${h}`, a: { node: i, port: 2 * h }, b: { node: (i + 1) % nodes, port: 2 * h + 1 } };
  });
}

/** A star with n0 in the middle. */
export function star({ nodes, links }: Numbers): Shape {
  atLeast('star', nodes, 2);
  const pairs = Array.from({ length: nodes - 1 }, (_, i): Pair => [0, i + 1]);
  return { nodes, nameOf: numbered, wires: wire(pairs, links) };
}

/** A full mesh: every node is wired to every other. */
export function full({ nodes, links }: Numbers): Shape {
  atLeast('full', nodes, 2);
  const pairs: Pair[] = [];
  for (let a = 0; a < nodes; a++) for (let b = a + 1; b < nodes; b++) pairs.push([a, b]);
  return { nodes, nameOf: numbered, wires: wire(pairs, links) };
}

/** A grid that is nearly square, filled row by row. The last row may be short. */
export function grid({ nodes, links }: Numbers): Shape {
  atLeast('grid', nodes, 2);
  const columns = Math.ceil(Math.sqrt(nodes));
  const pairs: Pair[] = [];
  for (let i = 0; i < nodes; i++) {
    if ((i + 1) % columns !== 0 && i + 1 < nodes) pairs.push([i, i + 1]);
    if (i + columns < nodes) pairs.push([i, i + columns]);
  }
  return { nodes, nameOf: numbered, wires: wire(pairs, links) };
}

/**
 * A torus: the rectangle nearest to a square, closed in both directions. A side of two nodes is not closed, since that
 * would double its wires.
 */
export function torus({ nodes, links }: Numbers): Shape {
  atLeast('torus', nodes, 3);
  const rows =
    Array.from({ length: Math.floor(Math.sqrt(nodes)) }, (_, i) => i + 1).findLast((n) => nodes % n === 0) ?? 1;
  const columns = nodes / rows;
  const pairs: Pair[] = [];
  for (let i = 0; i < nodes; i++) {
    const row = Math.floor(i / columns);
    const column = i % columns;
    if (column + 1 < columns || columns > 2) pairs.push([i, row * columns + ((column + 1) % columns)]);
    if (rows > 2 || (rows === 2 && row === 0)) pairs.push([i, ((row + 1) % rows) * columns + column]);
  }
  return { nodes, nameOf: numbered, wires: wire(pairs, links) };
}
