/** Places labels so that none lies over another, over a box, or across another's label. What finds no room is left out. */
import type { Point, Size } from './layout/shape.ts';

export interface Wish<T> extends Size {
  readonly of: T;
  /** Centres to try, the best first. */
  readonly places: readonly Point[];
}

export type PlacedLabel<T> = Size & Point & { readonly of: T };

interface Rectangle extends Point, Size {}

const CELL = 64;

/** Rectangles (by centre) that are taken, in the cells of a grid. */
export class Taken {
  readonly #cells = new Map<number, Rectangle[]>();

  add(rectangle: Rectangle): void {
    for (const cell of cellsOf(rectangle)) {
      const own = this.#cells.get(cell);
      if (own) own.push(rectangle);
      else this.#cells.set(cell, [rectangle]);
    }
  }

  isFree(rectangle: Rectangle): boolean {
    return cellsOf(rectangle).every((cell) =>
      (this.#cells.get(cell) ?? []).every((other) => areApart(rectangle, other)),
    );
  }
}

/** The labels that found room. The largest are placed first, as they fit in the fewest places. */
export function placeLabels<T>(wishes: readonly Wish<T>[], taken: Taken): readonly PlacedLabel<T>[] {
  const bySize = [...wishes].sort((one, other) => other.width * other.height - one.width * one.height);
  return bySize.flatMap(({ of, places, width, height }) => {
    const place = places.find((each) => taken.isFree({ ...each, width, height }));
    if (place === undefined) return [];
    const label = { of, width, height, x: place.x, y: place.y };
    taken.add(label);
    return [label];
  });
}

function cellsOf({ x, y, width, height }: Rectangle): readonly number[] {
  const cells: number[] = [];
  for (let column = Math.floor((x - width / 2) / CELL); column <= Math.floor((x + width / 2) / CELL); column += 1) {
    for (let row = Math.floor((y - height / 2) / CELL); row <= Math.floor((y + height / 2) / CELL); row += 1) {
      cells.push(column * 1_000_003 + row);
    }
  }
  return cells;
}

function areApart(one: Rectangle, other: Rectangle): boolean {
  return (
    Math.abs(one.x - other.x) * 2 >= one.width + other.width ||
    Math.abs(one.y - other.y) * 2 >= one.height + other.height
  );
}
