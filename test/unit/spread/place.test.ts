/** Where nodes are placed: what the file says, what runs, what was, and then few wires between hosts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlaceRequest, placeNodes } from '../../../src/spread/place.ts';
import { check } from '../config/loading.ts';

const BLOCKS = async () => null;
const hosts = (...names: readonly string[]) => names.map((name) => ({ name, cpus: null, memoryBytes: null }));

async function placed(text: string, more: Partial<PlaceRequest> = {}) {
  const { topology } = await check(text);
  const request = { topology, hosts: hosts('h1', 'h2'), before: {}, claims: new Map(), isSticky: true, ...more };
  return await placeNodes(request, BLOCKS);
}

/** `count` nodes in a ring. */
const ring = (count: number): string =>
  JSON.stringify({
    nodes: Object.fromEntries(Array.from({ length: count }, (_, at) => [`r${at}`, {}])),
    wires: Array.from({ length: count }, (_, at) => [`r${at}:eth1`, `r${(at + 1) % count}:eth2`]),
  });

test('on, names and labels of hosts count in this order, whatever was before', async () => {
  const text = `
hosts:
  h1: {nodes: ["leaf*", a], labels: {rack: one}}
  h2: {nodes: ["*1"], labels: {rack: two}}
nodes:
  leaf1: {on: h2}
  leaf2: {labels: {rack: two}}
  spine1: {labels: {rack: one}}
  other: {labels: {rack: two, row: x}}
  none: {labels: {rack: three}}
links: [{netns: a, bridge: lan}]`;
  const before = { 'node/leaf1': 'h1', 'node/leaf2': 'h2', 'netns/a': 'h2', 'node/none': 'h2' };
  const { place, moves } = await placed(text, { before });
  assert.deepEqual(place, {
    'node/leaf1': 'h2',
    'node/leaf2': 'h1',
    'node/spine1': 'h2',
    'node/other': 'h2',
    'node/none': 'h2',
    'netns/a': 'h1',
  });
  assert.deepEqual(
    moves.map(({ node, from, to }) => `${node} ${from} ${to}`),
    ['node/leaf1 h1 h2', 'node/leaf2 h2 h1', 'netns/a h2 h1'],
  );
});

test('a container is where it runs, else where it ran, else nowhere', async () => {
  const text = 'links: [{container: a, bridge: l}, {container: b, bridge: l}, {service: c, bridge: l}]';
  const claims = new Map([
    ['container/a', ['h2']],
    ['service/c', ['h1', 'h2']],
  ]);
  const { place } = await placed(text, { claims, before: { 'container/a': 'h1', 'container/b': 'h1' } });
  assert.deepEqual(place, { 'container/a': 'h2', 'container/b': 'h1', 'service/c': 'h1' });
  assert.deepEqual((await placed(text)).place, {});
});

test('a ring is cut in two halves, and a node more joins its neighbours', async () => {
  const first = await placed(ring(12));
  const sides = Object.values(first.place).join(' ');
  assert.match(sides, /^(h1 )*(h2 )*(h1 )*h[12]$/, sides);
  assert.deepEqual(first.loads, { h1: 0.5, h2: 0.5 });
  const again = await placed(ring(14), { before: first.place });
  assert.deepEqual(again.moves, []);
  for (const [node, host] of Object.entries(first.place)) assert.equal(again.place[node], host);
  assert.ok(Object.hasOwn(again.place, 'node/r13'));
});

test('what a host has that is gone goes to the others, and nothing else moves', async () => {
  const { place: before } = await placed(ring(12), { hosts: hosts('h1', 'h2', 'h3') });
  const { place, moves } = await placed(ring(12), { before });
  const gone = Object.entries(before).filter(([, host]) => host === 'h3');
  assert.equal(gone.length, 4);
  assert.deepEqual(moves.map(({ node }) => node).sort(), gone.map(([node]) => node).sort());
  assert.ok(Object.values(place).every((host) => host !== 'h3'));
});

test('hosts get nodes in proportion to their processors, and nodes count by theirs', async () => {
  const sized = [
    { name: 'h1', cpus: 4, memoryBytes: null },
    { name: 'h2', cpus: 12, memoryBytes: 2 ** 30 },
  ];
  const { loads } = await placed(ring(40), { hosts: sized });
  assert.ok(Math.abs((loads['h1'] ?? 0) - 0.25) <= 0.05, JSON.stringify(loads));
  const heavy = JSON.stringify({
    nodes: {
      big: { image: 'a', cpus: 8 },
      ...Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`s${at}`, { image: 'a', cpus: 1 }])),
    },
  });
  const { place } = await placed(heavy);
  const beside = Object.entries(place).filter(([node, host]) => node !== 'node/big' && host === place['node/big']);
  assert.ok(beside.length <= 2, JSON.stringify(place));
});

test('a lab of one host is on that, and one of none is nowhere', async () => {
  assert.ok(Object.values((await placed(ring(4), { hosts: hosts('h1') })).place).every((host) => host === 'h1'));
  assert.deepEqual((await placed(ring(4), { hosts: [] })).place, {});
  assert.deepEqual((await placed('links: []')).place, {});
});

test('rebalance keeps parts on the hosts that have most of them', async () => {
  const before = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`node/r${at}`, at < 5 ? 'h2' : 'h1']));
  const { moves } = await placed(ring(12), { before, isSticky: false });
  assert.ok(moves.length <= 3, JSON.stringify(moves));
});
