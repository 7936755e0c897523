/** Devices of the lab that somebody renamed or moved. They are reported, stay as they are, and are not made anew. */

import { ROLE } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { spokenPlaces } from '../../topology/places.ts';
import type { Link } from '../../topology/topology.ts';
import type { FarEnd } from '../../wire/seen.ts';
import { blockMoved, type Context, keep } from '../context.ts';
import type { Found } from '../observed.ts';

/**
 * The other end of a veth, in whichever namespace it is; both ends of a veth are deleted together. null: its namespace
 * is being dismantled, or it was not looked for yet, which is noted as a doubt.
 */
export function otherEnd(context: Context, { ns, link }: Found): FarEnd | null {
  const end = context.observed.namespaces.get(ns)?.farEndOf(link.ifindex);
  if (end !== undefined) return end;
  const { farEnds } = context.draft.doubts;
  const doubted = farEnds.get(ns) ?? new Set();
  farEnds.set(ns, doubted.add(link.ifindex));
  return null;
}

/**
 * Whether the other end of a veth is in no living namespace: the kernel is dismantling that end, and removes both. It
 * does so when it gets round to it, which can be seconds after the namespace has lost its name.
 */
export function isGoing(context: Context, found: Found): boolean {
  otherEnd(context, found);
  return context.observed.namespaces.get(found.ns)?.farEndOf(found.link.ifindex) === null;
}

/** Whether a device has a mark, with or without words about what was set by hand. */
export function hasMark({ alias }: Pick<FarEnd, 'alias'>, mark: string): boolean {
  return alias === mark || alias.startsWith(`${mark} `);
}

/** Whether a namespace is to be made anew. */
export function isNew(context: Context, ns: NsId): boolean {
  return !context.observed.namespaces.has(ns);
}

/**
 * The other end of `here`, if somebody renamed it, or moved it out of its namespace `home`. null: the link is made anew, since that
 * end is gone, or `home` is new: a process may keep the previous one alive without a name, and a device in it was not moved.
 */
export function movedEnd(context: Context, here: Found, home: NsId): FarEnd | null {
  return isNew(context, home) ? null : otherEnd(context, here);
}

/**
 * Blocks a link of which one end is where it should be and the other is not. Neither end is touched. The message is
 * `what`, followed by the other end's name.
 */
export function blockAway(context: Context, link: Link, here: Found, away: FarEnd, what: string): void {
  keep(context, here.ns, here.link.ifindex);
  for (const [ns, { byName }] of context.observed.namespaces) {
    const device = byName.get(away.ifname);
    const isIt = device?.ifindex === here.link.peerIndex && device.peerIndex === here.link.ifindex;
    if (device && isIt) keep(context, ns, device.ifindex);
  }
  blockMoved(context, link, `${what} ${away.ifname}`);
}

/** A device that carries the link's mark in another place or under another name. null: there is none. */
export function markedElsewhere(context: Context, alias: string): Found | null {
  const found = context.observed.byAlias.get(alias);
  const role = found && found.link.group & 3;
  return found && (role === ROLE.nodeEnd || role === ROLE.other) ? found : null;
}

/** Blocks a link because `found` carries its mark. */
export function blockMarked(context: Context, link: Link, found: Found): void {
  keep(context, found.ns, found.link.ifindex);
  blockMoved(
    context,
    link,
    `${link.dev} was renamed or moved: it is ${found.link.ifname} in ${spokenPlaces(context.network.nodes)(found.ns)} now`,
  );
}
