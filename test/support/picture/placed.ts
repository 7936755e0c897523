/** Networks of many shapes and sizes, and that no box of their pictures lies over another. */
import assert from 'node:assert/strict';
import { placesOf } from '../../../src/picture/layout/layout.ts';
import { LAYOUTS } from '../../../src/picture/layout/names.ts';
import { boxSize, isDetailed, roomOf } from '../../../src/picture/measure.ts';
import { type Picture, pictureOf } from '../../../src/picture/picture.ts';
import { graphOf } from '../../../src/report/graph/model.ts';
import type { ShapeOptions } from '../../../src/topology/shapes/generate.ts';
import type { ShapeName } from '../../../src/topology/shapes/names.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { drawnLink, drawnTopology, lanTopology, shapedTopology } from './drawings.ts';

/** Links from which on a network takes long to place by each layout. */
export const MANY = 180;

/** The layout that suits each. */
export const SUITING: readonly (readonly [ShapeName, ShapeOptions, 'layered' | 'force'])[] = [
  ['clos', { nodes: 5 }, 'layered'],
  ['clos', { nodes: 20, links: 4 }, 'layered'],
  ['clos', { nodes: 7, links: 5 }, 'layered'],
  ['clos', { nodes: 200, links: 8 }, 'layered'],
  ['fat-tree', { links: 4 }, 'layered'],
  ['fat-tree', { links: 8 }, 'layered'],
  ['star', { nodes: 5 }, 'layered'],
  ['star', { nodes: 200 }, 'layered'],
  ['ring', { nodes: 4 }, 'force'],
  ['ring', { nodes: 20 }, 'force'],
  ['line', { nodes: 20 }, 'force'],
  ['grid', { nodes: 16 }, 'force'],
  ['grid', { nodes: 196 }, 'force'],
  ['torus', { nodes: 196 }, 'force'],
  ['full', { nodes: 5 }, 'force'],
  ['full', { nodes: 20 }, 'force'],
  ['circulant', { nodes: 200, links: 4 }, 'force'],
  ['random', { nodes: 20, links: 4 }, 'force'],
  ['random', { nodes: 200, links: 6 }, 'force'],
];

/** Networks to place, with their names. */
export const PLACED: readonly (readonly [string, Topology])[] = [
  ...SUITING.map(
    ([shape, options]) => [`${shape} of ${options.nodes ?? options.links}`, shapedTopology(shape, options)] as const,
  ),
  ['one node', drawnTopology('one', [drawnLink('netns a', 'd0', { type: 'dummy' })])],
  ['no node', drawnTopology('none', [])],
  ['a LAN of 5', lanTopology(5)],
  ['a LAN of 200', lanTopology(200)],
  ['a fabric, a LAN and two that are alone', apart()],
];

/** Several networks in one lab. */
function apart(): Topology {
  const links = [
    ...shapedTopology('clos', { nodes: 20, links: 4 }).links,
    ...lanTopology(30).links,
    ...['x', 'y'].map((name) => drawnLink(`netns ${name}`, 'd0', { type: 'dummy' })),
  ];
  return drawnTopology('apart', links);
}

export function pictured(topology: Topology): Picture {
  return pictureOf(graphOf(topology));
}

/** Throws AssertionError where a layout puts one box over another. */
export function assertApart(topology: Topology): void {
  const picture = pictured(topology);
  for (const layout of LAYOUTS) {
    const { x, y } = placesOf(picture, roomOf(picture), layout);
    const sizes = picture.nodes.map((node) => boxSize(node, isDetailed(picture)));
    for (const [one, a] of sizes.entries()) {
      assert.ok(Number.isFinite(x[one]) && Number.isFinite(y[one]), `${layout}: ${picture.nodes[one]?.name}`);
      for (let other = one + 1; other < sizes.length; other += 1) {
        const b = sizes[other] ?? a;
        const isApart =
          Math.abs((x[one] ?? 0) - (x[other] ?? 0)) * 2 >= a.width + b.width - 0.2 ||
          Math.abs((y[one] ?? 0) - (y[other] ?? 0)) * 2 >= a.height + b.height - 0.2;
        if (!isApart) assert.fail(`${layout}: ${picture.nodes[one]?.name} and ${picture.nodes[other]?.name}`);
      }
    }
  }
}
