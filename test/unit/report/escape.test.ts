import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableLines } from '../../../src/report/escape.ts';

test('control characters of a name cannot reach the terminal', () => {
  assert.equal(printable('n1\x1b[2J'), 'n1\\x1b[2J');
  assert.equal(printable('a\tb\nc\rd\x7f\u009b1m\0'), 'a\\tb\\nc\\x0dd\\x7f\\x9b1m\\x00');
});

test('what turns the direction of text, and lone surrogates, are shown as numbers', () => {
  assert.equal(printable('eth\u202e0'), 'eth\\u{202e}0');
  assert.equal(printable('a\u2028b\ufeffc'), 'a\\u{2028}b\\u{feff}c');
  assert.equal(printable('x\ud800y'), 'x\\u{d800}y');
});

test('text of any language stays as it is', () => {
  const text = 'Knoten-ä 節点 узел 🧵';
  assert.equal(printable(text), text);
});

test('several lines keep their line breaks, and tabs are spaces', () => {
  assert.equal(printableLines('a\r\nb\tc\x07'), 'a\nb    c\\x07');
});
