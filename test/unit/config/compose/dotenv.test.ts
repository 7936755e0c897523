// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/** `.env` as compose reads it. Each row was tried with compose-go 2.16.2: the text, what is set, what that makes. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDotEnv } from '../../../../src/config/text/dotenv.ts';
import { severityOf } from '../../../../src/diagnostics/table.ts';

type Variables = Readonly<Record<string, string>>;

const rows: readonly (readonly [text: string, env: Variables, made: Variables])[] = [
  ["A='x$y'\nB='${y:-z}'\nC='sq # in'", {}, { A: 'x$y', B: '${y:-z}', C: 'sq # in' }],
  ['A="p$$q"\nB=dollar$$x\nC="\\$X"\nD="\\${X}"', {}, { A: 'p$q', B: 'dollar$x', C: '$X', D: '${X}' }],
  [
    'A=val # comment\nB=val#hash\nC= # z\nD=#x\nE=x\t# t',
    {},
    { A: 'val', B: 'val#hash', C: '# z', D: '#x', E: 'x\t# t' },
  ],
  ['export A=five\nexport  B=2\nexported=4\nexport=5', {}, { A: 'five', B: '2', exported: '4', export: '5' }],
  ['A: six\nB:six\nC : "7"\nD = 8\nE=${A}7', {}, { A: 'six', B: 'six', C: '7', D: '8', E: 'six7' }],
  ['A="q\\"uote"\nB="tab\\tn\\nl"\nC="a\\\\b"\nD=x\\ty', {}, { A: 'q"uote', B: 'tab\tn\nl', C: 'a\\b', D: 'x\\ty' }],
  ['A="\\0101\\x41\\q\\012"\nB="\\a\\b\\f\\v\\r"', {}, { A: 'A\\x41\\q\\012', B: '\x07\b\f\v\r' }],
  ["A='it\\'s'\nB='a\\nb'\nC=a'b'\nD=a\"b c\"d # x", {}, { A: "it's", B: 'a\\nb', C: "a'b'", D: 'a"b c"d' }],
  [
    'A=  spaced  \nB="  kept  "\nC=\nD=a b c\n E=lead',
    {},
    { A: 'spaced', B: '  kept  ', C: '', D: 'a b c', E: 'lead' },
  ],
  ['A="multi\nline"\nB=\'three\n\n# lines\' # comment\nC=1', {}, { A: 'multi\nline', B: 'three\n\n# lines', C: '1' }],
  ['\ufeffA=1\nB=2', {}, { A: '1', B: '2' }],
  ['A=1\r\nB="x"\r\nC=\'y\'\r\nD=z # c\r\n', {}, { A: '1', B: 'x', C: 'y', D: 'z' }],
  ['A=a=b=c\nB=`x`\nC=x;y', {}, { A: 'a=b=c', B: '`x`', C: 'x;y' }],
  ['A.1=dot\nA-B=1\nA[0]=2\n1A=3', {}, { 'A.1': 'dot', 'A-B': '1', 'A[0]': '2', '1A': '3' }],
  ['#A=no\n\n   # B=no\nC=1', {}, { C: '1' }],
  ['A=1\nA=2\nB=$A', {}, { A: '2', B: '2' }],
  ['A=1\nB=$A', { A: 'env' }, { A: '1', B: 'env' }],
  ['A=$B\nB=1\nC=$B', {}, { A: '', B: '1', C: '1' }],
  ['A="${B-x}${C+y}${D:+z}$E"', { C: '', D: '' }, { A: 'xy' }],
  ['A=${X:-"q"}\nB="${X:-d}"\nC=${X:-${Y:-z}}', {}, { A: '"q"', B: 'd', C: 'z' }],
  ['INHERITED\nB=2\nMISSING\nexport C\nD=4', { INHERITED: 'x' }, { B: '2', D: '4' }],
  ['A="x" # c\nB=2', {}, { A: 'x', B: '2' }],
  ['A="x"B=2\nC=3', {}, { A: 'x', B: '2', C: '3' }],
];

const reading = (text: string, env: Variables) =>
  parseDotEnv(text, (name) => (Object.hasOwn(env, name) ? env[name] : undefined));

describe('.env as compose reads it', () => {
  for (const [text, env, made] of rows) {
    test(JSON.stringify(text), () => {
      const { variables, faults } = reading(text, env);
      assert.deepEqual(Object.fromEntries(variables), made);
      assert.deepEqual(faults, []);
    });
  }

  const wrong: readonly (readonly [text: string, offset: number, message: RegExp])[] = [
    ['A=1\nB="unterminated\nC=2', 6, /does not end/],
    ['A=1\nmy key=1', 4, /no variable can be read/],
    ['!A=1', 0, /no variable can be read/],
    ['A=${B:?need b}', 2, /^the variable B is needed: need b$/],
    ['A=${B?}', 2, /^the variable B is needed and not set$/],
  ];
  for (const [text, offset, message] of wrong) {
    test(`${JSON.stringify(text)} is refused, with its place`, () => {
      const { faults } = reading(text, {});
      assert.equal(faults.length, 1);
      assert.ok(faults.every(({ code }) => severityOf(code) === 'error'));
      assert.equal(faults[0]?.offset, offset);
      assert.match(faults[0]?.message ?? '', message);
    });
  }

  test('what stands behind a closing quote is told, and the next line counts', () => {
    const { variables, faults } = reading(`A='it'"'s'\nB=2`, {});
    assert.deepEqual(Object.fromEntries(variables), { A: 'it', B: '2' });
    assert.deepEqual(
      faults.map(({ code, offset }) => [code, offset]),
      [['env-text-after-quote', 6]],
    );
  });

  test('a long text of spaces, quotes or names takes no long time', () => {
    for (const text of [
      `A=x${' '.repeat(300_000)}y`,
      `A="${'\\'.repeat(300_001)}`,
      'A'.repeat(300_000),
      '#\n'.repeat(150_000),
    ]) {
      const startedMs = performance.now();
      reading(text, {});
      assert.ok(performance.now() - startedMs < 2000);
    }
  });
});
