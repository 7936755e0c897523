/** What a release is checked and described by: the pinned base, the signatures of packages, the list of what it is made of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { digestIn, pinnedBase, taggedBase } from '../../../scripts/release/dockerfile.ts';
import { productionLock } from '../../../scripts/release/production.ts';
import { verdictOf } from '../../../scripts/release/verdict.ts';
import { ROOT } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('the base of the image', () => {
  const [one, two] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

  test('is pinned in the line that names it, and again in place of an old pin', () => {
    const tagged = taggedBase(read('Dockerfile'));
    const pinned = pinnedBase(read('Dockerfile'), one);
    assert.match(pinned, new RegExp(`^ARG BASE=${tagged}@${one}$`, 'm'));
    assert.equal(taggedBase(pinned), tagged);
    assert.equal(pinnedBase(pinned, two), pinnedBase(read('Dockerfile'), two));
  });

  test('is not pinned to what is no digest, nor in a file without the line', () => {
    assert.throws(() => pinnedBase('ARG BASE=a:1\n', 'latest'), /'latest' is no digest/);
    assert.throws(() => taggedBase('FROM a:1\n'), /no line ARG BASE=/);
  });

  test('has the digest of its own name, also at a registry with a port', () => {
    assert.equal(digestIn([`b@${two}`, `a@${one}`], 'a:1'), one);
    assert.equal(digestIn([`127.0.0.1:5000/a@${one}`], '127.0.0.1:5000/a'), one);
    assert.throws(() => digestIn([`b@${two}`], 'a:1'), /a:1 came from no registry/);
  });
});

describe('the signatures of packages', () => {
  const ran = (exitCode: number | null, report: unknown, stderr = '') =>
    verdictOf({ exitCode, stdout: typeof report === 'string' ? report : JSON.stringify(report), stderr });

  test('are all right, or are named', () => {
    assert.equal(ran(0, { invalid: [], missing: [] }).status, 0);
    const faulty = ran(1, { invalid: [{ name: 'a', version: '1.0.0' }], missing: [{ name: 'b', version: '2.0.0' }] });
    assert.deepEqual(faulty, { status: 1, text: 'a@1.0.0: wrong signature\nb@2.0.0: no signature' });
  });

  test('are unknown where the registry has none, and that is said', () => {
    const error = { code: 'ENOTFOUND', summary: 'request to keys failed\nmore' };
    for (const verdict of [ran(1, { error }), ran(1, '', 'npm error found no dependencies'), ran(null, '')])
      assert.deepEqual([verdict.status, /^nobody could say/.test(verdict.text)], [3, true]);
    assert.match(ran(1, { error }).text, /\(request to keys failed\)$/);
  });
});

test('the list of what a release is made of names each production dependency of the lock file, in both formats', async () => {
  using folder = temporaryFolder('sbom');
  const { version } = JSON.parse(read('package.json'));
  await execa(process.execPath, [join(ROOT, 'dist/scripts/release/sbom.js'), folder.path]);
  const parsed = (ending: string) =>
    JSON.parse(readFileSync(join(folder.path, `linkloom-${version}.${ending}`), 'utf8'));
  const [cyclonedx, spdx] = [parsed('cdx.json'), parsed('spdx.json')];
  assert.equal(cyclonedx.metadata.component.name, 'linkloom');
  const { packages } = productionLock(JSON.parse(read('package-lock.json')));
  const wanted = Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, one]) => `${path.replace(/.*node_modules\//, '')}@${one.version}`);
  const direct = Object.entries(JSON.parse(read('package.json')).dependencies).map(([name, one]) => `${name}@${one}`);
  assert.deepEqual(
    direct.filter((name) => !wanted.includes(name)),
    [],
  );
  assert.ok(wanted.length > 50);
  const named = (list: readonly { name: string; version?: string; versionInfo?: string }[]) =>
    new Set(list.map(({ name, version: one, versionInfo }) => `${name}@${one ?? versionInfo}`));
  for (const names of [named(cyclonedx.components), named(spdx.packages)]) {
    assert.deepEqual(
      wanted.filter((name) => !names.has(name)),
      [],
    );
    for (const name of ['typescript', 'fast-check', '@biomejs/biome'])
      assert.ok(![...names].some((one) => one.startsWith(`${name}@`)), name);
  }
});
