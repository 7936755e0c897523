/** Stacked bars, for the time that runs spent on each stage. */
import { escapeXml, PALETTE, text } from './svg.ts';

export interface Bar {
  readonly name: string;
  /** In the order of the figure's `parts`. */
  readonly values: readonly number[];
}

export interface Stacked {
  readonly title: string;
  readonly unit: string;
  readonly parts: readonly string[];
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 680;
const ROW = 30;
const TOP = 64;

/** The figure, with one bar per row and one colour per part. */
export function stackedSvg({ title, unit, parts, bars }: Stacked): string {
  const most = Math.max(1e-9, ...bars.map(({ values }) => sum(values)));
  const height = TOP + bars.length * ROW + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    text(10, 22, title, 'class="title"'),
    ...parts.map((part, index) => legend(part, index, LEFT + index * 100)),
    ...bars.map((bar, row) => barSvg(bar, parts, TOP + row * ROW, (RIGHT - LEFT) / most, unit)),
    '</svg>',
  ].join('\n');
}

function barSvg({ name, values }: Bar, parts: readonly string[], y: number, scale: number, unit: string): string {
  let x = LEFT;
  const rects = values.map((value, index) => {
    const width = value * scale;
    const rect = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="20" fill="${colorOf(index)}"><title>${escapeXml(`${parts[index] ?? ''}: ${value.toFixed(1)} ${unit}`)}</title></rect>`;
    x += width;
    return rect;
  });
  const total = text(x + 6, y + 15, `${sum(values).toFixed(0)} ${unit}`);
  return [text(LEFT - 8, y + 15, name, 'text-anchor="end"'), ...rects, total].join('\n');
}

function legend(part: string, index: number, x: number): string {
  return `<rect x="${x}" y="36" width="12" height="12" fill="${colorOf(index)}"/>${text(x + 17, 47, part)}`;
}

function colorOf(index: number): string {
  return PALETTE[index % PALETTE.length] ?? '#000';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
