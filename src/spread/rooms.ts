/** Looks whether the nodes of each host find room there. */
import { type Diagnostic, diagnosticOf } from '../errors.ts';
import type { ContainerDefinition } from '../topology/nodes/definition.ts';
import type { Topology } from '../topology/topology.ts';
import type { Room } from './place.ts';
import { type HostName, isAt, type Whereabout } from './spread.ts';

const BYTES_PER_GIB = 2 ** 30;

/** Containers without `cpus` or `memory` count nothing: what they use is not known. At most two findings for a host. */
export function checkRooms(
  { nodes = [] }: Topology,
  where: Whereabout,
  rooms: ReadonlyMap<HostName, Room>,
): readonly Diagnostic[] {
  const containers = nodes.filter((node) => node.kind === 'container');
  return [...rooms.values()].flatMap((room) => {
    const here = containers.filter(({ name }) => isAt(where.ofNode({ kind: 'node', name }), room.name));
    return [
      ...checkRoom(room, here, 'cpus', 'processors', rounded),
      ...checkRoom(room, here, 'memoryBytes', 'GiB of memory', (bytes) => rounded(bytes / BYTES_PER_GIB)),
    ];
  });
}

function checkRoom(
  room: Room,
  here: readonly ContainerDefinition[],
  of: 'cpus' | 'memoryBytes',
  unit: string,
  text: (amount: number) => string,
): readonly Diagnostic[] {
  const has = room[of];
  const wanted = here.reduce((sum, node) => sum + (node[of] ?? 0), 0);
  if (has === null || wanted <= has) return [];
  const [largest] = here.toSorted((a, b) => (b[of] ?? 0) - (a[of] ?? 0));
  const message = `the nodes on the host ${room.name} may use ${text(wanted)} ${unit}, and it has ${text(has)}`;
  const hint = `place some of them elsewhere by \`on:\`; the largest is ${largest?.name}`;
  return [diagnosticOf('spread-room', message, { where: largest?.where(), hint })];
}

function rounded(amount: number): string {
  return String(Math.round(amount * 100) / 100);
}
