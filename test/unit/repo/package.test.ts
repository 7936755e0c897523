/** The npm package: what is in it, and that its program runs from where npm puts it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/bin.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly bin: { readonly linkloom: string };
};

test('the package holds the program, its workers and no tests, and runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  try {
    // The tests run on a build: packing must not make another under their feet.
    const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
    const tarball = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder]);
    const root = join(folder, 'package');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    for (const wanted of ['README.md', 'LICENSE', manifest.bin.linkloom, 'dist/workers/link-worker.js'])
      assert.ok(files.includes(wanted), wanted);
    assert.deepEqual(
      files.filter((file) => /\.map$|^dist\/(test|bench|scripts)|^src/.test(file)),
      [],
    );
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    const version = execFileSync(process.execPath, [join(root, manifest.bin.linkloom), 'version'], {
      encoding: 'utf8',
    });
    assert.ok(version.includes(manifest.version), version);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the program says by which interpreter it runs', () => {
  const main = readFileSync(join(ROOT, manifest.bin.linkloom), 'utf8');
  assert.match(main, /^#!\/usr\/bin\/env node\n/);
});
