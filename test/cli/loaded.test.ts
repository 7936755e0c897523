/** What each verb loads: starting is most of what a short run takes, and all of that is loading code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadedBy } from '../support/cli/loaded.ts';

test('the version is told without the parser of command lines, and without any other verb', async () => {
  for (const words of [['version'], ['--version'], ['-V']]) {
    const { exitCode, packages, files } = await loadedBy(words);
    assert.equal(exitCode, 0);
    assert.deepEqual([...packages], []);
    const named = files.filter((name) => name !== 'chunk');
    assert.deepEqual(named, ['main', 'main', 'version']);
    assert.ok(files.length < 12, files.join(' '));
  }
});

test('a verb, and its help, load no other verb', async () => {
  const lab = JSON.stringify({ lab: 'a', links: [], bridges: [] });
  const { exitCode, packages, files } = await loadedBy(['validate', '-f', '-'], { input: lab });
  assert.equal(exitCode, 0);
  assert.ok(files.includes('validate') && !files.includes('up') && !files.includes('exec'), files.join(' '));
  assert.deepEqual([...packages].sort(), ['commander', 'valibot']);
  const help = await loadedBy(['up', '--help']);
  assert.ok(help.files.includes('up') && !help.files.includes('down'), help.files.join(' '));
  assert.deepEqual([...help.packages], ['commander']);
});
