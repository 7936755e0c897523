/** Moves boxes apart until none lies over another. */
import type { Size } from './shape.ts';

const GAP = 14;

/**
 * Moves the centres in place. Each round compares only boxes in neighbouring cells of a grid; it ends when nothing overlaps, or
 * after `rounds`.
 */
export function moveApart(x: Float64Array, y: Float64Array, sizes: readonly Size[], rounds = 60): void {
  const side = sizes.reduce((most, { width, height }) => Math.max(most, width, height), 1) + GAP;
  for (let round = 0; round < rounds; round += 1) {
    const cells = cellsOf(x, y, side);
    let moved = 0;
    for (let node = 0; node < x.length; node += 1) {
      for (const other of around(cells, columnOf(x, node, side), columnOf(y, node, side))) {
        if (other > node && push(x, y, sizes, node, other)) moved += 1;
      }
    }
    if (moved === 0) return;
  }
}

type Cells = ReadonlyMap<string, readonly number[]>;

function columnOf(axis: Float64Array, node: number, side: number): number {
  return Math.floor((axis[node] ?? 0) / side);
}

function cellsOf(x: Float64Array, y: Float64Array, side: number): Cells {
  const cells = new Map<string, number[]>();
  for (let node = 0; node < x.length; node += 1) {
    const key = `${columnOf(x, node, side)} ${columnOf(y, node, side)}`;
    const own = cells.get(key);
    if (own) own.push(node);
    else cells.set(key, [node]);
  }
  return cells;
}

function around(cells: Cells, column: number, row: number): readonly number[] {
  const near = [-1, 0, 1];
  return near.flatMap((dx) => near.flatMap((dy) => cells.get(`${column + dx} ${row + dy}`) ?? []));
}

/** Pushes two boxes apart along the axis on which they overlap least. Returns whether they did. */
function push(x: Float64Array, y: Float64Array, sizes: readonly Size[], one: number, other: number): boolean {
  const [a, b] = [sizes[one], sizes[other]];
  if (a === undefined || b === undefined) return false;
  const [dx, dy] = [(x[other] ?? 0) - (x[one] ?? 0), (y[other] ?? 0) - (y[one] ?? 0)];
  const overX = (a.width + b.width) / 2 + GAP - Math.abs(dx);
  const overY = (a.height + b.height) / 2 + GAP - Math.abs(dy);
  if (overX <= 0.01 || overY <= 0.01) return false;
  const axis = overX < overY ? x : y;
  const half = Math.min(overX, overY) / 2 + 0.05;
  const isAfter = (axis === x ? dx : dy) >= 0;
  axis[one] = (axis[one] ?? 0) + (isAfter ? -half : half);
  axis[other] = (axis[other] ?? 0) + (isAfter ? half : -half);
  return true;
}
