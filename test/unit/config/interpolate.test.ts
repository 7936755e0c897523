/** Interpolation against compose's grammar, row by row. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { interpolate } from '../../../src/config/text/interpolate.ts';
import { bridgeOf } from '../../../src/kinds/links/link-kinds.ts';
import { check, firstBridge } from './loading.ts';

const variables: Readonly<Record<string, string>> = { A: 'one', B: '', C: '$A', _d1: 'low' };
const lookup = (name: string) => (Object.hasOwn(variables, name) ? variables[name] : undefined);

/** `{` stands for `${`, so that a row reads as a text and not as a template. */
const text = (row: string): string => row.replaceAll('{', '$' + '{');

const table: readonly (readonly [written: string, result: string, unset?: string])[] = [
  ['plain', 'plain'],
  ['$$', '$'],
  ['$$A', '$A'],
  ['$$$A', '$one'],
  ['$$$$', '$$'],
  ['$A', 'one'],
  ['$A.$A', 'one.one'],
  ['{A}', 'one'],
  ['x{A}y', 'xoney'],
  ['$_d1', 'low'],
  ['$Ab', '', 'Ab'],
  ['{U}', '', 'U'],
  ['$a', '', 'a'],
  ['$C', '$A'],
  ['{A:-x}', 'one'],
  ['{B:-x}', 'x'],
  ['{U:-x}', 'x'],
  ['{A-x}', 'one'],
  ['{B-x}', ''],
  ['{U-x}', 'x'],
  ['{U:-}', ''],
  ['{U-}', ''],
  ['{A:?x}', 'one'],
  ['{B?x}', ''],
  ['{A:+x}', 'x'],
  ['{B:+x}', ''],
  ['{U:+x}', ''],
  ['{A+x}', 'x'],
  ['{B+x}', 'x'],
  ['{U+x}', ''],
  ['{U:-{A}}', 'one'],
  ['{U:-{V:-{A}}}', 'one'],
  ['{U:-a{A}b}c', 'aonebc'],
  ['{U:-$A}', 'one'],
  ['{U:-$$}', '$'],
  ['{A:+{B:-y}}', 'y'],
  ['{A:-{U}}', 'one'],
  ['{U:-{V}}', '', 'V'],
  ['{U:-a:-b}', 'a:-b'],
  ['{U:-a b/c}', 'a b/c'],
  ['$', '$'],
  ['a$', 'a$'],
  ['$-', '$-'],
  ['$1', '$1'],
  ['{}', text('{}')],
  ['{1}', text('{1}')],
  ['{A', text('{A')],
  ['{A!x}', text('{A!x}')],
  ['{A:x}', text('{A:x}')],
  ['{ A}', text('{ A}')],
  ['{1{A}}', `${text('{1')}one}`],
];

describe('interpolation', () => {
  for (const [written, result, unset] of table) {
    test(text(written), () => {
      const { malformed, ...made } = interpolate(text(written), lookup);
      assert.deepEqual(made, { text: result, unset: unset === undefined ? [] : [unset], missing: [] });
      // What no form fits stays as it is.
      if (malformed !== null) assert.ok(result.includes('${'), malformed);
    });
  }

  test('a braced text of no form is told', () => {
    assert.equal(interpolate(text('{A}-{A.b}'), lookup).malformed, text('{A.b}'));
    assert.equal(interpolate(text('{A:-{B}}'), lookup).malformed, null);
    assert.equal(interpolate('$-$', lookup).malformed, null);
  });

  test('a demanded variable is named with its message, itself interpolated', () => {
    assert.deepEqual(interpolate(text('{U?}'), lookup).missing, [{ name: 'U', message: '' }]);
    assert.deepEqual(interpolate(text('{B:?set {A}}'), lookup).missing, [{ name: 'B', message: 'set one' }]);
  });

  test('a text of a million nested openings is done at once, and stays as it is', () => {
    const opened = text('{A:-').repeat(250_000);
    assert.equal(interpolate(opened, lookup).text, opened);
    const closed = text('{U:-').repeat(100_000) + '}'.repeat(100_000);
    assert.ok(interpolate(closed, lookup).text.length <= closed.length);
  });
});

describe('interpolation of a configuration', () => {
  test('happens in values, not in keys, and text that became a number is one', async () => {
    const { topology, diagnostics } = await check(
      text('links:\n- service: "{S}"\n  bridge: b$N\n  mtu: {M}\n  queues: $N\n  x-$N: $U\n'),
      { env: { S: 'web', N: '4', M: '1500' } },
    );
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      ['the variable U is not set and becomes empty'],
    );
    const [link] = topology.links;
    assert.deepEqual(
      [link?.selector.name, firstBridge(topology), link?.mtuBytes, link?.queues],
      ['web', 'b4', 1500, 4],
    );
  });

  test('happens per place, also where an anchor brings the same text twice', async () => {
    const { topology } = await check('links:\n  - &a {service: s, bridge: "$$$$"}\n  - {<<: *a, dev: e1}');
    assert.deepEqual(topology.links.map(bridgeOf), ['$$', '$$']);
  });

  test('a variable is warned about once', async () => {
    const { diagnostics } = await check('links: [{service: s, bridge: b$U, ethtool: [-K $U, x$U]}]');
    assert.equal(diagnostics.filter(({ message }) => message.includes('U is not set')).length, 1);
  });
});
