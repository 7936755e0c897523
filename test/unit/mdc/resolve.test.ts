import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDeps } from '../../../src/mdc/modes.ts';
import { type Modes, resolve } from '../../../src/mdc/resolve.ts';

/** Modes from `deps` texts by name. */
function graph(texts: Readonly<Record<string, string>>): Modes {
  return new Map(
    Object.entries(texts).map(([name, text]) => [name, { name, path: `m/${name}`, ...parseDeps(text, name) }]),
  );
}

function names(texts: Readonly<Record<string, string>>, request: string): string {
  return resolve(graph(texts), parseDeps(request, 'test'))
    .map(({ name }) => name)
    .join(' ');
}

describe('deps', () => {
  test('are words apart by space, comma and line end, with comments', () => {
    assert.deepEqual(parseDeps('a, b\tc,,d # not e\n#f\n\n+g h|i|j', 'x'), {
      needs: [['a'], ['b'], ['c'], ['d'], ['h', 'i', 'j']],
      after: ['g'],
    });
  });

  for (const word of ['../etc', 'a|', '+', '|', 'a/b', '-x']) {
    test(`refuse '${word}'`, () => {
      assert.throws(() => parseDeps(word, 'modes/m/deps'), { code: 'E_CONFIG', where: 'modes/m/deps' });
    });
  }
});

describe('resolution', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string, string])[] = [
    ['keeps the order of the request', { b: '', a: '', c: '' }, 'c a b', 'c a b'],
    [
      'puts dependencies first, each once',
      { all: 'web node1', web: 'base', node1: 'base', base: '' },
      'all',
      'base web node1 all',
    ],
    [
      'takes the alternative that needs the fewest',
      { x: 'big|small', big: 'b1 b2', b1: '', b2: '', small: 's1', s1: '' },
      'x',
      's1 small x',
    ],
    ['takes the first of equal alternatives', { x: 'p|q', p: '', q: '' }, 'x', 'p x'],
    ['takes the alternative that is there anyway', { x: 'p|q', p: '', q: 'r', r: '' }, 'x q', 'r q x'],
    ['weighs alternatives together', { x: 'a|b', y: 'c|b', a: '', b: '', c: '' }, 'x y', 'b x y'],
    ['does not count a missing alternative', { x: 'gone|p', p: '' }, 'x', 'p x'],
    ['puts weak dependencies first where they are there', { a: '+z', z: '' }, 'a z', 'z a'],
    ['leaves weak dependencies out where they are not', { a: '+z +nowhere', z: '' }, 'a', 'a'],
    ['takes alternatives on the command line', { p: 'q', q: '', r: '' }, 'p|r', 'r'],
    ['mentions each mode once', { a: '' }, 'a,a a', 'a'],
  ];
  for (const [what, texts, request, expected] of cases) {
    test(what, () => assert.equal(names(texts, request), expected));
  }

  test('tells which dependencies it chose', () => {
    const got = resolve(graph({ x: 'p|q +r', p: '', q: '', r: '' }), parseDeps('r x', 'test'));
    assert.deepEqual(got, [
      { name: 'r', path: 'm/r', deps: [] },
      { name: 'p', path: 'm/p', deps: [] },
      { name: 'x', path: 'm/x', deps: ['p', 'r'] },
    ]);
  });

  test('names a mode that there is not, who needs it, and those there are', () => {
    assert.throws(() => names({ a: 'b|c', d: '' }, 'a'), {
      code: 'E_CONFIG',
      message: "there is no mode 'b' or 'c', which 'a' needs",
      hint: 'the modes are: a, d',
    });
    assert.throws(() => names({}, 'a'), { message: "there is no mode 'a'", hint: 'the modes are: none' });
  });

  test('names a circle', () => {
    assert.throws(() => names({ a: 'b', b: 'c', c: '+b' }, 'a'), {
      code: 'E_CONFIG',
      message: 'the modes depend on each other in a circle: b → c → b',
    });
    assert.throws(() => names({ a: 'a' }, 'a'), { message: /circle: a → a$/ });
  });
});
