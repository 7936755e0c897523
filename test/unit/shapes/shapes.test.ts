import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeCount, shapeEdges, sizeFault } from '../../../src/shapes/edges.ts';
import { SHAPES, type Shape } from '../../../src/shapes/names.ts';
import { shapeText } from '../../../src/shapes/print.ts';
import { linksOf, type ShapeLink, type ShapeSize } from '../../../src/shapes/shape.ts';

function linksIn(shape: Shape, size: ShapeSize): ShapeLink[] {
  return [...shapeEdges(shape, size)].flatMap((edge, q) => linksOf(edge, q));
}

test('circulant: bridge b<i>-<h> ties n<i>:eth<2h> to n<(i+1+h) mod N>:eth<2h+1>, network 4q, first address on the even end', () => {
  const nodes = 7;
  const links = 6;
  const made = linksIn('circulant', { nodes, links });
  assert.equal(made.length, nodes * links);
  for (let i = 0; i < nodes; i += 1) {
    for (let h = 0; h < links / 2; h += 1) {
      const q = (i * links) / 2 + h;
      const bridge = `b${i}-${h}`;
      const peer = `n${(i + 1 + h) % nodes}`;
      assert.deepEqual(made.slice(2 * q, 2 * q + 2), [
        { node: `n${i}`, dev: `eth${2 * h}`, bridge, ip: `10.0.0.${4 * q + 1}/30` },
        { node: peer, dev: `eth${2 * h + 1}`, bridge, ip: `10.0.0.${4 * q + 2}/30` },
      ]);
    }
  }
});

test('circulant: every node has exactly eth0 to eth<M-1>, every bridge two links, every address is its own', () => {
  const made = linksIn('circulant', { nodes: 40, links: 10 });
  assert.equal(new Set(made.map(({ node, dev }) => `${node}:${dev}`)).size, 400);
  assert.equal(new Set(made.map(({ ip }) => ip)).size, 400);
  assert.equal(new Set(made.map(({ bridge }) => bridge)).size, 200);
  for (const { dev } of made) assert.match(dev, /^eth[0-9]$/);
});

test('networks carry over into the next octet', () => {
  const made = linksIn('circulant', { nodes: 100, links: 2 });
  assert.equal(made[128]?.ip, '10.0.1.1/30');
  assert.equal(made[129]?.ip, '10.0.1.2/30');
});

test('a line has two ends, a ring none, a star one hub', () => {
  const degree = (shape: Shape, size: ShapeSize): number[] => {
    const counts = new Map<string, number>();
    for (const { node } of linksIn(shape, size)) counts.set(node, (counts.get(node) ?? 0) + 1);
    return [...counts.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([, count]) => count);
  };
  assert.deepEqual(degree('line', { nodes: 4, links: 2 }), [1, 2, 2, 1]);
  assert.deepEqual(degree('ring', { nodes: 4, links: 2 }), [2, 2, 2, 2]);
  assert.deepEqual(degree('star', { nodes: 4, links: 1 }), [3, 1, 1, 1]);
  assert.deepEqual(degree('line', { nodes: 3, links: 4 }), [2, 4, 2]);
});

test('no shape gives a device twice, and the count is known beforehand', () => {
  for (const shape of SHAPES) {
    for (const size of [
      { nodes: 5, links: 2 },
      { nodes: 9, links: 4 },
    ]) {
      const made = linksIn(shape, size);
      assert.equal(new Set(made.map(({ node, dev }) => `${node}:${dev}`)).size, made.length, shape);
      assert.equal(made.length, 2 * edgeCount(shape, size), shape);
    }
  }
});

test('sizes that a shape cannot have are named', () => {
  assert.match(sizeFault('circulant', { nodes: 10, links: 3 }) ?? '', /even number/);
  assert.match(sizeFault('circulant', { nodes: 2, links: 4 }) ?? '', /more than 2 nodes/);
  assert.equal(sizeFault('circulant', { nodes: 3, links: 4 }), null);
  assert.match(sizeFault('ring', { nodes: 2, links: 2 }) ?? '', /at least 3/);
  assert.match(sizeFault('line', { nodes: 1, links: 2 }) ?? '', /at least 2/);
  assert.equal(sizeFault('star', { nodes: 2, links: 3 }), null);
});

test('text in YAML and JSON', () => {
  const text = (format: 'yaml' | 'json', lab: string | null): string =>
    [...shapeText('star', { nodes: 2, links: 1 }, { format, runtime: 'container', lab })].join('');
  assert.equal(
    text('yaml', '1e3'),
    `lab: "1e3"
links:
  - {container: n0, dev: eth0, bridge: b1-0, ip: 10.0.0.1/30}
  - {container: n1, dev: eth0, bridge: b1-0, ip: 10.0.0.2/30}
`,
  );
  assert.deepEqual(JSON.parse(text('json', null)), {
    links: [
      { container: 'n0', dev: 'eth0', bridge: 'b1-0', ip: '10.0.0.1/30' },
      { container: 'n1', dev: 'eth0', bridge: 'b1-0', ip: '10.0.0.2/30' },
    ],
  });
});
