/** `--group`: nodes drawn as one box. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folded } from '../../../src/picture/fold.ts';
import { foldsOf } from '../../../src/picture/groups.ts';
import { pictureOf } from '../../../src/picture/picture.ts';
import { graphOf } from '../../../src/report/graph/model.ts';
import { drawnLink, drawnTopology, lanTopology, shapedTopology } from '../../support/picture/drawings.ts';

test('nodes become a box; edges to another box are one with their count, those inside are only counted', () => {
  const graph = graphOf(shapedTopology('clos', { nodes: 10, links: 2 }));
  const picture = pictureOf(folded(graph, foldsOf(['spines=spine*', 'leaf*'])));
  assert.deepEqual(
    picture.nodes.map(({ kind, name, notes }) => ({ kind, name, notes })),
    [
      { kind: 'group', name: 'spines', notes: [] },
      { kind: 'group', name: 'leaf*', notes: [] },
    ],
  );
  assert.deepEqual(
    picture.edges.map(({ count, label }) => ({ count, label })),
    [{ count: 16, label: '16 links' }],
  );
  // Of each link that went in both devices are known, so that what it does now can be shown.
  const [{ parts = [] } = {}] = picture.edges;
  assert.equal(new Set(parts.flat()).size, 32);
  assert.ok(parts.flat().every((device) => /^netns\/(spine|leaf)\d+:eth\d+$/.test(device)));
});

test('an edge to a node that stays keeps its device', () => {
  const graph = folded(graphOf(shapedTopology('clos', { nodes: 5, links: 2 })), foldsOf(['leaf*']));
  const ends = pictureOf(graph).edges.flatMap(({ from, to }) => [from.device, to.device]);
  assert.equal(ends.filter((device) => device.startsWith('netns/spine')).length, 6);
  assert.deepEqual(new Set(ends.filter((device) => device.startsWith('group/'))), new Set(['group/leaf*:nodes']));
});

test('a bridge goes into the group of all its nodes, and stays where some are elsewhere', () => {
  const lan = graphOf(lanTopology(6));
  assert.deepEqual(folded(lan, foldsOf(['h?'])).bridges, []);
  const part = folded(lan, foldsOf(['some=h0,h1,h2']));
  assert.deepEqual(
    part.bridges.map(({ devices }) => devices.length),
    [4],
  );
  assert.deepEqual(part.edges.map(({ count = 1 }) => count).sort(), [1, 1, 1, 3]);
  assert.deepEqual(
    part.nodes.map(({ name }) => name),
    ['some', 'h3', 'h4', 'h5'],
  );
});

test('links inside are told; the first group that takes a node has it; what takes none is left out', () => {
  const graph = graphOf(shapedTopology('full', { nodes: 5 }));
  const { nodes, edges } = folded(graph, foldsOf(['a=n0,n1,n2', 'b=n*', 'c=zebra']));
  assert.deepEqual(
    nodes.map(({ name, devices }) => [name, devices.map(({ label, notes }) => [label, ...notes])]),
    [
      ['a', [['3 nodes', '3 links inside']]],
      ['b', [['2 nodes', '1 link inside']]],
    ],
  );
  assert.deepEqual(
    edges.map(({ count }) => count),
    [6],
  );
});

test('a pattern is a glob, not an expression', () => {
  const graph = graphOf(
    drawnTopology(
      'dots',
      ['a.b', 'axb', 'a+'].map((name) => drawnLink(`netns ${name}`, 'd0', { type: 'dummy' })),
    ),
  );
  const left = (glob: string): readonly string[] => folded(graph, foldsOf([glob])).nodes.map(({ name }) => name);
  assert.deepEqual(left('box=a.b'), ['box', 'axb', 'a+']);
  assert.deepEqual(left('box=a+'), ['box', 'a.b', 'axb']);
  assert.deepEqual(left('box=a?b'), ['box', 'a+']);
});
