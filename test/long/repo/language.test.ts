/** The check of the language finds what it is for; `npm run lint` runs it over the documents. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/bin.ts';

const CHECK = join(ROOT, 'scripts/language/check.mjs');

/** The faults of a file with this text, a page for newcomers, without its name. It is in a copy of the checker's surroundings. */
function faultsOf(text: string, file = 'docs/getting-started.md'): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'language-'));
  try {
    mkdirSync(join(folder, 'scripts'));
    mkdirSync(join(folder, 'docs'));
    mkdirSync(join(folder, 'src'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    execFileSync('cp', ['-r', join(ROOT, 'scripts/language'), join(folder, 'scripts')]);
    writeFileSync(join(folder, 'docs/concepts.md'), '- **veth**: a pair of devices.\n');
    writeFileSync(join(folder, file), text);
    const copy = join(folder, 'scripts/language/check.mjs');
    const { stdout } = spawnSync(process.execPath, [copy, file], { encoding: 'utf8' });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(`${file}:`, ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('words that are not used, in paragraphs, lists and tables, by their line', () => {
  assert.deepEqual(faultsOf('Fine.\n\nYou simply write\na file.\n'), ['3: "simply": leave it out']);
  assert.deepEqual(faultsOf('- Add more, e.g. a link.\n'), ['1: "e.g.": write "for example", "that is", "and so on"']);
  assert.deepEqual(faultsOf('| a | just b |\n| --- | --- |\n'), ['1: "just": leave it out, or say "only"']);
});

test('not in code, comments and targets of links', () => {
  assert.deepEqual(faultsOf('`just` [a](just.md) <!-- just -->\n\n```sh\njust\n```\n'), []);
});

test('long sentences, each counted by itself', () => {
  const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');
  assert.deepEqual(faultsOf(`${words(25)}. ${words(25)}.\n`), []);
  assert.match(faultsOf(`${words(26)}.\n`)[0] ?? '', /^1: a sentence of 26 words; at most 25/);
});

test('terms, and words of the field that the glossary does not explain', () => {
  assert.deepEqual(faultsOf('An ip address of Kathara.\n'), ['1: "ip address": write IP address']);
  assert.deepEqual(faultsOf('A veth and a shard.\n'), ['1: "shard" has no entry in docs/concepts.md']);
});

test('the checker names files that the repository has', () => {
  assert.equal(spawnSync(process.execPath, [CHECK, 'docs/getting-started.md'], { cwd: ROOT }).status, 0);
});

test('the texts of the program, by their line; not its names, nor what users write', () => {
  const source =
    "const a = 'just';\nfail(`it is just wrong`, 'write \"just so\" here');\nf('you simply\\nwrite it'); // just so\n";
  assert.deepEqual(faultsOf(source, 'src/a.ts'), [
    '2: "just": leave it out, or say "only"',
    '3: "simply": leave it out',
  ]);
});
