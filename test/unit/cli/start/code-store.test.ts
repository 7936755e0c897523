import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CodeStore } from '../../../../src/cli/start/code-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const CODE = Buffer.from('code');

/** From now on this process takes itself for another user's. */
function becomeAnother(t: TestContext): void {
  t.mock.method(process as Required<typeof process>, 'geteuid', () => 54_321);
}

test('code is read as it was written, by its name', () => {
  using folder = temporaryFolder('store');
  const store = CodeStore.open({ HOME: folder.path });
  assert.ok(store);
  assert.equal(store.read('a'), undefined);
  store.write('a', CODE);
  assert.deepEqual(store.read('a'), CODE);
  assert.equal(store.read('b'), undefined);
  const code = join(folder.path, '.cache/linkloom/code');
  assert.deepEqual(readdirSync(code), ['a']);
  assert.equal(statSync(code).mode & 0o777, 0o700);
});

test('only the newest are kept', () => {
  using folder = temporaryFolder('store');
  const env = { XDG_CACHE_HOME: folder.path };
  const code = join(folder.path, 'linkloom/code');
  const store = CodeStore.open(env);
  for (let at = 0; at < 40; at++) {
    store?.write(`n${at}`, CODE);
    utimesSync(join(code, `n${at}`), at, at);
  }
  assert.equal(readdirSync(code).length, 32);
  assert.equal(store?.read('n0'), undefined);
  assert.deepEqual(store?.read('n39'), CODE);
});

test("another user's folder and another user's file are not used", (t) => {
  using folder = temporaryFolder('store');
  const env = { XDG_CACHE_HOME: folder.path };
  const store = CodeStore.open(env);
  store?.write('a', CODE);
  assert.deepEqual(store?.read('a'), CODE);
  becomeAnother(t);
  assert.equal(CodeStore.open(env), null);
  assert.equal(store?.read('a'), undefined);
});

test('no folder is made in what belongs to another user', (t) => {
  using folder = temporaryFolder('store');
  becomeAnother(t);
  assert.equal(CodeStore.open({ HOME: folder.path }), null);
  assert.deepEqual(readdirSync(folder.path), []);
});

test('a symbolic link leads to no code', () => {
  using folder = temporaryFolder('store');
  const [real, code] = [join(folder.path, 'real'), join(folder.path, 'linkloom/code')];
  mkdirSync(real, { mode: 0o700 });
  mkdirSync(join(folder.path, 'linkloom'));
  symlinkSync(real, code);
  assert.equal(CodeStore.open({ XDG_CACHE_HOME: folder.path }), null);
  const store = CodeStore.open({ XDG_CACHE_HOME: real });
  const elsewhere = join(folder.path, 'elsewhere');
  writeFileSync(elsewhere, CODE, { mode: 0o600 });
  symlinkSync(elsewhere, join(real, 'linkloom/code/a'));
  assert.equal(store?.read('a'), undefined);
});
