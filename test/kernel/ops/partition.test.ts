/** The library that cuts graphs: real labs, cut by a worker thread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionBy } from '../../../src/engine/partition.ts';
import { WorkerPool } from '../../../src/engine/threads/pool.ts';
import { type Partition, placeNodes } from '../../../src/spread/place.ts';
import { numbered, Whereabout } from '../../../src/spread/spread.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { needs } from '../../support/needs.ts';
import { check } from '../../unit/config/loading.ts';

const HOSTS = ['h1', 'h2', 'h3'].map((name) => ({ name, cpus: null, memoryBytes: null }));

/** A circulant of 1,000 nodes with 10 links each, its nodes in an order that says nothing. */
function circulant(): string {
  const name = (at: number): string => `r${((at % 1000) * 377) % 1000}`;
  const nodes = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`r${at}`, {}]));
  const wires = Array.from({ length: 5000 }, (_, nth) => {
    const [at, by] = [Math.floor(nth / 5), (nth % 5) + 1];
    return [`${name(at)}:a${by}`, `${name(at + by)}:b${by}`];
  });
  return JSON.stringify({ nodes, wires });
}

async function cutOf(topology: Topology, partition: Partition) {
  const request = { topology, hosts: HOSTS, before: {}, claims: new Map(), isSticky: true };
  const { place, loads } = await placeNodes(request, partition);
  const hosts = Object.fromEntries(HOSTS.map(({ name }) => [name, { address: '192.0.2.1', port: 1 }]));
  const crossing = numbered(new Whereabout(topology, { hosts, place, claims: new Map(), vni: {} })).length;
  return { place, loads: Object.values(loads), crossing };
}

test('cuts a lab with few wires between hosts, evenly, and the same each time', needs('program:gpmetis'), async () => {
  await using pool = await WorkerPool.start(1);
  const { topology } = await check(circulant());
  const cut = await cutOf(topology, partitionBy(pool));
  assert.ok(cut.crossing <= 100, `${cut.crossing} of 5,000 wires cross`);
  for (const load of cut.loads) assert.ok(Math.abs(load - 1 / 3) < 0.03, String(cut.loads));
  assert.deepEqual(await cutOf(topology, partitionBy(pool)), cut);
  const blocks = await cutOf(topology, async () => null);
  assert.ok(blocks.crossing <= 200, `${blocks.crossing} of 5,000 wires cross without the library`);
});

test('takes parts of different shares, and graphs that have no edge', needs('program:gpmetis'), async () => {
  await using pool = await WorkerPool.start(1);
  const partition = partitionBy(pool);
  const lone = { offsets: new Array(101).fill(0), neighbours: [], edgeWeights: [], weights: new Array(100).fill(10) };
  const parts = await partition(lone, [0.2, 0.8]);
  const first = parts?.filter((part) => part === 0).length ?? 0;
  assert.ok(first >= 15 && first <= 25, `${first} of 100 are in the part of a fifth`);
});
