/**
 * Wrong labs in one file and exactly what is said about each: test/fixtures/bad-nodes.txt, in the form of bad-input.txt. With
 * WRITE_FIXTURES=1 the table takes what is said, to be read and judged.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ROOT } from '../../../support/bin.ts';
import { check, codedLines } from '../loading.ts';

const PATH = join(ROOT, 'test/fixtures/bad-nodes.txt');
const isWriting = process.env['WRITE_FIXTURES'] === '1';

const table = readFileSync(PATH, 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((block) => {
    const [name = '', ...body] = block.trimEnd().split('\n');
    const at = body.findIndex((line) => line.startsWith('=>'));
    return { name, text: body.slice(0, at).join('\n'), says: body.slice(at).map((line) => line.slice(3)) };
  });

describe('wrong labs in one file', () => {
  const written: string[] = [];

  test('the table is long enough to mean something', () => assert.ok(table.length >= 100));

  for (const { name, text, says } of table) {
    test(name, async () => {
      const said = codedLines((await check(text)).diagnostics);
      written.push(`## ${name}\n${text}\n${said.map((line) => `=> ${line}`).join('\n')}\n`);
      if (!isWriting) assert.deepEqual(said, says);
      assert.ok(said.length > 0);
    });
  }

  after(() => {
    if (isWriting) writeFileSync(PATH, written.join('\n'));
  });
});
