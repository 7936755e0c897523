/** Draws a scene: lines by their tone in one path each, boxes, then labels. Only what is seen is drawn. */
import { LABEL_FONT } from '../../picture/annotations.ts';
import type { Theme } from '../../picture/colours.ts';
import { Taken } from '../../picture/labels.ts';
import { FONT_SIZE, textWidth } from '../../picture/measure.ts';
import { BOXES } from '../../picture/picture.ts';
import type { Camera, Frame } from './camera.ts';
import { isIn, type Scene, type SceneBox, type SceneEdge, type Tone } from './scene.ts';

type Context = CanvasRenderingContext2D;

/** Below this scale names stand beside the boxes instead of in them, and only where there is room. */
const READABLE_SCALE = 0.7;
const LABEL_LINE = 13;
const FONT = 'ui-monospace, "DejaVu Sans Mono", monospace';
const TONES: readonly Tone[] = ['waits', 'plain', 'impaired', 'drift', 'down', 'failed'];
/** So many lines hide each other unless they are thin. */
const MANY = 2000;
/** Below this scale boxes are dots. */
const DOT_SCALE = 0.35;
/** Steps in which the load of a line is shown. */
const LOADS = 4;

export interface Look {
  readonly theme: Theme;
  /** Pixels of the screen per pixel of the page. */
  readonly ratio: number;
  /** While the picture moves, names are left where they were found. */
  readonly isMoving: boolean;
}

/** Names beside boxes, as they were placed when the picture last stood still. */
export interface Names {
  scale: number;
  boxes: ReadonlySet<number>;
}

export function paint(context: Context, scene: Scene, camera: Camera, look: Look, names: Names): void {
  const { theme, ratio } = look;
  const { seen, scale } = camera;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = theme.ground;
  context.fillRect(0, 0, camera.width, camera.height);
  context.setTransform(
    ratio * scale,
    0,
    0,
    ratio * scale,
    ratio * (camera.width / 2 - camera.x * scale),
    ratio * (camera.height / 2 - camera.y * scale),
  );
  paintEdges(context, scene, seen, scale, theme);
  const boxes = scene.boxes.flatMap((box, number) => (isSeen(box, seen) ? [{ box, number }] : []));
  for (const { box, number } of boxes) paintBox(context, scene, box, number, scale, theme);
  if (scale >= READABLE_SCALE) paintLabels(context, scene, seen, theme);
  else paintNames(context, scene, camera, look, names, boxes);
  context.globalAlpha = 1;
}

function isSeen({ x, y, width, height }: SceneBox, seen: Frame): boolean {
  return (
    x + width / 2 >= seen.x &&
    x - width / 2 <= seen.x + seen.width &&
    y + height / 2 >= seen.y &&
    y - height / 2 <= seen.y + seen.height
  );
}

/** Edges that look alike; what is more important comes later, and so lies above. */
interface Bucket {
  readonly tone: Tone;
  readonly load: number;
  readonly isLit: boolean;
  readonly isDim: boolean;
  readonly edges: SceneEdge[];
}

function bucketsOf(scene: Scene, seen: Frame): readonly Bucket[] {
  const isSearch = scene.foundBoxes.size + scene.foundEdges.size > 0;
  const selected = scene.selected?.kind === 'edge' ? scene.selected.number : -1;
  const buckets = new Map<number, Bucket>();
  for (const [number, edge] of scene.edges.entries()) {
    if (!isIn(edge, seen)) continue;
    const tone = scene.tones[number] ?? 'plain';
    const load = Math.ceil((scene.loads[number] ?? 0) * LOADS);
    const isLit = number === selected || scene.litEdges.has(number);
    const isDim = isSearch && !scene.foundEdges.has(number);
    const rank = ((isDim ? 0 : 1) * 2 + (isLit ? 1 : 0)) * 100 + TONES.indexOf(tone) * 10 + load;
    const bucket = buckets.get(rank);
    if (bucket) bucket.edges.push(edge);
    else buckets.set(rank, { tone, load, isLit, isDim, edges: [edge] });
  }
  return [...buckets].sort(([one], [other]) => one - other).map(([, bucket]) => bucket);
}

