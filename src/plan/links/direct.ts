/**
 * Links of mode `direct`: one veth straight between two nodes. Each end carries its own mark, and there is no switch
 * side.
 */

import { isPairedDevice } from '../../kinds/links/link-kinds.ts';
import { sameLab } from '../../net/mark.ts';
import type { VethLink } from '../../topology/topology.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { LinkDump } from '../../wire/seen.ts';
import {
  blockForeign,
  blockMoved,
  blockRefused,
  type Context,
  deleteDevice,
  keep,
  verdict,
  verdictByCauses,
} from '../context.ts';
import { linkLocalWith } from '../ip/link-local.ts';
import { immediateRoutes } from '../ip/wanted.ts';
import { lackOfOtherEnd } from '../pending/pending.ts';
import {
  blockAway,
  blockMarked,
  hasMark,
  isGoing,
  isNew,
  markedElsewhere,
  movedEnd,
  otherEnd,
} from '../refused/moved.ts';
import { aliasOfLink } from '../switch/placement.ts';
import { mendDevice, NO_SETTINGS } from './settings.ts';

interface End {
  readonly link: VethLink;
  readonly alias: string;
  readonly device: LinkDump | undefined;
}

function endOf(context: Context, link: VethLink): End {
  return {
    link,
    alias: aliasOfLink(context.lab, link),
    device: context.observed.namespaces.get(link.node.ns)?.byName.get(link.dev),
  };
}

/** Plans the veth between two nodes. The first link's end is the main device. */
export function planDirect(context: Context, a: VethLink, b: VethLink): void {
  const ends = [endOf(context, a), endOf(context, b)] as const;
  if (context.refused.has(a) || context.refused.has(b)) return refusePair(context, [a, b]);
  const [first, second] = ends;
  const foreign = ends.filter((end) => end.device && !isOurs(context, end, end === first ? second : first));
  if (foreign.length > 0) return blockPair(context, ends, foreign);
  if (first.device && second.device && isPair(first.device, second.device)) {
    const why = mustRecreate(first) ?? mustRecreate(second);
    if (why === null) return adjust(context, ends);
    return recreate(context, ends, why);
  }
  if (blockedAsMoved(context, first, second)) return;
  if (first.device || second.device) return recreate(context, ends, 'its other end is gone or another device');
  create(context, ends, 'create', 'missing');
}

/**
 * Whether an end is this lab's. It is if its mark proves it; if its other end, in a node that had this name before,
 * proves it; or if both ends belong together and are unmarked, because a set-up was cut off before the marks. An end
 * with the link's own mark that goes with its other end is nobody's loss either.
 */
function isOurs(context: Context, { link, alias, device }: End, other: End): boolean {
  if (device === undefined || context.ownership.owns(link.node.ns, device)) return true;
  const found = { ns: link.node.ns, link: device };
  const away = isNew(context, other.link.node.ns) ? otherEnd(context, found) : null;
  if (away !== null && hasMark(away, other.alias)) return true;
  const { nodeEnd } = context.groups;
  if (other.device !== undefined && isPair(device, other.device))
    return [device, other.device].every((end) => end.group === nodeEnd && end.alias === '');
  return device.group === nodeEnd && hasMark(device, alias) && isGoing(context, found);
}

/** Plans the first end of a wire whose other end does not exist yet. */
export function planLone(context: Context, link: VethLink): void {
  const { device } = endOf(context, link);
  const refusal = context.refused.get(link);
  if (refusal) return blockRefused(context, link, refusal);
  if (device && !sameLab(device.group, context.groups.nodeEnd)) return blockForeign(context, link, device);
  verdict(context, link, 'waits', lackOfOtherEnd(context.network, link.spec.bridge));
}

