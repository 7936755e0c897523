/** A command line that is wrong is answered with the one that was probably meant. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inProcess } from '../../support/cli/in-process.ts';
import { temporaryFolder } from '../../support/folder.ts';

const HINTS: readonly (readonly [words: string, hint: string])[] = [
  ['up lab.yaml', '(Did you mean `linkloom up -f lab.yaml`?)'],
  ['config lab.yaml --format json', '(Did you mean `linkloom config -f lab.yaml --format json`?)'],
  ['lab.yaml', '(Did you mean `linkloom up -f lab.yaml`?)'],
  ['-f lab.yaml up', '(Did you mean `linkloom up -f lab.yaml`?)'],
  ['-f lab.yaml --json plan', '(Did you mean `linkloom plan -f lab.yaml --json`?)'],
  ['--lab x down', '(Did you mean `linkloom down --lab x`?)'],
  ['down x', '(Did you mean `linkloom down --lab x`?)'],
  ['up help', '(Did you mean `linkloom up --help`?)'],
  ['ls', '(Did you mean `linkloom status --all`?)'],
  ['rm --lab x', '(Did you mean `linkloom down --lab x`?)'],
  ['up --dry-run -f lab.yaml', '(Did you mean `linkloom plan`?)'],
  ['generate rign', '(Did you mean ring?)'],
  ['up --progress plan', '(Did you mean plain?)'],
  ['up --lba x', '(Did you mean --lab?)'],
  ['stauts', '(Did you mean status?)'],
  ['exec', 'For example: linkloom exec n0 -- ping -c 1 10.0.0.2'],
  ['generate', 'For example: linkloom generate ring --nodes 8 | linkloom up --lab ring -f -'],
  ['help stat', '(Did you mean status?)'],
  ['help dwon', '(Did you mean down?)'],
];

test('what was probably meant is a line that can be copied; exit 2, nothing on standard output', async () => {
  using folder = temporaryFolder('hints');
  writeFileSync(join(folder.path, 'lab.yaml'), 'lab: a\nlinks: []\n');
  for (const [words, hint] of HINTS) {
    const { exitCode, stdout, stderr } = await inProcess(words.split(' '), { cwd: folder.path });
    assert.deepEqual([exitCode, stdout], [2, ''], words);
    assert.ok(stderr.split('\n').includes(hint), `${words}: ${stderr}`);
    assert.equal(stderr.split('Did you mean').length, hint.startsWith('(') ? 2 : 1, stderr);
  }
});

test('help of what is no verb, and options without their value, say so', async () => {
  const unknown = await inProcess(['help', 'foo']);
  assert.deepEqual(unknown, {
    exitCode: 2,
    signal: null,
    stdout: '',
    stderr: "linkloom: unknown command 'foo'\nSee `linkloom --help` for all verbs.\n",
  });
  const lab = await inProcess(['up', '--lab']);
  assert.equal(lab.exitCode, 2);
  assert.match(lab.stderr, /^linkloom: option '--lab <name>' argument missing\n/);
});

test('a file that can not be written is told before any work', async () => {
  for (const words of ['bench ring --html /nosuch/page.html', 'up -f nosuch.yaml --trace /nosuch/trace.json']) {
    const { exitCode, stderr } = await inProcess(words.split(' '));
    assert.equal(exitCode, 2, stderr);
    assert.match(
      stderr,
      /^ERROR: \/nosuch\/\S+ can not be written: ENOENT: no such file or directory\n {2}hint: give --/,
    );
  }
});
