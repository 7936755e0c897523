/** Placement of random labs: everything is placed, evenly, the same each time, and what was placed stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labGraph } from '../../../src/spread/graph.ts';
import { type Partition, type PlaceRequest, placeNodes } from '../../../src/spread/place.ts';
import { HOSTS, labs } from './labs.ts';

const NOTHING: Partition = async () => null;
/** A library that puts everything in one part, which is allowed and bad. */
const ONE_PART: Partition = async ({ weights }) => weights.map(() => 0);
const partitions = fc.constantFrom(NOTHING, ONE_PART);

const requests: fc.Arbitrary<PlaceRequest> = fc.record({
  topology: labs,
  hosts: fc
    .subarray(HOSTS, { minLength: 1 })
    .map((names) => names.map((name) => ({ name, cpus: null, memoryBytes: null }))),
  before: fc.constant({}),
  claims: fc.constant(new Map()),
  isSticky: fc.constant(true),
});

test('every namespace is on a host, and no host has much more than its share', async () => {
  await fc.assert(
    fc.asyncProperty(requests, partitions, async (request, partition) => {
      const { place, loads } = await placeNodes(request, partition);
      const { vertices, graph } = labGraph(request.topology);
      const free = vertices.filter(({ isClaimed }) => !isClaimed).map(({ key }) => key);
      assert.deepEqual(Object.keys(place).sort(), [...free].sort());
      const total = Math.max(
        1,
        graph.weights.reduce((sum, weight) => sum + weight, 0),
      );
      const heaviest = graph.weights.reduce((most, weight) => Math.max(most, weight), 0) / total;
      const share = 1 / request.hosts.length;
      for (const load of Object.values(loads)) assert.ok(load <= share * 1.05 + heaviest + 1e-9, `${load} of ${share}`);
      assert.deepEqual(await placeNodes(request, partition), { place, loads, moves: [] });
    }),
    { numRuns: 300 },
  );
});

test('what has a host keeps it, whatever is added', async () => {
  await fc.assert(
    fc.asyncProperty(requests, labs, partitions, async (request, topology, partition) => {
      const { place: before } = await placeNodes(request, partition);
      const { place, moves } = await placeNodes({ ...request, topology, before }, partition);
      assert.deepEqual(moves, []);
      for (const [node, host] of Object.entries(place)) assert.ok(before[node] === undefined || before[node] === host);
    }),
    { numRuns: 300 },
  );
});
