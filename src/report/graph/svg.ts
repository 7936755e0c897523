/** A drawing as SVG (w3.org/TR/SVG2), which any browser shows. It needs no font, style sheet or script from elsewhere. */

import { type Annotation, annotationsOf, LABEL_FONT } from '../../picture/annotations.ts';
import { THEMES } from '../../picture/colours.ts';
import type { Graph } from '../../picture/graph.ts';
import { type PlacedLabel, placeLabels, Taken } from '../../picture/labels.ts';
import { placesOf } from '../../picture/layout/layout.ts';
import type { LayoutName } from '../../picture/layout/names.ts';
import type { Point, Size } from '../../picture/layout/shape.ts';
import { type Line, linesOfEdges } from '../../picture/lines.ts';
import { boxSize, FONT_SIZE, isDetailed, linesOf, roomOf } from '../../picture/measure.ts';
import { BOXES, type Picture, type PictureEdge, type PictureNode, pictureOf } from '../../picture/picture.ts';
import { printable } from '../escape.ts';

const MARGIN = 24;
const LINE_HEIGHT = 15;
const LABEL_LINE = 13;

function rules({ ground, text, muted, edge, impair, down, boxes }: (typeof THEMES)['light']): string {
  return [
    `svg { background: ${ground} }`,
    `text { fill: ${text} }`,
    `.note, .end, .middle { fill: ${muted} }`,
    `.impair { fill: ${impair} }`,
    `.end, .middle, .impair { stroke: ${ground} }`,
    `.edge { stroke: ${edge} }`,
    `.impaired { stroke: ${impair} }`,
    `.down { stroke: ${down} }`,
    ...Object.entries(boxes).map(([kind, [fill, border]]) => `.${kind} { fill: ${fill}; stroke: ${border} }`),
  ].join(' ');
}

const STYLE = [
  `text { font: ${FONT_SIZE}px ui-monospace, monospace; text-anchor: middle }`,
  `.end, .middle, .impair { font-size: ${LABEL_FONT}px; paint-order: stroke; stroke-width: 3 }`,
  '.edge { fill: none; stroke-width: 1.4 }',
  '.down { stroke-dasharray: 5 3 }',
  rules(THEMES.light),
  `@media (prefers-color-scheme: dark) { ${rules(THEMES.dark)} }`,
].join(' ');

/** The drawing as a complete document. It ends with a line break. */
export function svgText(graph: Graph, layout: LayoutName = 'auto'): string {
  const picture = pictureOf(graph);
  const room = roomOf(picture);
  const placed = placesOf(picture, room, layout);
  const lines = linesOfEdges(picture, placed);
  const boxes = picture.nodes.map((node, at) => ({
    node,
    ...boxSize(node, isDetailed(picture)),
    x: placed.x[at] ?? 0,
    y: placed.y[at] ?? 0,
  }));
  const labels = labelsOf(picture, lines, boxes);
  const frame = frameOf([...boxes, ...labels], lines.flat());
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${frame.map(fixed).join(' ')}" width="${fixed(frame[2])}" height="${fixed(frame[3])}" role="img">`,
    `  <title>${escaped(graph.lab)}</title>`,
    `  <style>${STYLE}</style>`,
    ...picture.edges.map((edge, at) => edgeLine(edge, lines[at] ?? [])),
    ...boxes.flatMap((box) => boxLines(box, isDetailed(picture))),
    ...labels.map(labelLine),
    '</svg>',
    '',
  ].join('\n');
}

interface Box extends Point, Size {
  readonly node: PictureNode;
}

function labelsOf(picture: Picture, lines: readonly Line[], boxes: readonly Box[]): readonly PlacedLabel<Annotation>[] {
  const taken = new Taken();
  for (const box of boxes) taken.add(box);
  const wishes = picture.edges.flatMap((edge, at) => annotationsOf(edge, lines[at] ?? [], isDetailed(picture)));
  return placeLabels(wishes, taken);
}

function frameOf(
  boxes: readonly (Point & Size)[],
  points: readonly Point[],
): readonly [number, number, number, number] {
  let [west, north, east, south] = [0, 0, 0, 0];
  for (const { x, y, ...rest } of [...boxes, ...points]) {
    const { width = 0, height = 0 } = rest as Partial<Size>;
    west = Math.min(west, x - width / 2);
    east = Math.max(east, x + width / 2);
    north = Math.min(north, y - height / 2);
    south = Math.max(south, y + height / 2);
  }
  return [west - MARGIN, north - MARGIN, east - west + 2 * MARGIN, south - north + 2 * MARGIN];
}

function edgeLine(edge: PictureEdge, line: Line): string {
  const { from, to } = edge;
  const isImpaired = from.impair !== '' || to.impair !== '';
  const classes = ['edge', ...(from.isDown || to.isDown ? ['down'] : isImpaired ? ['impaired'] : [])].join(' ');
  const points = line.map(({ x, y }) => `${fixed(x)},${fixed(y)}`).join(' ');
  const ids = `data-from="${escaped(from.device)}" data-to="${escaped(to.device)}"`;
  const tip = [from.device, ...from.notes, '–', to.device, ...to.notes, edge.label]
    .filter((word) => word !== '')
    .join(' ');
  return `  <polyline class="${classes}" ${ids} points="${points}"><title>${escaped(tip)}</title></polyline>`;
}

function boxLines({ node, x, y, width, height }: Box, detailed: boolean): readonly string[] {
  const lines = linesOf(node, detailed).map((line, at) => {
    const below = fixed(y - height / 2 + (at + 1) * LINE_HEIGHT);
    return `<text${at === 0 ? '' : ' class="note"'} x="${fixed(x)}" y="${below}">${escaped(line)}</text>`;
  });
  const place = `x="${fixed(x - width / 2)}" y="${fixed(y - height / 2)}" width="${width}" height="${height}"`;
  const round = BOXES[node.kind].isRound ? height / 2 : 5;
  const tip = `<title>${escaped([`${node.kind} ${node.name}`, ...node.notes].join('\n'))}</title>`;
  return [
    `  <g data-id="${escaped(node.id)}">${tip}<rect class="${node.kind}" rx="${round}" ${place}/>${lines.join('')}</g>`,
  ];
}

function labelLine({ of: { lines, role }, x, y, height }: PlacedLabel<Annotation>): string {
  const spans = lines.map((line, at) => {
    return `<tspan x="${fixed(x)}" y="${fixed(y - height / 2 + (at + 1) * LABEL_LINE - 2)}">${escaped(line)}</tspan>`;
  });
  return `  <text class="${role}">${spans.join('')}</text>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
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
