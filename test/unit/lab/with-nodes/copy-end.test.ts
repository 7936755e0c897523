/** Which words of `cp` are in a node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyEnd } from '../../../../src/lab/with-nodes/copy.ts';

test('NODE:PATH is in a node; what has a slash or a dot before its colon is a path', () => {
  const ends = ['r1:/etc', 'r1:', 'container/web_1:/a:b', 'lab.r1:x', './a:b', '/a:b', '../x:y', 'plain', ':x'].map(
    copyEnd,
  );
  assert.deepEqual(ends, [
    { node: 'r1', path: '/etc' },
    { node: 'r1', path: '/' },
    { node: 'container/web_1', path: '/a:b' },
    { node: 'lab.r1', path: 'x' },
    { node: null, path: './a:b' },
    { node: null, path: '/a:b' },
    { node: null, path: '../x:y' },
    { node: null, path: 'plain' },
    { node: null, path: ':x' },
  ]);
});
