/** The list of faults: its codes, and that nothing of it is dead. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CHAPTERS, DIAGNOSTICS } from '../../../src/diagnostics/table.ts';
import { ROOT } from '../../support/bin.ts';

const rows = Object.entries(DIAGNOSTICS);

describe('the list of faults', () => {
  test('has each code once, in one chapter', () => {
    const codes = Object.values(CHAPTERS).flatMap((chapter) => Object.keys(chapter));
    assert.deepEqual(codes, [...new Set(codes)]);
    assert.deepEqual(codes, Object.keys(DIAGNOSTICS));
  });

  test('codes are words with dashes; causes and cures are sentences', () => {
    for (const [code, { cause, cure }] of rows) {
      assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const sentence of [cause, cure]) assert.match(sentence, /^[A-Z`].*\.$/, code);
    }
  });

  test('every code is one that something reports', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const sources = files
      .filter((file) => file.endsWith('.ts') && !file.startsWith('diagnostics/'))
      .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
      .join('\n');
    const made = [/^more-/, /-invalid$/, /-shared$/];
    const dead = rows.filter(([code]) => !made.some((part) => part.test(code)) && !sources.includes(`'${code}'`));
    assert.deepEqual(
      dead.map(([code]) => code),
      [],
    );
  });
});
