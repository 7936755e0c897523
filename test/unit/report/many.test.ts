/** Output of many nodes at once, and who of them failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedText, PrefixedLines } from '../../../src/report/many.ts';
import { fakeSink } from '../../support/sink.ts';

test('each line stands behind its node, in a column, on the stream that it came by', () => {
  const [out, err] = [fakeSink(), fakeSink()];
  const lines = new PrefixedLines(['a', 'router'], out, err);
  lines.write('a', 'stdout', 'one');
  lines.write('router', 'stdout', '\tx  ');
  lines.write('a', 'stderr', 'bad');
  assert.equal(out.text(), 'a      | one\nrouter | \tx  \n');
  assert.equal(err.text(), 'a      | bad\n');
});

test('who failed is a table, and nothing where nobody did', () => {
  const good = { node: 'a', status: 0, error: null };
  assert.equal(failedText([good], fakeSink()), '');
  const ends = [good, { node: 'b', status: 2, error: null }, { node: 'c', status: null, error: 'gone\nnow' }];
  assert.equal(
    failedText(ends, fakeSink()),
    'failed in 2 of 3 nodes:\nNODE  STATUS  WHY\nb          2\nc          -  gone now\n',
  );
});
