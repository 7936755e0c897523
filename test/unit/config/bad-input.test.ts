/**
 * Wrong configurations and exactly what is said about each: test/fixtures/bad-input.txt holds, for each,
 * its name behind `##`, its text, and behind `=>` the lines of `loading.ts`: code, place, severity, message, advice.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../../support/bin.ts';
import { check, codedLines, folderOf, lines } from './loading.ts';

const table = readFileSync(join(ROOT, 'test/fixtures/bad-input.txt'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((block) => {
    const [name = '', ...body] = block.trimEnd().split('\n');
    const at = body.findIndex((line) => line.startsWith('=> '));
    return { name, text: body.slice(0, at).join('\n'), says: body.slice(at).map((line) => line.slice(3)) };
  });

describe('wrong configurations', () => {
  test('the table is long enough to mean something', () => assert.ok(table.length >= 70));

  for (const { name, text, says } of table) {
    test(name, async () => assert.deepEqual(codedLines((await check(text)).diagnostics), says));
  }
});

/** What a run over files in a folder says; the folder's name stays out of it. */
async function said(files: Readonly<Record<string, string>>, flags: Parameters<typeof check>[1]): Promise<string[]> {
  await using folder = await folderOf(files);
  const { diagnostics } = await check('', { cwd: folder.path, files: [], ...flags });
  return lines(diagnostics).map((line) => line.replaceAll(`${folder.path}/`, ''));
}

describe('files that are no good', () => {
  test('a file that is not there', async () => {
    assert.deepEqual(await said({}, { files: ['a.yaml'] }), ['error: cannot read a.yaml: no such file']);
  });

  test('a folder', async () => {
    assert.deepEqual(await said({ 'd.yaml/x': '' }, { files: ['d.yaml'] }), [
      'error: cannot read d.yaml: it is a folder',
    ]);
  });

  test('EDN', async () => {
    const says = ['error: a.edn: EDN is not read (write it as YAML or JSON; conlink reads those too)'];
    assert.deepEqual(await said({ 'a.edn': '{}' }, { networkFiles: ['a.edn'] }), says);
  });

  test("a name that does not say how the file is written, by conlink's flag", async () => {
    assert.deepEqual(await said({ lab: 'links: []' }, { networkFiles: ['lab'] }), [
      'error: lab: the name does not say whether it is YAML or JSON (name it .yaml or .json, or give it with -f, which looks at the content)',
    ]);
  });

  test('a compose file as a network file', async () => {
    assert.deepEqual(await said({ 'c.yaml': 'services: {}' }, { networkFiles: ['c.yaml'] }), [
      '1:1: error: unknown key "services" (this looks like a compose file: give it with -f or --compose-file)',
    ]);
  });

  test('bytes that are not text', async () => {
    const readStdin = async () => Uint8Array.of(0xff, 0xfe, 0x41);
    assert.deepEqual(lines((await check('', { readStdin })).diagnostics), [
      'error: cannot read standard input: it is not UTF-8 text',
    ]);
  });

  test('two names for one lab', async () => {
    const files = { 'a.yaml': 'lab: one\nlinks: []', 'b.yaml': 'lab: two\nlinks: []' };
    assert.deepEqual(await said(files, { files: ['a.yaml', 'b.yaml'] }), [
      '1:6: error: lab "two", but a.yaml:1 says "one" (one run makes one lab: keep one of the two names)',
    ]);
  });
});
