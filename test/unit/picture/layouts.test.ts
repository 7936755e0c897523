/** Which layout suits which network, and that no box lies over another. test/long/picture/ has large networks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf, suitingLayout } from '../../../src/picture/layout/layout.ts';
import { roomOf } from '../../../src/picture/measure.ts';
import { drawnLink, drawnTopology, lanTopology, shapedTopology } from '../../support/picture/drawings.ts';
import { assertApart, MANY, PLACED, pictured, SUITING } from '../../support/picture/placed.ts';

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

for (const [name, topology] of PLACED.filter(({ 1: { links } }) => links.length < MANY)) {
  test(`no box lies over another: ${name}`, () => assertApart(topology));
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
