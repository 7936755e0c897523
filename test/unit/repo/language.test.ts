/** The check of the language finds what it is for; `npm run lint` runs it over the documents. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/bin.ts';

const CHECK = join(ROOT, 'scripts/language/check.mjs');

/** The faults of a page for newcomers with this text, without the place. The page is in a copy of the checker's surroundings. */
function faultsOf(text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'language-'));
  try {
    mkdirSync(join(folder, 'scripts'));
    mkdirSync(join(folder, 'docs'));
    execFileSync('cp', ['-r', join(ROOT, 'scripts/language'), join(folder, 'scripts')]);
    writeFileSync(join(folder, 'docs/concepts.md'), '- **veth**: a pair of devices.\n');
    writeFileSync(join(folder, 'docs/getting-started.md'), text);
    const copy = join(folder, 'scripts/language/check.mjs');
    const { stdout } = spawnSync(process.execPath, [copy, 'docs/getting-started.md'], { encoding: 'utf8' });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace('docs/getting-started.md:', ''));
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
