/**
 * Draws a film as SVG that moves by CSS alone, so that it plays where a page shows it as a picture. Who has asked for less motion sees its
 * last picture. Its text is in `<desc>`, for those who can't see it and for the test that runs the commands again. Pure.
 */
import type { Film, Shot, Typing } from './film.ts';
import { COLUMNS, type Row, type Run, textOf } from './terminal.ts';

/** How many rows can be seen at a time. */
export const HEIGHT = 24;
const CELL = { width: 8.4, height: 19 } as const;
const MARGIN = 16;
const WIDTH = Math.ceil(COLUMNS * CELL.width + 2 * MARGIN);
const INSIDE = HEIGHT * CELL.height;
const BACKGROUND = '#0f172a';
const TEXT = '#e2e8f0';
/** The terminal's first 16 colours, as far as linkloom uses them; red, green, yellow, blue, magenta, cyan. */
const COLOURS: Readonly<Record<number, string>> = {
  1: '#f87171',
  2: '#4ade80',
  3: '#facc15',
  4: '#60a5fa',
  5: '#e879f9',
  6: '#22d3ee',
};

export function svgOf(film: Film, title: string): string {
  const { shots, typings, scrolls, lastsMs, text } = film;
  const scrolled = scrolls.at(-1)?.rows ?? 0;
  const styles = [
    `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${TEXT};white-space:pre}`,
    // An animation of no duration shows nothing: the rows are as at the end.
    `@media (prefers-reduced-motion:no-preference){g,rect{animation:${lastsMs}ms infinite}}`,
    '.gone{visibility:hidden}',
    `#all{transform:translateY(${-scrolled * CELL.height}px);animation-name:all}`,
    keyframes('all', scrollSteps(scrolls), lastsMs),
    ...shots.map((shot, at) => keyframes(`s${at}`, shotSteps(shot), lastsMs)),
    ...typings.map((typing, at) => typingKeyframes(`t${at}`, typing, lastsMs)),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${INSIDE + 2 * MARGIN}" width="${WIDTH}" height="${INSIDE + 2 * MARGIN}" role="img" aria-labelledby="title" aria-describedby="text">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="text">\n${escaped(textOf(text))}\n</desc>`,
    `<style>\n${styles.join('\n')}\n</style>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<svg x="${MARGIN}" y="${MARGIN}" width="${WIDTH - 2 * MARGIN}" height="${INSIDE}" aria-hidden="true">`,
    '<g id="all">',
    ...shots.map(shotGroup),
    ...typings.map(cover),
    '</g>',
    '</svg>',
    '</svg>',
    '',
  ].join('\n');
}

/** The text of a recording, from its SVG. */
export function transcriptOf(svg: string): string {
  const [, text = ''] = /<desc id="text">\n([\s\S]*?)\n<\/desc>/.exec(svg) ?? [];
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** From a time on, declarations hold. */
type Step = readonly [atMs: number, css: string];

function shotSteps({ fromMs, untilMs }: Shot): readonly Step[] {
  const steps: Step[] = fromMs === 0 ? [] : [[0, 'visibility:hidden']];
  steps.push([fromMs, 'visibility:visible']);
  if (untilMs !== null) steps.push([untilMs, 'visibility:hidden']);
  return steps;
}

function scrollSteps(scrolls: Film['scrolls']): readonly Step[] {
  const at = (rows: number): string => `transform:translateY(${-rows * CELL.height}px)`;
  return [[0, at(0)], ...scrolls.map(({ fromMs, rows }): Step => [fromMs, at(rows)])];
}

/** Each step holds until the next one. */
function keyframes(name: string, steps: readonly Step[], lastsMs: number): string {
  const frames = steps.map(([atMs, css]) => `${percent(atMs, lastsMs)}{${css};animation-timing-function:step-end}`);
  const [, last = ''] = steps.at(-1) ?? [];
  return `@keyframes ${name}{${frames.join('')}100%{${last}}}`;
}

/** The cover of a line goes to the right key by key, and is gone when all of them are typed. */
function typingKeyframes(name: string, { keys, fromMs, untilMs }: Typing, lastsMs: number): string {
  const frames = [
    '0%{transform:none;visibility:visible;animation-timing-function:step-end}',
    `${percent(fromMs, lastsMs)}{transform:none;visibility:visible;animation-timing-function:steps(${keys},end)}`,
    `${percent(untilMs, lastsMs)}{transform:translateX(${round(keys * CELL.width)}px);visibility:hidden;animation-timing-function:step-end}`,
    '100%{visibility:hidden}',
  ];
  return `@keyframes ${name}{${frames.join('')}}`;
}

function percent(atMs: number, lastsMs: number): string {
  return `${round((atMs / lastsMs) * 100)}%`;
}

function shotGroup({ top, rows, untilMs }: Shot, at: number): string {
  const lines = rows.flatMap((row, below) => (row.length === 0 ? [] : [rowText(row, top + below)]));
  const gone = untilMs === null ? '' : ' class="gone"';
  return `<g${gone} style="animation-name:s${at}">\n${lines.join('\n')}\n</g>`;
}

function rowText(row: Row, y: number): string {
  return `<text y="${round((y + 0.75) * CELL.height)}">${row.map(runText).join('')}</text>`;
}

/** Each piece is as wide as its cells, whatever font there is. */
function runText({ x, text, colour, isBold, isDim }: Run): string {
  const fill = colour === null ? '' : ` fill="${COLOURS[colour] ?? TEXT}" style="fill:${COLOURS[colour] ?? TEXT}"`;
  const weight = isBold ? ' font-weight="bold"' : '';
  const opacity = isDim ? ' opacity="0.6"' : '';
  const width = ` textLength="${round(text.length * CELL.width)}"`;
  return `<tspan x="${round(x * CELL.width)}"${width}${fill}${weight}${opacity}>${escaped(text)}</tspan>`;
}

function cover({ row, x, keys }: Typing, at: number): string {
  const place = `x="${round(x * CELL.width)}" y="${row * CELL.height}" width="${round((keys + 1) * CELL.width)}" height="${CELL.height}"`;
  return `<rect class="gone" style="animation-name:t${at}" ${place} fill="${BACKGROUND}"/>`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
