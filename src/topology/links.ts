/** Properties of a link that depend on its type. */
import type { Link, LinkSpec, PlacedDevice } from './topology.ts';

/** NODE of its `NODE:DEV`. */
export function nodeLabelOf({ id, dev }: Pick<Link, 'id' | 'dev'>): string {
  return id.slice(0, id.length - dev.length - 1);
}

/** What people may call a link: its node by its label, by its own name, and as a service, each also with the kind before it. */
export function namesOfLink(link: Link): readonly string[] {
  const { kind, name, service } = link.node;
  const label = nodeLabelOf(link);
  const named = [`${kind}/${name}`, ...(service === null ? [] : [service, `service/${service}`])];
  const nodes = new Set([label, name, `node/${label}`, ...named]);
  return [...nodes].map((node) => `${node}:${link.dev}`);
}

/** The same of a link whose node does not run. */
export function namesOfPending({ kind, name }: LinkSpec['selector'], dev: string): readonly string[] {
  return [`${name}:${dev}`, `${kind}/${name}:${dev}`];
}

/** The name of the link's end on the switch side. null: the link has no such end. */
export function outerDevOf(link: Link): string | null {
  return 'outerDev' in link ? link.outerDev : null;
}

/** The device that is the parent of the link's device. null: there is none. */
export function placedParent(link: Link): PlacedDevice | null {
  return 'parent' in link ? link.parent : null;
}
