/** Places nodes where they are on the map; nodes without a position stand between their neighbours. */
import type { Position } from '../graph.ts';
import { BOXES } from '../picture.ts';
import { moveApart } from './apart.ts';
import { edgeLength } from './force.ts';
import type { Coordinates } from './pivots.ts';
import type { Point, Shape } from './shape.ts';

const ROUNDS = 50;

/** Whether at least half of the nodes that are no bridges have a position. */
export function isOnMap({ nodes }: Shape): boolean {
  const own = nodes.filter(({ kind }) => BOXES[kind].isPlace);
  return own.length > 0 && own.filter(({ position }) => position !== null).length * 2 >= own.length;
}

/** Equirectangular: a degree of longitude is as long as it is in the middle of the map. */
export function mapPlaces(shape: Shape): Coordinates {
  const { nodes, neighbours } = shape;
  const known = nodes.flatMap(({ position }) => (position === null ? [] : [flat(position)]));
  const west = known.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY);
  const east = known.reduce((most, { x }) => Math.max(most, x), Number.NEGATIVE_INFINITY);
  const top = known.reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY);
  const bottom = known.reduce((most, { y }) => Math.max(most, y), Number.NEGATIVE_INFINITY);
  const isEarth = nodes.some(({ position }) => position?.unit === 'degrees');
  const squeeze = isEarth ? Math.cos(((top + bottom) / 2) * (Math.PI / 180)) : 1;
  const reach = Math.max((east - west) * squeeze, bottom - top, 1e-6);
  const scale = (edgeLength(shape) * Math.sqrt(nodes.length) * 1.4) / reach;
  const x = Float64Array.from(nodes, ({ position }) =>
    position === null ? 0 : (flat(position).x - west) * squeeze * scale,
  );
  const y = Float64Array.from(nodes, ({ position }) => (position === null ? 0 : (flat(position).y - top) * scale));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [node, { position }] of nodes.entries()) {
      const around = neighbours[node] ?? [];
      if (position !== null || around.length === 0) continue;
      x[node] = around.reduce((sum, next) => sum + (x[next] ?? 0), 0) / around.length;
      y[node] = around.reduce((sum, next) => sum + (y[next] ?? 0), 0) / around.length + 1;
    }
  }
  moveApart(x, y, shape.sizes);
  return { x, y };
}

/** With y downwards. */
function flat({ x, y, unit }: Position): Point {
  return { x, y: unit === 'degrees' ? -y : y };
}
