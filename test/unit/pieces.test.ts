/** Texts in pieces are the texts that JSON and YAML have as a whole. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { documentPieces } from '../../src/config/text/document.ts';
import { emitYaml } from '../../src/config/text/emit.ts';
import { Items, indentedJsonPieces, joined, jsonPieces } from '../../src/pieces.ts';

const DOCUMENTS: readonly object[] = [
  {},
  { a: 1, none: undefined, text: 'a "b"\nc', list: [], map: {} },
  { list: [1, [2, { three: 3 }], undefined, null, { deep: [{ x: 1 }] }], nested: { list: [{ a: 1 }, 2] } },
];

it('JSON in pieces is what JSON.stringify writes', () => {
  for (const document of DOCUMENTS) {
    assert.equal([...jsonPieces(document)].join(''), JSON.stringify(document));
    assert.equal([...indentedJsonPieces(document)].join(''), JSON.stringify(document, null, 2));
  }
});

it('a list that is made while it is written is a list', () => {
  const made: number[] = [];
  const make = (n: number): object => ({ n: made.push(n) });
  const pieces = jsonPieces({ list: new Items([7, 8], make) });
  for (const piece of pieces) if (piece.startsWith('[')) break;
  assert.deepEqual(made, [7]);
  assert.equal([...jsonPieces({ list: new Items([7, 8], (n) => n) })].join(''), '{"list":[7,8]}');
  assert.equal(JSON.stringify({ list: new Items([7, 8], (n) => n) }), '{"list":[7,8]}');
});

it('short pieces become large ones, of which none is lost', () => {
  const lines = Array.from({ length: 50_000 }, (_, at) => `line ${at}\n`);
  const pieces = [...joined(lines)];
  assert.equal(pieces.join(''), lines.join(''));
  assert.ok(pieces.length < 20, `${pieces.length} pieces`);
});

it('a document is its text, with every $ doubled and what was given unchanged', () => {
  const document = { lab: 'x', links: [{ dev: 'a$b', ip: ['c', '$d'] }, { dev: 'e' }], note: { $k: ['$'] } };
  const before = structuredClone(document);
  const escaped = { lab: 'x', links: [{ dev: 'a$$b', ip: ['c', '$$d'] }, { dev: 'e' }], note: { $k: ['$$'] } };
  assert.equal([...documentPieces(document, 'yaml')].join(''), emitYaml(escaped));
  assert.equal([...documentPieces(document, 'json')].join(''), `${JSON.stringify(escaped, null, 2)}\n`);
  assert.deepEqual(document, before);
});
