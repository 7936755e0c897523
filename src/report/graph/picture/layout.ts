/**
 * `picture/` draws without another program. The layout is plain and always the same for the same configuration: bridges stand in
 * the middle, nodes on their left and right, and far ends of tunnels at the right edge.
 *
 * This file: the position of everything, in pixels.
 */
import { printable } from '../../escape.ts';
import type { Graph, GraphDevice, GraphEdge } from '../model.ts';

export type BoxKind = 'node' | 'service' | 'container' | 'netns' | 'bridge' | 'host' | 'remote';

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Row extends Rectangle {
  readonly id: string;
  /** The device's name, then its notes. */
  readonly lines: readonly string[];
}

export interface Box extends Rectangle {
  readonly kind: BoxKind;
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Curve {
  readonly edge: GraphEdge;
  readonly from: Point;
  readonly to: Point;
}

/** An end of a curve, and the side to which the curve leaves it: -1 left, 1 right. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly side: -1 | 1;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly curves: readonly Curve[];
}

/** Size of one line of text and of one character: a digit of a 12-pixel monospaced font is 7.2 pixels wide. */
export const LINE_HEIGHT = 16;
const CHARACTER_WIDTH = 7.3;
export const PADDING = 8;
const HEADER_HEIGHT = 24;
const GAP = 16;
const COLUMN_GAP = 140;
const MIN_WIDTH = 90;

type Sized = Omit<Box, 'x' | 'y' | 'rows'> & {
  readonly rows: readonly { readonly id: string; readonly lines: readonly string[] }[];
};

/** Places every box and every edge of a drawing. */
export function layoutOf(graph: Graph): Layout {
  const nodes = graph.nodes.map(({ kind, name, devices }) => sized(kind, `${kind} ${name}`, devices));
  const half = splitAt(nodes);
  const bridges = graph.bridges.map(({ name, mode, devices }) => sized('bridge', `${name} (${mode})`, devices));
  const host = graph.host.length === 0 ? [] : [sized('host', 'host', graph.host)];
  const remotes = graph.remotes.map((remote) => sized('remote', remote.label, [{ ...remote, label: 'tunnel' }]));
  const columns = [nodes.slice(0, half), [...bridges, ...host], nodes.slice(half), remotes];
  const heights = columns.map(heightOf);
  const height = Math.max(...heights);
  const boxes: Box[] = [];
  let x = GAP;
  for (const [index, column] of columns.entries()) {
    if (column.length === 0) continue;
    const width = Math.max(...column.map((box) => box.width));
    placeColumn(column, x, width, GAP + (height - (heights[index] ?? 0)) / 2, boxes);
    x += width + COLUMN_GAP;
  }
  return {
    width: Math.max(x - COLUMN_GAP + GAP, 2 * GAP),
    height: height + 2 * GAP,
    boxes,
    curves: curvesOf(graph.edges, boxes),
  };
}

function sized(kind: BoxKind, title: string, devices: readonly GraphDevice[]): Sized {
  const rows = devices.map(({ id, label, notes }) => ({ id, lines: [label, ...notes].map(printable) }));
  const texts = [printable(title), ...rows.flatMap(({ lines }) => lines)];
  const longest = Math.max(...texts.map((text) => text.length));
  const rowsHeight = rows.reduce((sum, { lines }) => sum + rowHeight(lines) + PADDING, 0);
  return {
    kind,
    title: printable(title),
    rows,
    width: Math.max(MIN_WIDTH, Math.ceil(longest * CHARACTER_WIDTH) + 4 * PADDING),
    height: HEADER_HEIGHT + Math.max(rowsHeight, PADDING),
  };
}

function rowHeight(lines: readonly string[]): number {
  return lines.length * LINE_HEIGHT + PADDING / 2;
}

function heightOf(column: readonly Sized[]): number {
  return column.reduce((sum, { height }) => sum + height + GAP, column.length === 0 ? 0 : -GAP);
}

/** The number of nodes in the left column, chosen so that both columns are about equally high. */
function splitAt(nodes: readonly Sized[]): number {
  const total = heightOf(nodes);
  let above = 0;
  const index = nodes.findIndex(({ height }) => {
    above += height + GAP;
    return above >= total / 2;
  });
  return index + 1;
}

function placeColumn(column: readonly Sized[], x: number, width: number, top: number, into: Box[]): void {
  let y = top;
  for (const box of column) {
    let rowY = y + HEADER_HEIGHT;
    const rows = box.rows.map(({ id, lines }): Row => {
      const row = { id, lines, x: x + PADDING, y: rowY, width: width - 2 * PADDING, height: rowHeight(lines) };
      rowY += row.height + PADDING;
      return row;
    });
    into.push({ ...box, rows, x, y, width });
    y += box.height + GAP;
  }
}

function curvesOf(edges: readonly GraphEdge[], boxes: readonly Box[]): readonly Curve[] {
  const rows = new Map(boxes.flatMap((box) => box.rows.map((row) => [row.id, row] as const)));
  return edges.flatMap((edge) => {
    const [one, other] = [rows.get(edge.from), rows.get(edge.to)];
    if (one === undefined || other === undefined) return [];
    const rightward = other.x > one.x;
    return [{ edge, from: end(one, rightward ? 1 : -1), to: end(other, rightward ? -1 : other.x < one.x ? 1 : -1) }];
  });
}

function end({ x, y, width, height }: Row, side: -1 | 1): Point {
  return { x: side === 1 ? x + width : x, y: y + height / 2, side };
}
