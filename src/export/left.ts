/** Notes what of nodes and links a format does not have. Both ask for the keys that it has: all others are left out. */
import { type Entry, spanOf } from '../config/config.ts';
import type { Notes } from '../config/import/notes.ts';
import type { NodeConfig } from '../config/nodes/schema.ts';
import { WIRE_MODE } from '../kinds/bridge-modes.ts';
import { type End, endName, type Lab, type Tie } from './lab.ts';

/** Keys that say which device it is, not how it is. */
const OF_IDENTITY = new Set(['service', 'container', 'netns', 'node', 'host', 'dev', 'bridge', 'type', 'outer-dev']);

export function leaveLink(notes: Notes<'export'>, end: End, has: ReadonlySet<string>): void {
  for (const [key, value] of Object.entries(end.link)) {
    if (value === undefined || has.has(key) || OF_IDENTITY.has(key)) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    notes.leftOut(`${key} of ${endName(end)}`, () => end.place(key));
  }
}

export function leaveNode(
  notes: Notes<'export'>,
  name: string,
  node: Entry<NodeConfig>,
  has: ReadonlySet<string>,
): void {
  for (const [key, value] of Object.entries(node.value)) {
    if (value === undefined || value === null || has.has(key)) continue;
    notes.leftOut(`${key} of ${name}`, () => spanOf(node, key));
  }
}

/** What a format has of a tie's mode is that frames go from end to end. `direct` is all of that; of others it is told. */
export function leaveMode(notes: Notes<'export'>, { mode, ends, place }: Tie): void {
  if (mode === WIRE_MODE) return;
  const [a, b] = ends;
  notes.leftOut(`the mode ${mode} of what ties ${endName(a)} and ${endName(b)}`, () => place('mode'));
}

/** Notes the keys of bridges that no other format has. */
export function leaveBridges(notes: Notes<'export'>, { lans }: Lab): void {
  for (const { name, config, place } of lans) {
    for (const key of ['datapath', 'mcast-snooping'] as const) {
      if (config[key] !== undefined) notes.leftOut(`${key} of the bridge ${name}`, () => place(key));
    }
  }
}
