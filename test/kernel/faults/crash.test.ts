/** A worker that dies in the middle: another takes its place, the kernel is looked at again, and the rest is done. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { labOf } from '../../support/faults/labs.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

const CRASH = new URL('../../support/faults/crash-once.js', import.meta.url).href;

test('a worker that dies over looking, making or removing costs no link', {
  timeout: 120_000,
  ...needs('root'),
}, async () => {
  const lab = uniqueName('c');
  await using folder = temporaryFolder('crash');
  const file = join(folder.path, 'lab.json');
  const crash = join(folder.path, 'crash');
  await writeFile(file, JSON.stringify(labOf(lab, { nodes: 6, links: 30 })));
  const run = async (after: number, ...args: readonly string[]) => {
    await writeFile(crash, '');
    const env = {
      NODE_OPTIONS: `--import ${CRASH}`,
      LINKLOOM_TEST_CRASH: crash,
      LINKLOOM_TEST_CRASH_AFTER: String(after),
    };
    return await linkloom(args, { env });
  };
  let replanned = 0;
  try {
    for (const after of [0, 3, 9, 20]) {
      const up = await run(after, 'up', '-f', file, '--json', '--workers', '1');
      assert.equal(up.exitCode, 0, `${after}: ${up.stderr}`);
      replanned += /a worker died .*looking and planning again/.test(up.stderr) ? 1 : 0;
      const { links } = JSON.parse(up.stdout);
      assert.deepEqual([links.created, links.failed], [30, 0], up.stderr);
      const settled = JSON.parse((await linkloom(['status', '-f', file, '--json'])).stdout).settled;
      assert.equal(settled, true);
      const down = await run(after, 'down', '--lab', lab, '--json');
      assert.equal(down.exitCode, 0, down.stderr);
    }
    assert.ok(replanned >= 2, `${replanned} runs died over making`);
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});
