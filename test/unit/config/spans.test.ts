/** Where a fault begins and where it ends: the end is exclusive, so that the text between is what is wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Span } from '../../../src/errors.ts';
import { check, folderOf } from './loading.ts';

/** The part of a text that a span covers. */
function covered(text: string, { line, column, endLine, endColumn }: Span): string {
  const lines = text.split('\n');
  const offset = (at: number, of: number): number =>
    lines.slice(0, at - 1).join('\n').length + (at > 1 ? 1 : 0) + of - 1;
  return text.slice(offset(line, column), offset(endLine, endColumn));
}

const ROWS: readonly (readonly [name: string, text: string, covers: string])[] = [
  ['a value', 'links:\n  - {netns: a, bridge: b, ip: 10.0.0.1, mtu: 1500}', '10.0.0.1'],
  ['a value in quotes', 'links:\n  - netns: a\n    bridge: b\n    ip: "10.0.0.1" # no length\n', '"10.0.0.1"'],
  ['a key', 'links:\n  - netns: a\n    brigde: b\n', 'brigde'],
  [
    'a whole entry, without what follows it',
    'links:\n  - bridge: b\n    mtu: 9000\n\n# the end\n',
    'bridge: b\n    mtu: 9000',
  ],
  ['an entry in braces', 'links:\n  - {bridge: b} # whose?\n', '{bridge: b}'],
  ['an item of a list', 'links:\n  - netns: a\n    bridge: b\n    route:\n      - nowhere at all\n', 'nowhere at all'],
  ['a block of text', 'links:\n  - netns: a\n    bridge: |\n      b/1\n    mtu: 1\n', '1'],
  ['a value of another place', 'x-a: &a 10.0.0.1\nlinks:\n  - {netns: a, bridge: b, ip: *a}', '*a'],
  ['a key that is there twice', 'links:\n  - netns: a\n    bridge: b\n    netns: c\n', 'netns'],
  ['a value of JSON', '{"links": [{"netns": "a", "bridge": "b", "ip": "10.0.0.1"}]}', '"10.0.0.1"'],
  ['a key of JSON', '{"links": [{"netns": "a", "brigde": "b"}]}', '"brigde"'],
  ['an object of JSON', '{"links": [\n  {"bridge": "b",\n   "mtu": 9000}\n]}', '{"bridge": "b",\n   "mtu": 9000}'],
  ['a number of JSON', '{"links": [{"netns": "a", "bridge": "b", "mtu": 7}]}', '7'],
  ['what stands where JSON wants a comma', '{"links": [] "lab": "x"}', '"lab"'],
  ['a file of nothing', '', ''],
];

describe('the part of a text that a fault is about', () => {
  for (const [name, text, covers] of ROWS) {
    test(name, async () => {
      const [first] = (await check(text)).diagnostics;
      assert.ok(first?.where, 'a fault with a place');
      assert.equal(covered(text, first.where), covers);
    });
  }

  test('a line of variables, up to its end', async () => {
    const text = 'A=1\nmy key=1\nB=2\n';
    await using folder = await folderOf({ '.env': text, 'lab.yaml': 'links: []' });
    const { diagnostics } = await check('', { cwd: folder.path, files: ['lab.yaml'] });
    assert.ok(diagnostics[0]?.where);
    assert.equal(covered(text, diagnostics[0].where), 'my key=1');
  });
});
