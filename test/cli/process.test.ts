/**
 * `cli/` are the tests of the program as a process: what users run, from its first byte to its exit status. What the verbs say is
 * tested in `unit/cli`, in the test's own process.
 */
import assert from 'node:assert/strict';
import { type StdioOptions, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom } from '../support/bin.ts';
import { inProcess } from '../support/cli/in-process.ts';

test('a process says what its verb says, and ends with its status', async () => {
  const env = { LINKLOOM_FORMAT: 'json' };
  for (const words of [
    '--help',
    'up --help',
    'version',
    'help foo',
    'up --bogus',
    '--bogus',
    'generate ring',
    'verison',
    '',
  ]) {
    const given = words === '' ? [] : words.split(' ');
    assert.deepEqual(await linkloom(given, { env }), await inProcess(given, { env }), words);
  }
});

test('a reader that goes away ends the output quietly', async () => {
  const child = execa(process.execPath, [BIN, 'generate', 'circulant', '--nodes', '5000', '--links', '10'], {
    reject: false,
    buffer: { stdout: false },
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const { exitCode, stderr } = await child;
  assert.deepEqual([exitCode, stderr], [0, '']);
});

test('what can not be written is told in a sentence, and exits 1, whatever the verb', () => {
  const full = openSync('/dev/full', 'w');
  const run = (words: string, stdio: StdioOptions, input = '') =>
    spawnSync(process.execPath, [BIN, ...words.split(' ')], { stdio, input, encoding: 'utf8' });
  try {
    for (const words of ['version', '--help', 'up --help', 'generate ring', 'schema', 'completion bash']) {
      const { status, stderr } = run(words, ['pipe', full, 'pipe']);
      assert.equal(status, 1, words);
      assert.match(stderr, /^ERROR: .* could not be written to standard output: ENOSPC: [^\n]*\n$/);
    }
    assert.equal(run('generate tree', ['pipe', 'pipe', full]).status, 2);
    const input = JSON.stringify({ lab: 'a', links: [], bridges: [{ bridge: 'b', odd: 1 }] });
    assert.equal(run('validate -f -', ['pipe', 'pipe', full], input).status, 1, 'a warning was lost');
  } finally {
    closeSync(full);
  }
});
