/** Where entries of `nodes:` are, by their labels: of the pairs that are in use, the first that a node has. */
import type { Position } from '../../picture/graph.ts';
import type { Topology } from '../../topology/topology.ts';

/** Labels of x and y. `graph-…` are containerlab's (containerlab.dev/manual/topo-def-file). */
const PAIRS = [
  { x: 'lon', y: 'lat', unit: 'degrees' },
  { x: 'longitude', y: 'latitude', unit: 'degrees' },
  { x: 'Longitude', y: 'Latitude', unit: 'degrees' },
  { x: 'graph-geoCoordinateLng', y: 'graph-geoCoordinateLat', unit: 'degrees' },
  { x: 'x', y: 'y', unit: 'pixels' },
  { x: 'graph-posX', y: 'graph-posY', unit: 'pixels' },
] as const;

/** The positions of the entries that have one, by name. What is no number, or no place on earth, is none. */
export function positionsOf({ nodes = [] }: Topology): ReadonlyMap<string, Position> {
  return new Map(
    nodes.flatMap(({ name, labels }) => {
      const position = positionOf(labels);
      return position === null ? [] : [[name, position] as const];
    }),
  );
}

function positionOf(labels: Readonly<Record<string, string>>): Position | null {
  for (const pair of PAIRS) {
    const [x, y] = [labels[pair.x], labels[pair.y]].map((text) =>
      text === undefined || text.trim() === '' ? Number.NaN : Number(text),
    );
    if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (pair.unit === 'degrees' && (Math.abs(x) > 180 || Math.abs(y) > 90)) continue;
    return { x, y, unit: pair.unit };
  }
  return null;
}
