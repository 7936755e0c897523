/** The edges of each shape, in the order in which they are numbered. */
import type { Shape } from './names.ts';
import type { Edge, ShapeSize } from './shape.ts';

/**
 * Edges of a shape. `links` counts
 * - circulant: links of each node, even. Bridge `b<i>-<h>` ties `n<i>:eth<2h>` to `n<(i+1+h) mod nodes>:eth<2h+1>`, h < links / 2
 * - line, ring: parallel edges between neighbours, times two, even: a node has that many links (an end of the line half of them)
 * - star: links of each leaf to the hub `n0`
 */
export function shapeEdges(shape: Shape, size: ShapeSize): Iterable<Edge> {
  switch (shape) {
    case 'circulant':
      return circulant(size);
    case 'line':
      return neighbours(size, size.nodes - 1);
    case 'ring':
      return neighbours(size, size.nodes);
    case 'star':
      return star(size);
    default:
      return shape satisfies never;
  }
}

/** How many edges `shapeEdges` yields. */
export function edgeCount(shape: Shape, { nodes, links }: ShapeSize): number {
  switch (shape) {
    case 'circulant':
    case 'ring':
      return (nodes * links) / 2;
    case 'line':
      return ((nodes - 1) * links) / 2;
    case 'star':
      return (nodes - 1) * links;
    default:
      return shape satisfies never;
  }
}

/** What is wrong with a size for a shape, for people; null if nothing is. */
export function sizeFault(shape: Shape, { nodes, links }: ShapeSize): string | null {
  if (shape !== 'star' && links % 2 !== 0) return `${shape} needs an even number of links per node, not ${links}`;
  if (shape === 'circulant' && links / 2 >= nodes) {
    return `circulant with ${links} links per node needs more than ${links / 2} nodes: a node would be tied to itself`;
  }
  if (shape === 'ring' && nodes < 3) return `a ring needs at least 3 nodes, not ${nodes}`;
  if (shape !== 'circulant' && nodes < 2) return `${shape} needs at least 2 nodes, not ${nodes}`;
  return null;
}

function* circulant({ nodes, links }: ShapeSize): Iterable<Edge> {
  for (let i = 0; i < nodes; i += 1) {
    for (let h = 0; h < links / 2; h += 1) {
      const second = { node: (i + 1 + h) % nodes, dev: 2 * h + 1 };
      yield { bridge: `b${i}-${h}`, first: { node: i, dev: 2 * h }, second };
    }
  }
}

function* neighbours({ nodes, links }: ShapeSize, pairs: number): Iterable<Edge> {
  for (let i = 0; i < pairs; i += 1) {
    for (let h = 0; h < links / 2; h += 1) {
      const second = { node: (i + 1) % nodes, dev: 2 * h + 1 };
      yield { bridge: `b${i}-${h}`, first: { node: i, dev: 2 * h }, second };
    }
  }
}

function* star({ nodes, links }: ShapeSize): Iterable<Edge> {
  for (let i = 1; i < nodes; i += 1) {
    for (let h = 0; h < links; h += 1) {
      yield { bridge: `b${i}-${h}`, first: { node: 0, dev: (i - 1) * links + h }, second: { node: i, dev: h } };
    }
  }
}
