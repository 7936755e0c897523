/** The film and the drawing of a recording: what is shown when, and that the SVG is sound and moves by itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SaxesParser } from 'saxes';
import { filmOf } from '../../../scripts/recording/film.ts';
import { svgOf, transcriptOf } from '../../../scripts/recording/svg.ts';
import type { Row } from '../../../scripts/recording/terminal.ts';
import { ROOT } from '../../support/bin.ts';

const row = (text: string): Row => [{ x: 0, text, colour: null, isBold: false, isDim: false }];
const film = filmOf(
  [
    {
      line: 'one',
      states: [
        { atMs: 10, rows: [row('wait <')] },
        { atMs: 60, rows: [row('a & b'), row('c')] },
      ],
    },
    { line: 'two', states: [{ atMs: 5, rows: [] }] },
  ],
  3,
);

test('a command is typed before it speaks, and what it replaces is gone', () => {
  const [prompt, wait, said, next] = film.shots;
  const [typed] = film.typings;
  assert.deepEqual([prompt?.top, wait?.top, said?.top, next?.top], [0, 1, 1, 3]);
  assert.ok(typed !== undefined && wait !== undefined && typed.untilMs < wait.fromMs);
  assert.equal(wait.untilMs, said?.fromMs);
  assert.equal(said?.untilMs, null);
  assert.ok((next?.fromMs ?? 0) - (said?.fromMs ?? 0) >= 1000, 'there is time to read');
});

test('what does not fit scrolls, when it appears', () => {
  assert.deepEqual(film.scrolls, [{ fromMs: film.shots[3]?.fromMs, rows: 1 }]);
});

test('its text is in the picture, whatever characters it has', () => {
  assert.equal(transcriptOf(svgOf(film, 'a film')), '# one\na & b\nc\n# two');
});

test('the picture of README is sound XML, with no script and nothing from elsewhere, and stands still for who asked for that', () => {
  for (const svg of [svgOf(film, 'a "film" <'), readFileSync(join(ROOT, 'docs/pictures/first-lab.svg'), 'utf8')]) {
    const parser = new SaxesParser({ xmlns: true });
    const names = new Set<string>();
    parser.on('error', (error) => assert.fail(error));
    parser.on('opentag', ({ name }) => void names.add(name));
    parser.write(svg).close();
    assert.deepEqual([...names].sort(), ['desc', 'g', 'rect', 'style', 'svg', 'text', 'title', 'tspan']);
    assert.doesNotMatch(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|url\(|@import/);
    assert.match(svg, /prefers-reduced-motion/);
    const animated = [...svg.matchAll(/animation-name:(\w+)/g)].map(([, name]) => name);
    for (const name of animated) assert.ok(svg.includes(`@keyframes ${name}{`), name);
  }
});
