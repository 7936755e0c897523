/** A run that finds nothing to do starts no thread, and loads nothing of what would do it. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { loadedBy } from '../../support/cli/loaded.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

test('with nothing to do no thread starts, and no engine, pool or YAML is loaded', needs('root'), async () => {
  using folder = temporaryFolder('idle');
  const lab = uniqueName('i');
  const ends = [`${lab}a`, `${lab}b`].map((netns) => ({ netns, dev: 'eth0', bridge: 'w' }));
  const file = join(folder.path, 'lab.json');
  await writeFile(file, JSON.stringify({ lab, links: ends, bridges: [{ bridge: 'w', mode: 'direct' }] }));
  try {
    const first = await loadedBy(['up', '-f', file]);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.ok(first.files.includes('workers/link-worker') && first.packages.includes('piscina'));
    for (const verb of ['up', 'status', 'plan']) {
      const { exitCode, stderr, files, packages, modules } = await loadedBy([verb, '-f', file]);
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual(files, ['src/launch', 'src/main', 'src/program'], verb);
      assert.deepEqual(packages, ['commander', 'valibot'], verb);
      assert.ok(modules.has('workers/tasks/looking') && !modules.has('src/engine/threads/pool'), verb);
      assert.ok(!modules.has('src/runtime/dockerode-engine'), verb);
    }
  } finally {
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
  }
});
