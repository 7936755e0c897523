import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { inProcess } from '../../support/cli/in-process.ts';

/** What bash would offer for a command line, the last word of which is being written. */
function bashOffers(script: string, words: readonly string[]): string[] {
  const program = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _linkloom; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, status, stderr } = spawnSync('bash', ['-c', program, 'bash', ...words], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash completes verbs, options, values of options and shapes', async () => {
  const { stdout: script } = await inProcess(['completion', 'bash']);
  assert.deepEqual(bashOffers(script, ['linkloom', 'gen']), ['generate']);
  assert.deepEqual(bashOffers(script, ['linkloom', 'generate', '--no']), ['--nodes']);
  assert.deepEqual(bashOffers(script, ['linkloom', 'generate', '--runtime', 'net']), ['netns']);
  assert.deepEqual(bashOffers(script, ['linkloom', 'generate', 'ri']), ['ring', 'ring-of-rings']);
  assert.deepEqual(bashOffers(script, ['linkloom', 'version', '--nod']), []);
});

test('zsh and fish scripts name every verb', async () => {
  const { stdout: help } = await inProcess(['completion', 'bash']);
  const verbs = /compgen -W '([^']*) help/.exec(help)?.[1]?.split(' ') ?? [];
  assert.ok(verbs.length > 3);
  for (const shell of ['zsh', 'fish']) {
    const { exitCode, stdout } = await inProcess(['completion', shell]);
    assert.equal(exitCode, 0);
    for (const verb of verbs) assert.ok(stdout.includes(verb), `${shell}: ${verb}`);
  }
});

test('text with a quote in it does not break a script', async () => {
  const { stdout } = await inProcess(['completion', 'bash']);
  const { status, stderr } = spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('a shell that is not known exits 2', async () => {
  const { exitCode, stderr } = await inProcess(['completion', 'tcsh']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish\./);
});
