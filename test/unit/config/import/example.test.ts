/** The example of an import has beside the topology what the import prints. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom, ROOT } from '../../../support/bin.ts';

const FOLDER = join(ROOT, 'examples/import-export');

test('lab.yaml is what `import --as netns` makes of fabric.clab.yml', async () => {
  const { exitCode, stdout, stderr } = await linkloom(['import', join(FOLDER, 'fabric.clab.yml'), '--as', 'netns']);
  assert.equal(exitCode, 0, stderr);
  const shown = readFileSync(join(FOLDER, 'lab.yaml'), 'utf8').replace(/^(#.*\n)+/, '');
  assert.equal(stdout.trim(), shown.trim());
});