function paintEdges(context: Context, scene: Scene, seen: Frame, scale: number, theme: Theme): void {
  const fine = Math.max(0.45, Math.min(1.4, scale * 1.8));
  for (const bucket of bucketsOf(scene, seen)) {
    const { tone, load, isLit, edges } = bucket;
    context.beginPath();
    for (const { line } of edges) trace(context, line);
    context.globalAlpha = alphaOf(bucket);
    context.strokeStyle = isLit && tone === 'plain' ? theme.accent : colourOf(bucket, theme);
    context.lineWidth = (fine * (isLit ? 2.4 : tone === 'plain' ? 1 : 1.6) + load * 0.8) / scale;
    context.setLineDash(tone === 'down' || tone === 'waits' ? [6 / scale, 4 / scale] : []);
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function alphaOf({ isDim, isLit, tone, edges }: Bucket): number {
  if (isDim) return 0.15;
  return tone === 'plain' && !isLit && edges.length > MANY ? 0.45 : 1;
}

function colourOf({ tone, load }: Bucket, theme: Theme): string {
  if (tone === 'plain') return load > 0 ? theme.boxes.node[1] : theme.edge;
  if (tone === 'waits') return theme.muted;
  return tone === 'down' || tone === 'failed' ? theme.down : theme.impair;
}

function trace(context: Context, line: SceneEdge['line']): void {
  for (const [at, { x, y }] of line.entries()) {
    if (at === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
}

function paintBox(context: Context, scene: Scene, box: SceneBox, number: number, scale: number, theme: Theme): void {
  const { node, x, y, width, height, lines } = box;
  const [fill, border] = theme.boxes[node.kind];
  const isSelected = scene.selected?.kind === 'box' && scene.selected.number === number;
  const isLit = scene.litBoxes.has(number) || isSelected;
  const isSearch = scene.foundBoxes.size + scene.foundEdges.size > 0;
  context.globalAlpha = isSearch && !scene.foundBoxes.has(number) ? 0.2 : 1;
  const isReadable = scale >= READABLE_SCALE;
  context.fillStyle = isReadable ? fill : border;
  context.strokeStyle = isLit ? theme.accent : border;
  context.lineWidth = isLit ? 3 / Math.min(scale, 1) : 1.2;
  context.beginPath();
  if (scale < DOT_SCALE) context.rect(x - height / 2, y - height / 2, height, height);
  else context.roundRect(x - width / 2, y - height / 2, width, height, BOXES[node.kind].isRound ? height / 2 : 5);
  context.fill();
  if (isReadable || isLit) context.stroke();
  if (!isReadable) return;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.font = `${FONT_SIZE}px ${FONT}`;
  for (const [at, line] of lines.entries()) {
    context.fillStyle = at === 0 ? theme.text : theme.muted;
    context.fillText(line, x, y - height / 2 + (at + 1) * 15);
  }
}

function paintLabels(context: Context, scene: Scene, seen: Frame, theme: Theme): void {
  context.font = `${LABEL_FONT}px ${FONT}`;
  context.textAlign = 'center';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = theme.ground;
  context.globalAlpha = scene.foundBoxes.size + scene.foundEdges.size > 0 ? 0.4 : 1;
  for (const { of: what, x, y, height, width } of scene.labels) {
    if (x + width < seen.x || x - width > seen.x + seen.width || y < seen.y - 20 || y > seen.y + seen.height + 20)
      continue;
    context.fillStyle = what.role === 'impair' ? theme.impair : theme.muted;
    for (const [at, line] of what.lines.entries()) {
      const below = y - height / 2 + (at + 1) * LABEL_LINE - 2;
      context.strokeText(line, x, below);
      context.fillText(line, x, below);
    }
  }
}

/** Names of a fixed size, the best connected first; none lies over another. */
function paintNames(
  context: Context,
  scene: Scene,
  camera: Camera,
  { theme, ratio, isMoving }: Look,
  names: Names,
  boxes: readonly { readonly box: SceneBox; readonly number: number }[],
): void {
  const chosen =
    isMoving && names.scale === camera.scale
      ? boxes.filter(({ number }) => names.boxes.has(number))
      : roomFor(scene, camera, boxes);
  if (!isMoving) Object.assign(names, { scale: camera.scale, boxes: new Set(chosen.map(({ number }) => number)) });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `${LABEL_FONT}px ${FONT}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = theme.ground;
  context.fillStyle = theme.text;
  context.globalAlpha = 1;
  for (const { box } of chosen) {
    const { x, y } = camera.toScreen(box);
    const below = y + nameOffset(box, camera);
    context.strokeText(box.node.name, x, below);
    context.fillText(box.node.name, x, below);
  }
}

function nameOffset({ height }: SceneBox, { scale }: Camera): number {
  return (height * scale) / 2 + 8;
}

function roomFor(scene: Scene, camera: Camera, boxes: readonly { readonly box: SceneBox; readonly number: number }[]) {
  const taken = new Taken();
  const isFound = scene.foundBoxes.size > 0;
  const weight = ({ box, number }: { readonly box: SceneBox; readonly number: number }): number =>
    (scene.foundBoxes.has(number) || scene.litBoxes.has(number) ? 1e6 : 0) +
    (scene.degrees[number] ?? 0) +
    box.width / 1e4;
  return [...boxes]
    .filter(({ number }) => !isFound || scene.foundBoxes.has(number))
    .sort((one, other) => weight(other) - weight(one))
    .filter(({ box }) => {
      const at = camera.toScreen(box);
      const place = {
        x: at.x,
        y: at.y + nameOffset(box, camera),
        width: textWidth(box.node.name, LABEL_FONT) + 8,
        height: 15,
      };
      if (!taken.isFree(place)) return false;
      taken.add(place);
      return true;
    });
}
