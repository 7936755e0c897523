/** Ten thousand links load. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emitYaml } from '../../../src/config/text/emit.ts';
import { check } from '../../unit/config/loading.ts';

test('10,000 links load from JSON and from YAML, and are the same', async (context) => {
  const links = Array.from({ length: 10_000 }, (_, i) => ({
    netns: `n${i % 2000}`,
    dev: `eth${Math.floor(i / 2000)}`,
    bridge: `b${i >> 1}`,
    ip: `10.${i >> 14}.${(i >> 6) & 255}.${(i & 63) * 4}/30`,
  }));
  const results = [];
  for (const text of [JSON.stringify({ links }), emitYaml({ links })]) {
    const startedMs = performance.now();
    const { topology, diagnostics } = await check(text);
    context.diagnostic(`${text.length} characters in ${Math.round(performance.now() - startedMs)} ms`);
    assert.deepEqual(diagnostics, []);
    assert.equal(topology.links.length, 10_000);
    assert.equal(topology.bridges.length, 5000);
    results.push(topology.links.map(({ where, ...link }) => link));
  }
  assert.deepEqual(results[0], results[1]);
});
