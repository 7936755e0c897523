/** The library as a user's TypeScript sees it: an example project with the packed package, compiled strictly and run. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom, ROOT } from '../../support/bin.ts';
import { assertPromised } from '../../support/docs/promised.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';
import { packedProject } from '../../support/shipped/packed.ts';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

test('an example project compiles as Node.js and as bundlers resolve, and runs', needs('root'), async () => {
  using project = packedProject('library', ['@types/node']);
  const tsc = (...words: readonly string[]) =>
    spawnSync(process.execPath, [TSC, ...words], { cwd: project.path, encoding: 'utf8' });
  const compiled = tsc();
  assert.equal(compiled.status, 0, compiled.stdout);
  const lab = uniqueName('l');
  try {
    const said = execFileSync(process.execPath, ['dist/main.js', lab], { cwd: project.path, encoding: 'utf8' });
    assertPromised('library', said);
    assert.match(said, /^8 links, \d+ operations\ntold: .*10\.0\.0\.300.*\n8 made, 8 as wanted, 8 removed\n$/);
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
  // Under the other rules, and beside it a program that is wrong: the types are there, and say no.
  const wrong = [
    "import { up } from 'linkloom';",
    "await up({ links: [{ netns: 'a', bridge: 7 }] });",
    "await up({ file: ['x'] });",
    "await up({ files: ['x'] }, { waitMs: '1' });",
  ];
  writeFileSync(join(project.path, 'wrong.ts'), wrong.join('\n'));
  writeFileSync(
    join(project.path, 'tsconfig.bundler.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: { module: 'esnext', moduleResolution: 'bundler', noEmit: true },
      files: ['main.ts', 'wrong.ts'],
    }),
  );
  const told = [...tsc('-p', 'tsconfig.bundler.json').stdout.matchAll(/^(\S+)\((\d+),/gm)];
  assert.deepEqual(
    told.map(([, file, line]) => `${file}:${line}`),
    ['wrong.ts:2', 'wrong.ts:3', 'wrong.ts:4'],
  );
});
