/** What each verb loads: starting is most of what a short run takes, and all of that is loading code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadedBy } from '../support/cli/loaded.ts';

const LAB = JSON.stringify({ lab: 'a', links: [{ netns: 'n', dev: 'eth0', bridge: 'b' }] });

/** Modules of verbs, but for the part of `version` that all may run. */
function verbsOf(modules: ReadonlySet<string>): readonly string[] {
  return [...modules]
    .filter((name) => /^src\/cli\/(about|capture|files|lab|node)\/(?!plain-version)/.test(name))
    .sort();
}

test('the version is told without the program', async () => {
  for (const words of [['version'], ['--version'], ['-V']]) {
    const { exitCode, packages, files } = await loadedBy(words);
    assert.deepEqual([exitCode, packages, files], [0, [], ['src/launch', 'src/main']]);
  }
});

test('a verb, and its help, load no other verb and no package that they do not need', async () => {
  const validate = await loadedBy(['validate', '-f', '-'], { input: LAB });
  assert.equal(validate.exitCode, 0, validate.stderr);
  assert.deepEqual(validate.files, ['src/launch', 'src/main', 'src/program']);
  assert.deepEqual(verbsOf(validate.modules), ['src/cli/files/validate']);
  assert.deepEqual(validate.packages, ['commander', 'valibot']);
  const help = await loadedBy(['up', '--help']);
  assert.deepEqual(
    verbsOf(help.modules).filter((name) => name !== 'src/cli/lab/proving'),
    ['src/cli/lab/up'],
  );
  assert.deepEqual(help.packages, ['commander']);
});

test('all verbs are loaded only by what describes all', async () => {
  const completion = await loadedBy(['completion', 'bash']);
  assert.ok(completion.modules.has('src/cli/lab/up') && completion.modules.has('src/cli/node/exec'));
  const list = await loadedBy(['--help']);
  assert.deepEqual(verbsOf(list.modules), []);
});

test('what speaks to a store is loaded only where one is named', async () => {
  const plain = await loadedBy(['plan', '--offline', '-f', '-'], { input: LAB });
  assert.equal(plain.exitCode, 0, plain.stderr);
  const of = (names: Iterable<string>) =>
    [...names].filter((name) => /@nats-io|src\/(cluster\/(?!names)|hosts\/)/.test(name));
  assert.deepEqual([...of(plain.modules), ...of(plain.packages)], []);
  const named = await loadedBy(['hosts', '--store', 'nats://127.0.0.1:1', '--store-nkey', '/nowhere']);
  assert.equal(named.exitCode, 2, named.stderr);
  assert.ok(of(named.packages).length > 0);
});
