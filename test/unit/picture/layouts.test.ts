/** Which layout suits which network, and that no box lies over another, at every size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf, suitingLayout } from '../../../src/picture/layout/layout.ts';
import { LAYOUTS } from '../../../src/picture/layout/names.ts';
import { boxSize, isDetailed, roomOf } from '../../../src/picture/measure.ts';
import { type Picture, pictureOf } from '../../../src/picture/picture.ts';
import { graphOf } from '../../../src/report/graph/model.ts';
import type { ShapeOptions } from '../../../src/topology/shapes/generate.ts';
import type { ShapeName } from '../../../src/topology/shapes/names.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { drawnLink, drawnTopology, lanTopology, shapedTopology } from '../../support/picture/drawings.ts';

const SUITING: readonly (readonly [ShapeName, ShapeOptions, 'layered' | 'force'])[] = [
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

const PLACED: readonly (readonly [string, Topology])[] = [
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

function pictured(topology: Topology): Picture {
  return pictureOf(graphOf(topology));
}

for (const [shape, options, layout] of SUITING) {
  test(`${shape} ${JSON.stringify(options)} is drawn ${layout === 'force' ? 'by forces' : 'in tiers'}`, () => {
    const picture = pictured(shapedTopology(shape, options));
    assert.equal(suitingLayout(picture, roomOf(picture)), layout);
  });
}

test('the tiers of a fat tree are core, aggregation, edge and hosts, from the top', () => {
  const picture = pictured(shapedTopology('fat-tree', { links: 4 }));
  const { y } = placesOf(picture, roomOf(picture), 'auto');
  const heights = (stem: string): readonly number[] =>
    picture.nodes.flatMap(({ name }, at) => (name.startsWith(stem) ? [y[at] ?? 0] : []));
  const [core, agg, edge, host] = ['core', 'agg', 'edge', 'host'].map(heights);
  for (const [above, below] of [
    [core, agg],
    [agg, edge],
    [edge, host],
  ]) {
    assert.ok(Math.max(...(above ?? [])) < Math.min(...(below ?? [])));
  }
});

test('a node whose host hangs on a spine does not turn the fabric over', () => {
  const { links } = shapedTopology('clos', { nodes: 20, links: 4 });
  const extra = [drawnLink('netns spine0', 'wan', { bridge: 'w' }), drawnLink('netns border', 'eth0', { bridge: 'w' })];
  const picture = pictured(drawnTopology('border', [...links, ...extra]));
  const { y } = placesOf(picture, roomOf(picture), 'auto');
  const at = (name: string): number => y[picture.nodes.findIndex((node) => node.name === name)] ?? 0;
  assert.ok(at('spine1') < at('leaf3'));
});

for (const [name, topology] of PLACED) {
  test(`no box lies over another: ${name}`, () => {
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
          assert.ok(isApart, `${layout}: ${picture.nodes[one]?.name} and ${picture.nodes[other]?.name}`);
        }
      }
    }
  });
}

test('the same network is always placed the same way', () => {
  const picture = pictured(shapedTopology('random', { nodes: 60, links: 4 }));
  const places = (): unknown => placesOf(picture, roomOf(picture), 'force');
  assert.deepEqual(places(), places());
});

test('a wide tier takes several rows, so that 200 nodes are not a strip', () => {
  for (const topology of [
    shapedTopology('clos', { nodes: 200, links: 8 }),
    shapedTopology('fat-tree', { links: 8 }),
    lanTopology(200),
  ]) {
    const picture = pictured(topology);
    const { x, y } = placesOf(picture, roomOf(picture), 'auto');
    const span = (axis: Float64Array): number => Math.max(...axis) - Math.min(...axis);
    assert.ok(span(x) / span(y) < 4, `${topology.lab}: ${span(x)} by ${span(y)}`);
  }
});
