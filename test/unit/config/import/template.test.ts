// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such texts
/** Go's templates, as far as topology files use them. The values on the right are what Go's text/template makes of the left. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withEnvironment } from '../../../../src/config/import/containerlab/env.ts';
import { evaluateTemplate } from '../../../../src/config/import/containerlab/template.ts';
import { TemplateError } from '../../../../src/config/import/containerlab/template-parts.ts';

const VARS = { name: 'leaf', count: 2, on: true, off: false, list: ['a', 'b'], map: { x: 1, y: 2 }, empty: [] };

const MADE: readonly (readonly [template: string, text: string])[] = [
  ['plain', 'plain'],
  ['{{ .name }}-{{ .count }}', 'leaf-2'],
  ['{{ .missing }}|', '|'],
  ['{{ .map.x }}{{ .map.z }}', '1'],
  ['{{ if .on }}yes{{ else }}no{{ end }}', 'yes'],
  ['{{ if .off }}yes{{ else if eq .count 2 }}two{{ else }}no{{ end }}', 'two'],
  ['{{ if .off }}yes{{ else if eq .count 3 }}three{{ else }}no{{ end }}!', 'no!'],
  ['{{ if .empty }}yes{{ end }}.', '.'],
  ['{{ range .list }}<{{ . }}>{{ end }}', '<a><b>'],
  ['{{ range $i, $v := .list }}{{ $i }}={{ $v }} {{ end }}', '0=a 1=b '],
  ['{{ range $k, $v := .map }}{{ $k }}{{ $v }}{{ end }}', 'x1y2'],
  ['{{ range .empty }}x{{ else }}none{{ end }}', 'none'],
  ['{{ range .list }}{{ $.name }}{{ end }}', 'leafleaf'],
  ['{{ with .map }}{{ .y }}{{ end }}', '2'],
  ['{{ $n := 3 }}{{ $n }}', '3'],
  ['a  {{- " b" }}', 'a b'],
  ['a {{ "b" -}}   c', 'a bc'],
  ['{{/* said to nobody */}}x', 'x'],
  ['{{ if and .on (not .off) (gt .count 1) }}y{{ end }}', 'y'],
  ['{{ if or .off .on }}y{{ end }}', 'y'],
  ['{{ .missing | default "d" }}', 'd'],
  ['{{ range seq 3 }}{{ . }}{{ end }}', '123'],
  ['{{ range math.Seq 2 6 2 }}{{ . }},{{ end }}', '2,4,6,'],
  ['{{ index .list 1 }}{{ len .list }}{{ add 1 2 3 }}', 'b26'],
];

const FAULTS: readonly (readonly [template: string, line: number, message: RegExp])[] = [
  ['a\n{{ end }}', 2, /closes nothing/],
  ['a\n\n{{ if .x }}', 3, /if }} has no \{\{ end/],
  ['{{ else }}', 1, /outside of an if/],
  ['a\n{{ nosuch 1 }}', 2, /function nosuch is not known/],
  ['{{ $x }}', 1, /variable \$x is not set/],
  ['{{ "open }}', 1, /can't be read/],
  ['{{ range seq 1000000 }}{{ end }}', 1, /too long/],
];

describe('a template', () => {
  for (const [template, text] of MADE) {
    it(JSON.stringify(template), () => assert.equal(evaluateTemplate(template, VARS).text, text));
  }
  for (const [template, line, message] of FAULTS) {
    it(`refuses ${JSON.stringify(template)}`, () => {
      assert.throws(
        () => evaluateTemplate(template, VARS),
        (error) => error instanceof TemplateError && error.line === line && message.test(error.message),
      );
    });
  }
  it('keeps the line of each line, whatever it leaves out', () => {
    const { text, lines } = evaluateTemplate(
      'one\n{{- if .off }}\ntwo\n{{- end }}\nfour\n{{ range .list }}\n{{ . }}{{ end }}\n',
      VARS,
    );
    const at = (word: string) => lines[text.slice(0, text.indexOf(word)).split('\n').length - 1];
    assert.equal(at('one'), 1);
    assert.equal(at('four'), 5);
    assert.equal(at('b'), 7);
  });
});

describe('variables of the environment', () => {
  const lookup = (name: string) => ({ SET: 'v', EMPTY: '' })[name];
  for (const [text, filled] of [
    ['$SET ${SET}', 'v v'],
    ['${SET:=d} ${NONE:=d} ${NONE:-d} ${NONE-d} ${EMPTY:-d} ${EMPTY-d}', 'v d d d d '],
    ['${SET:+x} ${NONE:+x}', 'x '],
    ['$NONE ${NONE} $1 $$SET', '$NONE ${NONE} $1 $SET'],
  ] as const) {
    it(text, () => assert.equal(withEnvironment(text, lookup).text, filled));
  }
  it('tells of those in braces that are not set', () => {
    assert.deepEqual(withEnvironment('$A ${B} ${C:-}', lookup).unset, [{ name: 'B', offset: 3 }]);
  });
  it('knows where everything was before', () => {
    const before = 'a ${SET} b ${NONE:-long default} c $SET D';
    const { text, offsetBefore } = withEnvironment(before, lookup);
    for (const letter of ['a', ' b ', ' c ', ' D']) {
      assert.equal(offsetBefore(text.indexOf(letter)), before.indexOf(letter), letter);
    }
  });
});