/** Blocks both ends of a wire because one of them can't be made. Devices that exist stay. */
function refusePair(context: Context, links: readonly [VethLink, VethLink]): void {
  const [a, b] = links;
  for (const [link, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const own = context.refused.get(link);
    const others = context.refused.get(other);
    if (own) blockRefused(context, link, own);
    else if (others)
      blockRefused(context, link, { ...others, message: `its other end ${other.id}: ${others.message}` });
  }
}

function blockPair(context: Context, ends: readonly [End, End], foreign: readonly End[]): void {
  for (const end of ends) {
    if (end.device && foreign.includes(end)) blockForeign(context, end.link, end.device);
    else verdict(context, end.link, 'blocked', 'its other end is in the way of a foreign device');
    if (end.device && !foreign.includes(end)) keep(context, end.link.node.ns, end.device.ifindex);
  }
}

/** Whether somebody renamed or moved an end of the wire. If so, both links are blocked and reported. */
function blockedAsMoved(context: Context, first: End, second: End): boolean {
  for (const [here, there] of [
    [first, second],
    [second, first],
  ] as const) {
    if (there.device) continue;
    if (here.device) {
      const found = { ns: here.link.node.ns, link: here.device };
      const away = movedEnd(context, found, there.link.node.ns);
      if (away === null || !hasMark(away, there.alias)) continue;
      blockAway(context, there.link, found, away, `${there.link.dev} was renamed or moved: it is now`);
      blockMoved(context, here.link, `its other end ${there.link.id} was renamed or moved`);
      return true;
    }
    const marked = isNew(context, there.link.node.ns) ? null : markedElsewhere(context, there.alias);
    if (marked === null) continue;
    blockMarked(context, there.link, marked);
    const other = markedElsewhere(context, here.alias);
    if (other) keep(context, other.ns, other.link.ifindex);
    blockMoved(context, here.link, `its other end ${there.link.id} was renamed or moved`);
    return true;
  }
  return false;
}

function isPair(a: LinkDump, b: LinkDump): boolean {
  return isPairedDevice(a) && isPairedDevice(b) && a.peerIndex === b.ifindex && b.peerIndex === a.ifindex;
}

function mustRecreate({ link, device }: End): string | null {
  return device && device.txQueues !== link.spec.queues ? `queues ${device.txQueues} → ${link.spec.queues}` : null;
}

function adjust(context: Context, ends: readonly End[]): void {
  for (const { link, alias, device } of ends) {
    if (!device) continue;
    keep(context, link.node.ns, device.ifindex);
    verdictByCauses(context, link, mendDevice(context, link, device, alias));
  }
}

function recreate(context: Context, ends: readonly [End, End], cause: string): void {
  for (const { link, device } of ends) {
    if (!device) continue;
    keep(context, link.node.ns, device.ifindex);
    deleteDevice(context, { ns: link.node.ns, link: device }, link.id, cause);
  }
  create(context, ends, 'recreate', cause);
}

function create(context: Context, [main, peer]: readonly [End, End], kind: 'create' | 'recreate', cause: string): void {
  const { nodeEnd } = context.groups;
  const common = { ...NO_SETTINGS, group: nodeEnd };
  const a = main.link;
  const b = peer.link;
  context.draft.ops.push({
    op: 'link.add',
    ns: a.node.ns,
    link: a.id,
    cause,
    make: {
      type: 'veth',
      peer: { ns: b.node.ns, dev: b.dev, group: nodeEnd, mtuBytes: b.spec.mtuBytes, mac: b.mac, link: b.id },
    },
    dev: a.dev,
    ifindex: context.nextIndex(a.node.ns),
    settings: {
      ...common,
      mac: a.mac,
      mtuBytes: a.spec.mtuBytes,
      numbers: a.spec.numbers,
      up: a.spec.state === 'up',
      alias: main.alias,
      txChecksumOff: a.spec.txChecksumOff,
    },
    queues: Math.max(a.spec.queues, b.spec.queues),
    addresses: a.addresses,
    ...linkLocalWith(a.addresses, a, false),
    routes: immediateRoutes(a),
  });
  // The peer can't be up at creation. It has its address and MTU already.
  context.draft.ops.push({
    op: 'link.set',
    ns: b.node.ns,
    link: b.id,
    cause,
    dev: b.dev,
    ifindex: MADE,
    settings: {
      ...NO_SETTINGS,
      up: b.spec.state === 'up',
      alias: peer.alias,
      numbers: b.spec.numbers,
      txChecksumOff: b.spec.txChecksumOff,
    },
    addAddresses: b.addresses,
    ...linkLocalWith(b.addresses, b, false),
    addRoutes: immediateRoutes(b),
    data: null,
  });
  verdict(context, a, kind, cause);
  verdict(context, b, kind, cause);
}
