/** The documents about conlink: every test that they name is there, and every known defect has its answer. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/bin.ts';
import { SCENARIOS } from '../support/examples.ts';

const parity = readFileSync(join(ROOT, 'docs/conlink-parity.md'), 'utf8');
const differences = readFileSync(join(ROOT, 'docs/differences.md'), 'utf8');

test('every row names a test that is there', () => {
  const rows = parity.split('\n').filter((line) => line.startsWith('| ') && !/^\| (-|conlink )/.test(line));
  assert.ok(rows.length > 80);
  const [examples, others] = [
    rows.filter((row) => /^\| (test\d|net2dot: )/.test(row)),
    rows.filter((row) => row.includes('`test/')),
  ];
  assert.deepEqual(
    rows.filter((row) => !examples.includes(row) && !others.includes(row)),
    [],
  );
  for (const [, path = ''] of parity.matchAll(/`(test\/[^`\s]+)`/g)) assert.ok(existsSync(join(ROOT, path)), path);
});

test('every example scenario is named', () => {
  for (const { example } of SCENARIOS) assert.ok(parity.includes(`\`${example}\``), example);
});

test('every known defect and race has its answer', () => {
  const numbers = [...differences.matchAll(/^\| ([BR]\d+) +\|/gm)].map((match) => match[1]);
  const wanted = [
    ...Array.from({ length: 30 }, (_, n) => `B${n + 1}`),
    ...Array.from({ length: 7 }, (_, n) => `R${n + 1}`),
  ];
  assert.deepEqual(numbers, wanted);
});
