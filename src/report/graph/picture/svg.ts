/** A drawing as SVG (w3.org/TR/SVG2), which any browser shows. It needs no font, style sheet or script from elsewhere. */
import { printable } from '../../escape.ts';
import type { Graph } from '../model.ts';
import { type Box, type BoxKind, type Curve, LINE_HEIGHT, layoutOf, PADDING, type Row } from './layout.ts';

const COLOURS = {
  service: ['#e2efe2', '#4a7f4a'],
  node: ['#eef5ee', '#4a7f4a'],
  container: ['#eef5ee', '#4a7f4a'],
  netns: ['#f3f3e4', '#7c7c3c'],
  bridge: ['#e3daf0', '#6a4f9c'],
  host: ['#f7f7f5', '#767676'],
  remote: ['#d8f3d8', '#3c7c3c'],
} as const satisfies Record<BoxKind, readonly [fill: string, border: string]>;

const STYLE = [
  'text { font: 12px ui-monospace, monospace; fill: #1c1c1c }',
  '.title { font-weight: bold }',
  '.note { fill: #5a5a5a }',
  '.label { fill: #2f4f6f; text-anchor: middle; paint-order: stroke; stroke: #fff; stroke-width: 4 }',
  '.device { fill: #fbf5dd; stroke: #9a7b2f }',
  '.edge { fill: none; stroke: #55708c; stroke-width: 1.5 }',
  ...Object.entries(COLOURS).map(([kind, [fill, border]]) => `.${kind} { fill: ${fill}; stroke: ${border} }`),
].join(' ');

/** The distance in pixels from an end of a curve to its control point. */
const REACH = 60;

/** The drawing as a complete document. It ends with a line break. */
export function svgText(graph: Graph): string {
  const { width, height, boxes, curves } = layoutOf(graph);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `  <title>${escaped(graph.lab)}</title>`,
    `  <style>${STYLE}</style>`,
    ...curves.map(curveLine),
    ...boxes.flatMap(boxLines),
    ...curves.flatMap(labelLines),
    '</svg>',
    '',
  ].join('\n');
}

function boxLines(box: Box): readonly string[] {
  const title = `<text class="title" x="${box.x + PADDING}" y="${box.y + LINE_HEIGHT}">${escaped(box.title)}</text>`;
  return [`  <g><rect class="${box.kind}" rx="6" ${place(box)}/>${title}`, ...box.rows.map(rowLine), '  </g>'];
}

function rowLine(row: Row): string {
  const lines = row.lines.map((line, index) => {
    const y = row.y + (index + 1) * LINE_HEIGHT - PADDING / 2;
    return `<text${index === 0 ? '' : ' class="note"'} x="${row.x + PADDING}" y="${y}">${escaped(line)}</text>`;
  });
  return `    <g data-id="${escaped(row.id)}"><rect class="device" rx="3" ${place(row)}/>${lines.join('')}</g>`;
}

function place({ x, y, width, height }: Box | Row): string {
  return `x="${x}" y="${y}" width="${width}" height="${height}"`;
}

function curveLine({ edge, from, to }: Curve): string {
  const path = [
    `M${from.x} ${from.y}`,
    `C${from.x + from.side * REACH} ${from.y}`,
    `${to.x + to.side * REACH} ${to.y}`,
    `${to.x} ${to.y}`,
  ].join(' ');
  return `  <path class="edge" data-from="${escaped(edge.from)}" data-to="${escaped(edge.to)}" d="${path}"/>`;
}

function labelLines({ edge, from, to }: Curve): readonly string[] {
  if (edge.label === '') return [];
  const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2 - PADDING / 2];
  return [`  <text class="label" x="${x}" y="${y}">${escaped(edge.label)}</text>`];
}

/** Text escaped for XML, also for attributes in double quotes. Characters that XML can't hold are shown as numbers, as in every format. */
export function escaped(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
