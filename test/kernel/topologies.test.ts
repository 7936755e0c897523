/** Labs of other tools are imported, brought up and taken down as a user does it, in one pipe. `npm run test:topologies` runs more. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { linkloom } from '../support/bin.ts';

const FIXTURES = fileURLToPath(new URL('../../../test/fixtures/topologies', import.meta.url));
const LABS: Readonly<Record<string, readonly [nodes: number, links: number]>> = {
  'containerlab/fabric.clab.yml': [6, 13],
  'kathara/office/lab.conf': [5, 6],
  'graphs/rivers.json': [5, 8],
  'graphs/islands.graphml': [4, 8],
  'compose/shop.yaml': [4, 4],
};

describe('a lab of another tool', { timeout: 120_000 }, () => {
  for (const [file, [nodes, links]] of Object.entries(LABS)) {
    it(`${file} comes up with namespaces for its nodes, and goes`, async () => {
      const imported = await linkloom(['import', join(FIXTURES, file), '--as', 'netns', '--no-carry-impair']);
      assert.equal(imported.exitCode, 0, imported.stderr);
      try {
        const up = await linkloom(['up', '-f', '-', '--lab', 'imported', '--json'], { input: imported.stdout });
        assert.equal(up.exitCode, 0, up.stderr);
        assert.equal(JSON.parse(up.stdout).links.created, links);
        assert.equal(readdirSync('/run/netns').filter((name) => name.startsWith('imported.')).length, nodes);
      } finally {
        const down = await linkloom(['down', '--lab', 'imported']);
        assert.equal(down.exitCode, 0, down.stderr);
      }
      assert.deepEqual(readdirSync('/run/netns'), []);
    });
  }
});
