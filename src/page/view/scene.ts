/** What is on the canvas: boxes and lines with their places, and how each is shown at the moment. */
import { type Annotation, annotationsOf } from '../../picture/annotations.ts';
import { type PlacedLabel, placeLabels, Taken } from '../../picture/labels.ts';
import type { Placed, Point, Size } from '../../picture/layout/shape.ts';
import { type Line, linesOfEdges } from '../../picture/lines.ts';
import { boxSize, isDetailed, linesOf } from '../../picture/measure.ts';
import type { Picture, PictureEdge, PictureNode } from '../../picture/picture.ts';
import type { Frame } from './camera.ts';

export interface SceneBox extends Point, Size {
  readonly node: PictureNode;
  readonly lines: readonly string[];
}

/** How an edge is drawn: what is wrong with it, most important first. */
export type Tone = 'plain' | 'waits' | 'drift' | 'impaired' | 'down' | 'failed';

export interface SceneEdge {
  readonly edge: PictureEdge;
  readonly line: Line;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** With more edges in sight than `detailed` only impairments are written, with more than `any` nothing. */
const LABELLED = { detailed: 90, any: 1500 };

export class Scene {
  readonly picture: Picture;
  boxes: readonly SceneBox[] = [];
  edges: readonly SceneEdge[] = [];
  /** By number of edge: how it is drawn, and its share of the busiest edge's load (0…1). */
  readonly tones: Tone[];
  readonly loads: Float32Array;
  /** By number of box: how many edges it has. */
  readonly degrees: readonly number[];
  /** What impairs an edge now, where that differs from the picture. */
  readonly impairs = new Map<number, string>();
  /** Numbers of boxes and edges that stand out; empty: all alike. */
  foundBoxes: ReadonlySet<number> = new Set();
  foundEdges: ReadonlySet<number> = new Set();
  litBoxes: ReadonlySet<number> = new Set();
  litEdges: ReadonlySet<number> = new Set();
  selected: Pick | null = null;
  labels: readonly PlacedLabel<Annotation>[] = [];

  constructor(picture: Picture) {
    this.picture = picture;
    this.tones = picture.edges.map(({ from, to }) => {
      return from.isDown || to.isDown ? 'down' : from.impair !== '' || to.impair !== '' ? 'impaired' : 'plain';
    });
    this.loads = new Float32Array(picture.edges.length);
    const degrees = new Map<string, number>();
    for (const end of picture.edges.flatMap(({ from, to }) => [from.node, to.node])) {
      degrees.set(end, (degrees.get(end) ?? 0) + 1);
    }
    this.degrees = picture.nodes.map(({ id }) => degrees.get(id) ?? 0);
  }

  place(placed: Placed): void {
    const detailed = isDetailed(this.picture);
    this.boxes = this.picture.nodes.map((node, at) => ({
      node,
      lines: linesOf(node, detailed),
      ...boxSize(node, detailed),
      x: placed.x[at] ?? 0,
      y: placed.y[at] ?? 0,
    }));
    const lines = linesOfEdges(this.picture, placed);
    this.edges = this.picture.edges.map((edge, at): SceneEdge => {
      const line = lines[at] ?? [];
      const xs = line.map(({ x }) => x);
      const ys = line.map(({ y }) => y);
      const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      return { edge, line, left, right, top, bottom };
    });
    this.labels = [];
  }

  /** The labels along the lines in a part of the picture; none where there would be too many to read. */
  placeLabels(seen: Frame): void {
    const inside = this.edges.flatMap((each, at) => (isIn(each, seen) ? [{ ...each, at }] : []));
    if (inside.length > LABELLED.any) {
      this.labels = [];
      return;
    }
    const taken = new Taken();
    for (const box of this.boxes) taken.add(box);
    const wishes = inside.flatMap(({ edge, line, at }) => {
      const impair = this.impairs.get(at);
      const now =
        impair === undefined ? edge : { ...edge, from: { ...edge.from, impair }, to: { ...edge.to, impair: '' } };
      return annotationsOf(now, line, inside.length <= LABELLED.detailed);
    });
    this.labels = placeLabels(wishes, taken);
  }

  /** The smallest part of the picture with the given boxes and edges; without any, with all. */
  frameOf(boxes: Iterable<number>, edges: Iterable<number>): Frame {
    let [left, top, right, bottom] = [
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ];
    const grow = (x: number, y: number): void => {
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    };
    for (const number of boxes) {
      const box = this.boxes[number];
      if (box === undefined) continue;
      grow(box.x - box.width / 2, box.y - box.height / 2);
      grow(box.x + box.width / 2, box.y + box.height / 2);
    }
    for (const number of edges) for (const { x, y } of this.edges[number]?.line ?? []) grow(x, y);
    if (left > right) return { x: 0, y: 0, width: 1, height: 1 };
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  get whole(): Frame {
    return this.frameOf(this.boxes.keys(), this.edges.keys());
  }

  /** What is at a point of the picture: the topmost box, else the nearest edge within `reach`. */
  at({ x, y }: Point, reach: number): Pick | null {
    for (let number = this.boxes.length - 1; number >= 0; number -= 1) {
      const box = this.boxes[number];
      if (box === undefined) continue;
      const [w, hh] = [Math.max(box.width / 2, reach), Math.max(box.height / 2, reach)];
      if (Math.abs(box.x - x) <= w && Math.abs(box.y - y) <= hh) return { kind: 'box', number };
    }
    let best: { readonly number: number; readonly distance: number } | null = null;
    for (const [number, each] of this.edges.entries()) {
      if (x < each.left - reach || x > each.right + reach || y < each.top - reach || y > each.bottom + reach) continue;
      const distance = distanceTo(each.line, { x, y });
      if (distance <= reach && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { number, distance };
    }
    return best && { kind: 'edge', number: best.number };
  }

  /** Edges of a box, by number. */
  edgesOf(box: number): readonly number[] {
    const id = this.picture.nodes[box]?.id;
    return this.picture.edges.flatMap(({ from, to }, number) => (from.node === id || to.node === id ? [number] : []));
  }
}

export interface Pick {
  readonly kind: 'box' | 'edge';
  readonly number: number;
}

export function isIn(edge: SceneEdge, { x, y, width, height }: Frame): boolean {
  return edge.right >= x && edge.left <= x + width && edge.bottom >= y && edge.top <= y + height;
}

function distanceTo(line: Line, { x, y }: Point): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let at = 1; at < line.length; at += 1) {
    const [a, b] = [line[at - 1], line[at]];
    if (a === undefined || b === undefined) continue;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const square = dx * dx + dy * dy;
    const share = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / square));
    nearest = Math.min(nearest, Math.hypot(a.x + dx * share - x, a.y + dy * share - y));
  }
  return nearest;
}
