/** Links as people name them: one piece for `set`, `reset`, `verify` and `capture`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkloomError } from '../../../src/errors.ts';
import { assertLinkWords, linksMeant } from '../../../src/lab/links/words.ts';

const LINKS = [
  { id: 'r1:eth0', names: ['r1:eth0', 'netns/r1:eth0'], bridge: 'lan' },
  { id: 'r2:eth0', names: ['r2:eth0', 'netns/r2:eth0'], bridge: 'lan' },
  { id: 'r2:eth1', names: ['r2:eth1'], bridge: 'a:b' },
];

function refused(word: string): LinkloomError {
  try {
    linksMeant([word], 'l', LINKS);
  } catch (error) {
    if (error instanceof LinkloomError) return error;
  }
  return assert.fail(`${word} is not refused`);
}

test('what is no link at all is a fault of usage, and the hint is of the kind that was begun', () => {
  const rows: readonly (readonly [word: string, message: string, hint: RegExp])[] = [
    ['', 'a link is named by an empty word', /^write NODE:DEV, a glob \('\*:eth0'\), or bridge\/NAME$/],
    ['bridge/', "'bridge/' is no link", /^write bridge\/NAME/],
    ['r1', "'r1' is no link", /^write NODE:DEV \(r1:eth0\), a glob \('r1:\*'\), or bridge\/NAME$/],
    ['r1:', "'r1:' is no link", /\(r1:eth0\)/],
    [':eth0', "':eth0' is no link", /^write NODE:eth0, or '\*:eth0' for that of every node$/],
    [':', "':' is no link", /^write NODE:DEV, a glob/],
  ];
  for (const [word, message, hint] of rows) {
    const error = refused(word);
    assert.deepEqual([error.code, error.message], ['E_USAGE', message]);
    assert.match(error.hint ?? '', hint, word);
    assert.doesNotMatch(error.hint ?? '', /bridge\/:|::|'\*:\*'/, word);
  }
});

test('what stands for nothing in the lab says so, with what was probably meant', () => {
  assert.match(refused('r1:eht0').hint ?? '', /did you mean r1:eth0\?/);
  assert.match(refused('bridge/lna').hint ?? '', /did you mean bridge\/lan\?/);
  assert.equal(refused('x*').message, 'no link of lab l matches x*');
  assert.equal(refused('bridge/x').message, 'lab l has no link on bridge x');
});

test('names, globs and bridges stand for links, each once; bridges of wires may have a colon', () => {
  const ids = (...words: readonly string[]): readonly string[] => linksMeant(words, 'l', LINKS).map(({ id }) => id);
  assert.deepEqual(ids('netns/r1:eth0', 'r?:eth0'), ['r1:eth0', 'r2:eth0']);
  assert.deepEqual(ids('bridge/a:b', 'bridge/l*'), ['r2:eth1', 'r1:eth0', 'r2:eth0']);
  assert.doesNotThrow(() => assertLinkWords(['r1:eth0', '*', 'bridge/l?n']));
});
