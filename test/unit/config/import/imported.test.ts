/**
 * Each lab of test/fixtures/topologies becomes what stands in test/fixtures/imported, notes and all. After a wanted change:
 * `LINKLOOM_WRITE_FIXTURES=1 node --test dist/test/unit/config/import/imported.test.js`, and read the difference.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importLab } from '../../../../src/config/import/import.ts';
import { type ImportOptions, NO_OPTIONS } from '../../../../src/config/import/options.ts';
import { surroundingsOf } from '../../../../src/config/import/surroundings.ts';
import { emitYaml } from '../../../../src/config/text/emit.ts';

const FIXTURES = fileURLToPath(new URL('../../../../../test/fixtures', import.meta.url));
const LABS = {
  'containerlab/fabric.clab.yml': 'fabric',
  'kathara/office/lab.conf': 'office',
  'graphs/rivers.json': 'rivers',
  'graphs/islands.graphml': 'islands',
  'compose/shop.yaml': 'shop',
} as const;
const NETNS: ImportOptions = { ...NO_OPTIONS, as: 'netns' };
const BUSYBOX: ImportOptions = { ...NO_OPTIONS, images: [{ pattern: 'example/*', image: 'busybox' }] };

describe('an imported lab', () => {
  for (const [file, name] of Object.entries(LABS)) {
    for (const [way, options] of Object.entries({ plain: NO_OPTIONS, netns: NETNS, busybox: BUSYBOX })) {
      it(`${file}, ${way}`, async () => {
        const text = await outcomeOf(file, options);
        const expected = join(FIXTURES, 'imported', `${name}.${way}.txt`);
        if (process.env['LINKLOOM_WRITE_FIXTURES'] === '1') writeFileSync(expected, text);
        assert.equal(text, readFileSync(expected, 'utf8'));
      });
    }
  }
});

it('refuses a topology whose parts are of another shape, rather than leave them out', async () => {
  const around = surroundingsOf(FIXTURES, FIXTURES, () => undefined);
  const text = 'topology:\n  nodes: [a]\n  links: {a: b}\n';
  const lab = await importLab({ file: 'lab.yml', text, format: null, options: NO_OPTIONS, around });
  assert.deepEqual(
    lab.notes.inOrder.map(({ code, message, where }) => [code, message, where?.line]),
    [
      ['import-refused', 'topology.nodes must be a map of nodes by their names', 2],
      ['import-refused', 'topology.links must be a list', 3],
    ],
  );
});

async function outcomeOf(file: string, options: ImportOptions): Promise<string> {
  const path = join(FIXTURES, 'topologies', file);
  const around = surroundingsOf(dirname(path), join(FIXTURES, 'topologies'), () => undefined);
  const lab = await importLab({ file, text: readFileSync(path, 'utf8'), format: null, options, around });
  const notes = lab.notes.inOrder.map(({ code, message, where }) => `${where?.line ?? '-'}: ${message} [${code}]`);
  return `${emitYaml(lab.document())}\n${notes.join('\n')}\n`;
}
