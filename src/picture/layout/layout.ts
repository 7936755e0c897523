/** Places a picture by the layout that suits its shape, or by the one that is asked for. */
import type { Picture, PictureNode } from '../picture.ts';
import { edgeLength, forcePlaces } from './force.ts';
import { isOnMap, mapPlaces } from './geographic.ts';
import { layeredPlaces } from './layered.ts';
import type { LayoutName } from './names.ts';
import { type Coordinates, pivotPlaces } from './pivots.ts';
import { type Part, type Placed, type Point, pairKey, partsOf, type Shape, type Size, shapeOf } from './shape.ts';
import { tiersOf } from './tiers.ts';

const PART_GAP = 70;

type Sure = Exclude<LayoutName, 'auto'>;

/** How `auto` places a picture: on the map where nodes have positions, in tiers what has them, by forces all else. */
export function suitingLayout(picture: Picture, sizeOf: (node: PictureNode) => Size): Sure {
  const shape = shapeOf(picture, sizeOf);
  return isOnMap(shape) ? 'geographic' : partLayout(partsOf(shape)[0]?.shape ?? shape);
}

function partLayout(part: Shape): Sure {
  return part.nodes.length > 0 && tiersOf(part).fits ? 'layered' : 'force';
}

/**
 * Places all of a picture. `geographic` without any position is `auto`. With `isCheap`, what forces would place is placed as they
 * begin, in a time that grows with the edges only; `onRound` is told how forces stand meanwhile.
 */
export function placesOf(
  picture: Picture,
  sizeOf: (node: PictureNode) => Size,
  layout: LayoutName,
  { isCheap = false, onRound }: { readonly isCheap?: boolean; readonly onRound?: (placed: Placed) => void } = {},
): Placed {
  const shape = shapeOf(picture, sizeOf);
  const isMapped = shape.nodes.some(({ position }) => position !== null);
  if (isMapped && (layout === 'geographic' || (layout === 'auto' && isOnMap(shape)))) return straight(mapPlaces(shape));
  const parts = partsOf(shape);
  const plans = parts.map(({ shape: part }) =>
    layout === 'layered' || layout === 'force' ? layout : partLayout(part),
  );
  const done = parts.map(({ shape: part }, at) =>
    plans[at] === 'layered' ? layeredPlaces(part) : straight(pivotPlaces(part, edgeLength(part))),
  );
  for (const [at, { shape: part }] of parts.entries()) {
    if (plans[at] !== 'force' || isCheap) continue;
    const tell = (places: Coordinates): void => onRound?.(packed(shape, parts, done.with(at, straight(places))));
    done[at] = straight(forcePlaces(part, onRound && tell));
  }
  return packed(shape, parts, done);
}

/** Whether forces would refine the placement that `isCheap` gives. */
export function isRefinable(picture: Picture, sizeOf: (node: PictureNode) => Size, layout: LayoutName): boolean {
  if (layout !== 'auto') return layout === 'force';
  return suitingLayout(picture, sizeOf) === 'force';
}

function straight({ x, y }: Coordinates): Placed {
  return { x, y, bends: new Map() };
}

/** Puts the parts beside each other in rows, the largest first. The top left corner of all is 0, 0. */
function packed(shape: Shape, parts: readonly Part[], done: readonly Placed[]): Placed {
  const x = new Float64Array(shape.nodes.length);
  const y = new Float64Array(shape.nodes.length);
  const bends = new Map<string, readonly Point[]>();
  const bounds = parts.map(({ shape: part }, at) => boundsOf(part, done[at]));
  const area = bounds.reduce((sum, { width, height }) => sum + (width + PART_GAP) * (height + PART_GAP), 0);
  const row = Math.max(bounds[0]?.width ?? 0, Math.sqrt(area) * 1.5);
  let [left, top, lowest] = [0, 0, 0];
  for (const [at, { numbers }] of parts.entries()) {
    const { width, height, ...corner } = bounds[at] ?? { x: 0, y: 0, width: 0, height: 0 };
    if (left > 0 && left + width > row) [left, top, lowest] = [0, top + lowest + PART_GAP, 0];
    const [dx, dy] = [left - corner.x, top - corner.y];
    const own = done[at];
    for (const [inner, number] of numbers.entries()) {
      x[number] = (own?.x[inner] ?? 0) + dx;
      y[number] = (own?.y[inner] ?? 0) + dy;
    }
    for (const [key, points] of own?.bends ?? []) {
      const [one = 0, other = 0] = key.split(' ').map((inner) => numbers[Number(inner)] ?? 0);
      bends.set(
        pairKey(one, other),
        points.map((point) => ({ x: point.x + dx, y: point.y + dy })),
      );
    }
    left += width + PART_GAP;
    lowest = Math.max(lowest, height);
  }
  return { x, y, bends };
}

function boundsOf({ sizes }: Shape, placed: Placed | undefined): Point & Size {
  let [west, north, east, south] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -Infinity, -Infinity];
  for (const [node, { width, height }] of sizes.entries()) {
    const [x, y] = [placed?.x[node] ?? 0, placed?.y[node] ?? 0];
    west = Math.min(west, x - width / 2);
    east = Math.max(east, x + width / 2);
    north = Math.min(north, y - height / 2);
    south = Math.max(south, y + height / 2);
  }
  return sizes.length === 0
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: west, y: north, width: east - west, height: south - north };
}
