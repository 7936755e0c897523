/** A large YAML text that is parsed in pieces is the same as one that is parsed whole, its places and its faults too. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedInPieces } from '../../../src/config/text/yaml/pieces.ts';
import { parseYaml } from '../../../src/config/text/yaml/yaml.ts';

const whole = (text: string) => parseYaml(text, false)[0];
const inPieces = (text: string) => parsedInPieces(text, whole);

/** Items of every form, past the size of a piece. */
function textOf(items: number, indent: string): string {
  const lines = Array.from({ length: items }, (_, n) =>
    [
      `${indent}- {netns: n${n}, dev: eth0, bridge: b, ip: 10.0.0.1/24}  # in a line`,
      `${indent}- netns: m${n}`,
      `${indent}  dev: "eth1"`,
      '',
      '# a comment at the beginning of a line',
      `${indent}  route:`,
      `${indent}  - 10.0.0.0/8 via 10.0.0.1`,
      `${indent}  note: |`,
      `${indent}    - no item: of anything`,
      `${indent}    ${n}`,
    ].join('\n'),
  );
  return `lab: x\n# first\nlinks:\n${lines.join('\n')}\nbridges:  # second\n${indent}- bridge: b\n${indent}  mode: direct\ndefaults:\n  link: {mtu: 1500}\n`;
}

describe('a large text in pieces', () => {
  for (const indent of ['', '  ', '    ']) {
    it(`is the same as whole, with items indented by ${indent.length}`, () => {
      const text = textOf(600, indent);
      const [all, parts] = [whole(text), inPieces(text)];
      assert.ok(all && parts);
      assert.deepEqual(all.faults, []);
      assert.deepEqual(parts.value, all.value);
      const paths = [
        [],
        ['lab'],
        ['links'],
        ['links', 0],
        ['links', 601, 'dev'],
        ['links', 1199, 'route', 0],
        ['links', 1198, 'ip'],
        ['links', 5000],
      ];
      for (const path of [...paths, ['bridges'], ['bridges', 0, 'mode'], ['defaults', 'link', 'mtu'], ['none', 3]]) {
        for (const part of ['key', 'value'] as const) {
          if (path.length < 2 && part === 'value' && path[0] !== 'lab') continue;
          assert.equal(parts.rangeOf(path, part).start, all.rangeOf(path, part).start, `${path.join('/')} ${part}`);
        }
        assert.equal(parts.written(path), all.written(path));
      }
      assert.equal(parts.rangeOf(['links'], 'value').start, all.rangeOf(['links'], 'value').start);
    });
  }

  it('is not cut where only the whole can be understood', () => {
    const list = textOf(40, '  ');
    const uncut = {
      anchor: list.replace('lab: x', 'lab: &name x'),
      alias: `${list}more: *name\n`,
      tag: list.replace('lab: x', 'lab: !reset x'),
      'second document': `${list}---\nlab: y\n`,
      tab: list.replace('dev: "eth1"', 'dev:\t"eth1"'),
      'fault in an item': list.replace('netns: m3\n', 'netns: [m3\n'),
      'key twice in an item': list.replace('dev: "eth1"', 'netns: twice'),
      'wrong indent': list.replace('  - netns: m3\n', '   - netns: m3\n'),
      'no list': 'lab: x\nlinks: {}\n',
    };
    for (const [name, text] of Object.entries(uncut)) assert.equal(inPieces(text), null, name);
  });

  it('has the faults of the whole', () => {
    const text = textOf(3000, '  ').replace('netns: m2500\n', 'netns: [m2500\n');
    const [parsed] = parseYaml(text, false);
    const [fault] = parsed?.faults ?? [];
    assert.ok(fault && Math.abs(fault.offset - text.indexOf('[m2500')) < 200, JSON.stringify(fault));
  });
});
