/** V8's code of the program is kept for the next run, and nobody else's is ever run. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Script } from 'node:vm';
import { linkloom, ROOT } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A cache's home, and a way to run `linkloom schema` with it. */
function home() {
  const folder = temporaryFolder('code-cache');
  const code = join(folder.path, 'linkloom', 'code');
  return {
    code,
    files: () => readdirSync(code),
    run: () => linkloom(['schema', '--help'], { env: { XDG_CACHE_HOME: folder.path } }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test('the code is kept in a folder of the user alone, and taken the next time', async () => {
  using it = home();
  const first = await it.run();
  const [name = '', ...more] = it.files();
  assert.deepEqual(more, []);
  assert.match(name, new RegExp(`-${process.version}-${process.arch}-schema$`));
  assert.equal(statSync(it.code).mode & 0o777, 0o700);
  const { mode, mtimeMs } = statSync(join(it.code, name));
  assert.equal(mode & 0o777, 0o600);
  assert.deepEqual(await it.run(), first);
  assert.equal(statSync(join(it.code, name)).mtimeMs, mtimeMs, 'it was written again, so it was not taken');
});

test('what is no code of V8 is replaced, and the program runs', async () => {
  using it = home();
  const first = await it.run();
  const file = join(it.code, it.files()[0] ?? '');
  const sound = readFileSync(file);
  for (const bytes of [Buffer.from(''), Buffer.from('#!/bin/sh\n'), sound.subarray(0, 1000), Buffer.alloc(70_000)]) {
    writeFileSync(file, bytes);
    assert.deepEqual(await it.run(), first);
    assert.ok(readFileSync(file).length > 100_000);
  }
});

test('code in a folder or a file that others can write is not run', async () => {
  using it = home();
  const sound = await it.run();
  const file = join(it.code, it.files()[0] ?? '');
  writeFileSync(file, foreignCode());
  assert.equal((await it.run()).stdout, 'foreign', 'the code would be run, were it not for its place');
  for (const open of [it.code, file]) {
    writeFileSync(file, foreignCode());
    chmodSync(open, statSync(open).mode | 0o022);
    assert.deepEqual(await it.run(), sound, open);
    chmodSync(open, open === file ? 0o600 : 0o700);
  }
});

test('without a place for it nothing is kept, and nothing is said', async () => {
  using folder = temporaryFolder('no-cache');
  const closed = join(folder.path, 'file');
  writeFileSync(closed, '');
  mkdirSync(join(folder.path, 'linkloom'));
  for (const env of [{ XDG_CACHE_HOME: closed }, { XDG_CACHE_HOME: 'relative' }, { XDG_CACHE_HOME: '', HOME: '' }]) {
    const { exitCode, stderr } = await linkloom(['schema', '--help'], { env, cwd: folder.path });
    assert.deepEqual([exitCode, stderr], [0, '']);
  }
  const off = { XDG_CACHE_HOME: folder.path, NODE_DISABLE_COMPILE_CACHE: '1' };
  assert.equal((await linkloom(['schema', '--help'], { env: off })).exitCode, 0);
  assert.deepEqual(readdirSync(folder.path).sort(), ['file', 'linkloom']);
  assert.deepEqual(readdirSync(join(folder.path, 'linkloom')), []);
});

/** Code of V8's that it takes for the program's, since the text that it is of has the same length. */
function foreignCode(): Buffer {
  const frame = '(function (exports, require, module, __filename, __dirname) {';
  const { size: length } = statSync(join(ROOT, 'lib/src/program.js'));
  const text = `${frame} process.stdout.write('foreign'); `;
  const script = new Script(`${text}${' '.repeat(length - text.length - 2)}})`);
  script.runInThisContext();
  return script.createCachedData();
}
