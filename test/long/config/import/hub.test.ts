/** A GraphML file in which one node has thousands of edges. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { graphml } from '../../../unit/config/import/imported-graph.ts';

it('takes a hub of thousands of edges', { timeout: 60_000 }, async () => {
  const count = 20_000;
  const leaves = Array.from({ length: count }, (_, at) => `<node id="n${at}"><data key="label">leaf</data></node>`);
  const edges = leaves.map((_, at) => `<edge source="hub" target="n${at}"/>\r\n`);
  const { document, said } = await graphml([`<node id="hub"/>${leaves.join('\n')}${edges.join('')}<node/>`]);
  assert.equal((document['wires'] as unknown[]).length, count);
  assert.equal(
    said.find((line) => line.includes('without id')),
    `${3 + count - 1 + count}: a node without id is not carried over`,
  );
});
