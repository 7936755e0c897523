/** Files that never end, pipes without a writer, and pipes with a slow one. A process of its own each: one that hangs can be killed. */
import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { linkloom } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';

test('files without end, and pipes without a writer, end', async () => {
  using folder = temporaryFolder('compose');
  await execa('mkfifo', [join(folder.path, 'silent')]);
  await writeFile(join(folder.path, 'a.yaml'), 'links: []');
  await symlink('/dev/zero', join(folder.path, 'zero.yaml'));
  const said = async (words: readonly string[], env = {}) => {
    const { exitCode, stderr } = await linkloom(['validate', ...words], { cwd: folder.path, timeoutMs: 20_000, env });
    assert.equal(exitCode, 1, words.join(' '));
    return stderr;
  };
  assert.match(await said(['-f', 'zero.yaml']), /zero\.yaml is larger than 16 MiB, the most that is read as YAML/);
  assert.match(await said(['-f', '/dev/zero']), /\/dev\/zero is larger than 64 MiB/);
  assert.match(await said(['-f', 'silent']), /silent is empty/);
  // By the variable: Node itself looks at a file that an option of this name names, and would read on.
  assert.match(await said(['-f', 'a.yaml'], { LINKLOOM_ENV_FILE: '/dev/zero' }), /\/dev\/zero is larger than 4 MiB/);
});

test('a pipe that somebody writes to is read to its end, however slowly', async () => {
  using folder = temporaryFolder('compose');
  const pipe = join(folder.path, 'slow.yaml');
  await execa('mkfifo', [pipe]);
  const script = 'sleep 0.3; exec >"$1"; echo "links:"; sleep 0.3; echo "- {netns: n, bridge: b}"';
  const writer = execa('sh', ['-c', script, 'sh', pipe]);
  const { exitCode, stdout } = await linkloom(['config', '-f', pipe, '--lab', 'l']);
  await writer;
  assert.equal(exitCode, 0);
  assert.match(stdout, /netns: "?n/);
});
