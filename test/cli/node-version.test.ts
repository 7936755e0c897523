/** A Node.js that is too old is told in a sentence, by a guard that it can read. `npm run test:nodes` asks a real one. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { execa } from 'execa';
import { BIN, ROOT } from '../support/bin.ts';

async function runAs(version: string): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
  const pretend = `Object.defineProperty(process, 'versions', {value: {...process.versions, node: '${version}'}});
Object.defineProperty(process, 'version', {value: 'v${version}'})`;
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return await execa(process.execPath, ['--import', preload, BIN, 'version'], { reject: false });
}

test('versions outside of `engines` exit 3 with a sentence, the others run', async () => {
  const { engines } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'));
  assert.equal(engines.node, '^20.19.0 || ^22.12.0 || >=24.0.0', 'src/bin.ts has the same versions');
  await Promise.all(
    ['10.24.1', '18.20.8', '20.18.3', '21.7.3', '22.11.0', '23.11.1'].map(async (version) => {
      const { exitCode, stdout, stderr } = await runAs(version);
      assert.deepEqual([exitCode, stdout], [3, ''], version);
      assert.match(stderr, /^ERROR: linkloom needs Node\.js 20\.19 or later [^\n]*\n {2}hint: [^\n]*$/);
      assert.ok(stderr.includes(`this is v${version} (${process.execPath})`));
    }),
  );
  await Promise.all(
    ['20.19.0', '20.20.2', '22.12.0', '22.30.0', '24.0.0', '25.1.0', '30.0.0'].map(async (version) => {
      const { exitCode, stderr } = await runAs(version);
      assert.deepEqual([exitCode, stderr], [0, ''], version);
    }),
  );
});

test('warnings of Node.js are not for users', async () => {
  const preload = `data:text/javascript,${encodeURIComponent("setTimeout(() => process.emitWarning('of a test'), 500)")}`;
  const run = async (...options: readonly string[]) =>
    await execa(process.execPath, [...options, '--import', preload, BIN, 'version', '--json'], { reject: false });
  assert.equal((await run()).stderr, '');
  assert.match((await run('--trace-warnings')).stderr, /^\(node:\d+\) Warning: of a test/);
});

test('what an old Node.js reads first has no static import and no new syntax', async () => {
  const guard = await readFile(BIN, 'utf8');
  assert.doesNotMatch(guard, /^\s*(import|export)\b/m);
  await transform(guard, { target: 'es5', supported: { 'dynamic-import': true } });
  await assert.rejects(
    transform('const one = 1;', { target: 'es5', logLevel: 'silent' }),
    'the check does find what is new',
  );
});
