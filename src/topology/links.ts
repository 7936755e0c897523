/** Properties of a link that depend on its type. */
import type { Link, PlacedDevice } from './topology.ts';

/** NODE of its `NODE:DEV`. */
export function nodeLabelOf({ id, dev }: Pick<Link, 'id' | 'dev'>): string {
  return id.slice(0, id.length - dev.length - 1);
}

/** The name of the link's end on the switch side. null: the link has no such end. */
export function outerDevOf(link: Link): string | null {
  return 'outerDev' in link ? link.outerDev : null;
}

/** The device that is the parent of the link's device. null: there is none. */
export function placedParent(link: Link): PlacedDevice | null {
  return 'parent' in link ? link.parent : null;
}
