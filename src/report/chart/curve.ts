/**
 * `chart/` draws figures as SVG text. They are a few lines and words, so no library is used. All functions are pure and escape
 * their text.
 *
 * This file: curves over two logarithmic axes.
 */
import { escapeXml, PALETTE, text } from './svg.ts';

export interface Series {
  readonly name: string;
  /** The points, in any order. Both numbers must be above 0. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Curve {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const WIDTH = 760;
const HEIGHT = 420;
const PLOT = { left: 80, right: 560, top: 40, bottom: 360 } as const;

/** A figure of all series that have points. */
export function curveSvg({ title, xLabel, yLabel, series }: Curve): string {
  const drawn = series.filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const x = axisOf(all.map((point) => point.x));
  const y = axisOf(all.map((point) => point.y));
  const atX = (value: number): number => PLOT.left + x.share(value) * (PLOT.right - PLOT.left);
  const atY = (value: number): number => PLOT.bottom - y.share(value) * (PLOT.bottom - PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeXml(title)}">`,
    text(PLOT.left, 22, title, 'class="title"'),
    ...x.ticks.map((tick) => grid(atX(tick), PLOT.top, atX(tick), PLOT.bottom)),
    ...x.ticks.map((tick) => text(atX(tick), PLOT.bottom + 18, label(tick), 'text-anchor="middle"')),
    ...y.ticks.map((tick) => grid(PLOT.left, atY(tick), PLOT.right, atY(tick))),
    ...y.ticks.map((tick) => text(PLOT.left - 8, atY(tick) + 4, label(tick), 'text-anchor="end"')),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 44, xLabel, 'text-anchor="middle"'),
    text(18, (PLOT.top + PLOT.bottom) / 2, yLabel, `text-anchor="middle" transform="rotate(-90 18 200)"`),
    ...drawn.map((one, index) => seriesSvg(one, index, atX, atY)),
    '</svg>',
  ].join('\n');
}

function seriesSvg({ name, points }: Series, index: number, atX: (x: number) => number, atY: (y: number) => number) {
  const color = PALETTE[index % PALETTE.length] ?? '#000';
  const places = [...points].sort((a, b) => a.x - b.x).map(({ x, y }) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`);
  const dots = places.map((place) => {
    const [cx, cy] = place.split(',');
    return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${color}"/>`;
  });
  const row = PLOT.top + 14 + index * 22;
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...dots,
    `<rect x="${PLOT.right + 16}" y="${row - 9}" width="12" height="12" fill="${color}"/>`,
    text(PLOT.right + 34, row + 2, name),
  ].join('\n');
}

interface Axis {
  readonly ticks: readonly number[];
  /** The position of a value on the axis: 0 at the lowest tick, 1 at the highest. */
  readonly share: (value: number) => number;
}

/** An axis whose ticks are 1, 2 or 5 times a power of ten, from the one below the lowest value to the one above the highest. */
function axisOf(values: readonly number[]): Axis {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const step of [1, 2, 5]) ticks.push(step * 10 ** power);
  }
  const first = ticks.findLastIndex((tick) => tick <= least * 1.0001);
  const last = ticks.findIndex((tick) => tick >= most * 0.9999);
  const kept = ticks.slice(Math.max(0, first), Math.max(first + 2, last + 1));
  const from = Math.log10(kept[0] ?? 1);
  const span = Math.log10(kept.at(-1) ?? 10) - from || 1;
  return { ticks: kept, share: (value) => (Math.log10(value) - from) / span };
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" class="grid"/>`;
}

function label(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en-US');
}
