/** Questions to a link of one node that depend on its kind. */
import type { Link, PlacedDevice } from './topology.ts';

/** Name of its end on the switch side; null: it has no such end. */
export function outerDevOf(link: Link): string | null {
  return 'outerDev' in link ? link.outerDev : null;
}

/** The device that it is made on; null: none. */
export function placedParent(link: Link): PlacedDevice | null {
  return 'parent' in link ? link.parent : null;
}
