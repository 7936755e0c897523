/**
 * A cheap first placement: distances in steps to some pivots, projected on the two directions in which they differ most
 * (U. Brandes, C. Pich: Eigensolver methods for progressive multidimensional scaling of large data, 2007). Its cost is that of a
 * breadth-first search per pivot. Rings, grids and tori come out as what they are.
 */
import { type Shape, stepsFrom } from './shape.ts';

const MOST_PIVOTS = 50;
const ROUNDS = 60;

export interface Coordinates {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The coordinates of a connected shape's nodes. Neighbours are about `length` pixels apart. */
export function pivotPlaces(shape: Shape, length: number): Coordinates {
  const count = shape.nodes.length;
  const columns = centred(distances(shape), count);
  const first = direction(columns, null);
  const second = direction(columns, first);
  const x = projected(columns, first, count);
  const y = projected(columns, second, count);
  spread(x, y);
  scale(shape, x, y, length);
  return { x, y };
}

/** Squared steps from every node to each pivot; a pivot is as far as possible from those before it. */
function distances(shape: Shape): readonly Float64Array[] {
  const count = shape.nodes.length;
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const columns: Float64Array[] = [];
  let pivot = 0;
  for (let round = 0; round < Math.min(count, MOST_PIVOTS); round += 1) {
    const steps = stepsFrom(shape, [pivot]);
    columns.push(Float64Array.from(steps, (step) => step * step));
    let farthest = 0;
    for (let node = 0; node < count; node += 1) {
      nearest[node] = Math.min(nearest[node] ?? 0, steps[node] ?? 0);
      if ((nearest[node] ?? 0) > (nearest[farthest] ?? 0)) farthest = node;
    }
    pivot = farthest;
  }
  return columns;
}

/** The columns with the mean of their rows and of themselves taken off (double centring). */
function centred(columns: readonly Float64Array[], count: number): readonly Float64Array[] {
  const rows = new Float64Array(count);
  for (const column of columns) {
    for (let node = 0; node < count; node += 1) rows[node] = (rows[node] ?? 0) + (column[node] ?? 0) / columns.length;
  }
  const all = rows.reduce((sum, row) => sum + row / count, 0);
  return columns.map((column) => {
    const mean = column.reduce((sum, value) => sum + value / count, 0);
    return column.map((value, node) => -0.5 * (value - mean - (rows[node] ?? 0) + all));
  });
}

/** The direction of the greatest difference, by power iteration; across `other` if that is given. */
function direction(columns: readonly Float64Array[], other: Float64Array | null): Float64Array {
  const products = columns.map((one) => Float64Array.from(columns, (two) => dot(one, two)));
  let vector: Float64Array = Float64Array.from(
    columns,
    (_, at) => 1 + ((at * 7919) % 101) / 101 - (other ? at % 2 : 0),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    if (other) {
      const shadow = dot(vector, other);
      vector = vector.map((value, at) => value - shadow * (other[at] ?? 0));
    }
    const next = Float64Array.from(products, (row) => dot(row, vector));
    const norm = Math.sqrt(dot(next, next));
    if (norm < 1e-9) break;
    vector = next.map((value) => value / norm);
  }
  return vector;
}

function projected(columns: readonly Float64Array[], vector: Float64Array, count: number): Float64Array {
  const places = new Float64Array(count);
  for (const [at, column] of columns.entries()) {
    const weight = vector[at] ?? 0;
    for (let node = 0; node < count; node += 1) places[node] = (places[node] ?? 0) + weight * (column[node] ?? 0);
  }
  return places;
}

/** Nodes that came out in one place, or nearly, are moved apart along a spiral. */
function spread(x: Float64Array, y: Float64Array): void {
  const reach = Math.max(...[x, y].map((axis) => axis.reduce((most, at) => Math.max(most, Math.abs(at)), 0)), 1);
  for (let node = 0; node < x.length; node += 1) {
    const angle = node * 2.399963;
    const radius = reach * 0.06 * Math.sqrt((node + 1) / x.length);
    x[node] = (x[node] ?? 0) + radius * Math.cos(angle);
    y[node] = (y[node] ?? 0) + radius * Math.sin(angle);
  }
}

function scale({ pairs }: Shape, x: Float64Array, y: Float64Array, length: number): void {
  const total = pairs.reduce((sum, [one, other]) => {
    return sum + Math.hypot((x[one] ?? 0) - (x[other] ?? 0), (y[one] ?? 0) - (y[other] ?? 0));
  }, 0);
  const factor = total === 0 ? 1 : (length * pairs.length) / total;
  for (const axis of [x, y]) for (let node = 0; node < axis.length; node += 1) axis[node] = (axis[node] ?? 0) * factor;
}

function dot(one: Float64Array, other: Float64Array): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}
