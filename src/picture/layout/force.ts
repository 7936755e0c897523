/** Places a mesh by forces: edges pull, nodes push each other away (d3-force). It begins with the cheap placement. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force';
import { moveApart } from './apart.ts';
import { type Coordinates, pivotPlaces } from './pivots.ts';
import type { Shape } from './shape.ts';

/** Rounds for small networks, and for large ones where a round costs much. */
const ROUNDS = { small: 300, large: 120 };
const LARGE = 600;

interface Body {
  readonly index: number;
  x: number;
  y: number;
}

/** The length of an edge that leaves room for the boxes at its ends, in pixels. */
export function edgeLength({ sizes }: Shape): number {
  const mean = sizes.reduce((sum, { width, height }) => sum + (width + height) / 2, 0) / Math.max(sizes.length, 1);
  return mean * 1.5 + 40;
}

/**
 * The coordinates of a connected shape. `onRound` is told how things stand after some rounds, for who shows them meanwhile.
 */
export function forcePlaces(shape: Shape, onRound?: (places: Coordinates) => void): Coordinates {
  const length = edgeLength(shape);
  const { x, y } = pivotPlaces(shape, length);
  const bodies = shape.nodes.map((_, index): Body => ({ index, x: x[index] ?? 0, y: y[index] ?? 0 }));
  const simulation = forceSimulation<Body>(bodies)
    .stop()
    .alpha(0.7)
    .force(
      'push',
      forceManyBody<Body>()
        .strength(-length * 4)
        .theta(1)
        .distanceMax(length * 12),
    )
    .force(
      'pull',
      forceLink<Body, { source: number; target: number }>(
        shape.pairs.map(([source, target]) => ({ source, target })),
      ).distance(length),
    )
    .force('apart', forceCollide<Body>(({ index }) => radiusOf(shape, index)).strength(0.6))
    .force('x', forceX<Body>(0).strength(0.02))
    .force('y', forceY<Body>(0).strength(0.035));
  const rounds = bodies.length > LARGE ? ROUNDS.large : ROUNDS.small;
  simulation.alphaDecay(1 - 0.002 ** (1 / rounds));
  const take = (): Coordinates => ({
    x: Float64Array.from(bodies, (body) => body.x),
    y: Float64Array.from(bodies, (body) => body.y),
  });
  for (let round = 1; round <= rounds; round += 1) {
    simulation.tick();
    if (round % 10 === 0 && round < rounds) onRound?.(take());
  }
  const places = take();
  moveApart(places.x, places.y, shape.sizes);
  return places;
}

function radiusOf({ sizes }: Shape, node: number): number {
  const { width = 0, height = 0 } = sizes[node] ?? {};
  return (width + height) / 3 + 6;
}
