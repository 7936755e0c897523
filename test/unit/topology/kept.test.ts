/** What a topology keeps of the text that it was made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Topology } from '../../../src/topology/topology.ts';
import { collectGarbage } from '../../support/memory/garbage.ts';
import { check } from '../config/loading.ts';

const TEXT = JSON.stringify({
  bridges: [{ bridge: 'b', mode: 'linux' }],
  links: ['e0', 'e1'].flatMap((dev) => ['n1', 'n2'].map((netns) => ({ netns, dev, bridge: 'b' }))),
});

/** A topology, and what it was made of, unless somebody keeps it. */
async function made(): Promise<{ readonly topology: Topology; readonly makings: readonly WeakRef<object>[] }> {
  const { topology, config } = await check(TEXT);
  const entries = [...config.links, ...config.bridges];
  const files = entries.flatMap(({ origins }) => origins.map(({ source }) => source));
  return {
    topology,
    makings: [...entries, ...files, ...entries.map(({ value }) => value)].map((it) => new WeakRef(it)),
  };
}

test('a topology knows where each link was written, and keeps neither its entry nor the values of its file', async () => {
  const { topology, makings } = await made();
  assert.ok(makings.length > 0);
  // What a promise has resolved to is kept until the job is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  assert.deepEqual(
    makings.map((it) => it.deref()),
    makings.map(() => undefined),
  );
  const columns = topology.links.map(({ where }) => where()?.column);
  assert.equal(new Set(columns).size, 4);
  assert.ok(columns.every((column) => column !== undefined));
});

test('links of one node have one selector, and devices of one name have one text', async () => {
  const { topology } = await made();
  assert.equal(new Set(topology.links.map(({ selector }) => selector)).size, 2);
});
