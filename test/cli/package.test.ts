/** The npm package: what is in it, and that its program and its library run from where npm puts them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { pack, packWithDependencies } from '../support/shipped/packed.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly man: readonly string[];
  readonly bin: { readonly linkloom: string };
  readonly exports: { readonly '.': { readonly types: string; readonly default: string } };
};
const entry = manifest.exports['.'];
/** No script of a package has to run, and nothing is fetched. */
const INSTALL = ['--ignore-scripts', '--offline', '--silent'];

test("each link of the package's documents leads to a file of the package, and so does each man page", () => {
  using folder = temporaryFolder('links');
  execFileSync(process.execPath, [join(ROOT, 'dist/scripts/man/build.js')]);
  execFileSync('tar', ['-xzf', pack(folder.path), '-C', folder.path]);
  const root = join(folder.path, 'package');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const pages = files.filter((file) => file.endsWith('.md'));
  assert.ok(pages.includes('README.md') && pages.includes('docs/getting-started.md'));
  const dead = pages.flatMap((page) =>
    [...withoutCode(readFileSync(join(root, page), 'utf8')).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(page), link)))
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(dead, []);
  assert.deepEqual(
    manifest.man.filter((page) => !existsSync(join(root, page))),
    [],
  );
});

function withoutCode(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$|`[^`\n]*`/gm, '');
}

test('the package holds the program, its workers and no tests; npm installs it with its man pages, and it runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  try {
    execFileSync('tar', ['-xzf', pack(folder), '-C', folder]);
    const root = join(folder, 'package');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const workers = ['link-worker.js', 'link-monitor.js'].map((name) => `lib/workers/${name}`);
    for (const wanted of ['README.md', 'LICENSE', manifest.bin.linkloom, ...workers])
      assert.ok(files.includes(wanted), wanted);
    assert.deepEqual(
      files.filter((file) => /\.map$|^(src|test|scripts)|^bench\/.*\.ts$|^dist\/.*(?<!\.d)\.[a-z]+$/.test(file)),
      [],
    );
    assert.deepEqual(missingTypes(join(root, entry.types)), []);
    const prefix = join(folder, 'installed');
    const tarball = packWithDependencies(folder);
    execFileSync('npm', ['install', '--global', '--prefix', prefix, ...INSTALL, tarball], { stdio: 'inherit' });
    const version = execFileSync(join(prefix, 'bin/linkloom'), ['version'], { encoding: 'utf8' });
    assert.ok(version.includes(manifest.version), version);
    assert.ok(existsSync(join(prefix, 'share/man/man1/linkloom-up.1')));
    const installed = join(prefix, 'lib/node_modules/linkloom');
    const script = `import { generate } from ${JSON.stringify(join(installed, entry.default))};
console.log(generate('circulant', { nodes: 3, links: 2, runtime: 'netns', lab: 'a' }).links.length);`;
    const links = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.ok(Number(links) > 0, links);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Declarations that the ones of `file` import, near and far, and that are not there. */
function missingTypes(file: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  if (!existsSync(file)) return [file];
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g);
  return [...imports].flatMap(([, path = '']) =>
    missingTypes(join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')), seen),
  );
}

test('the program can be executed, and says by which interpreter', () => {
  const file = join(ROOT, manifest.bin.linkloom);
  assert.match(readFileSync(file, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  assert.equal(statSync(file).mode & 0o111, 0o111);
});

test('what the bundle finds by its own place lies flat, as src/layout.ts has it', () => {
  const below = readdirSync(join(ROOT, 'lib/src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('/'))
    .sort();
  // An entry may lie deeper, where the compiled tree has it, as long as it looks for nothing from there.
  assert.deepEqual(below, ['supervisor/main.js']);
  for (const path of below) assert.doesNotMatch(readFileSync(join(ROOT, 'lib/src', path), 'utf8'), /import\.meta/);
});
