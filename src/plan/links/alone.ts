/**
 * Links with a single device and no other end. Some are child devices of a parent. The device carries the link's mark.
 */

import { followsParent, isPairedDevice, linkKind, stackedData } from '../../kinds/links/link-kinds.ts';
import { sameLab } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { linkSubject } from '../../subject.ts';
import { placedParent } from '../../topology/links.ts';
import type { DummyLink, StackedLink } from '../../topology/topology.ts';
import type { LinkMake } from '../../wire/make.ts';
import type { LinkDump } from '../../wire/seen.ts';
import { blockForeign, type Context, deleteDevice, keep, verdict, verdictByCauses } from '../context.ts';
import { linkLocalWith } from '../ip/link-local.ts';
import { immediateRoutes } from '../ip/wanted.ts';
import { type Below, type Footing, footingOf } from '../parents/parent.ts';
import { blockMarked, markedElsewhere } from '../refused/moved.ts';
import { aliasOfLink } from '../switch/placement.ts';
import { mendDevice, NO_SETTINGS } from './settings.ts';

/** A link whose only device is in its node. */
export type LoneLink = DummyLink | StackedLink;

/** Plans one device. `below`: the link that makes its parent. null: no link of the network does. */
export function planAlone(context: Context, link: LoneLink, below: Below | null): void {
  const { ns } = link.node;
  const device = context.observed.namespaces.get(ns)?.byName.get(link.dev);
  const alias = aliasOfLink(context.lab, link);
  if (device && !isOurs(context, ns, device)) return blockForeign(context, link, device);
  if (device) keep(context, ns, device.ifindex);
  const footing = footingOf(context, link, below);
  if (footing.kind === 'unfit') {
    const { code, message, hint } = footing;
    context.draft.failures.push({ subject: linkSubject(link.id), code, message, hint });
    return verdict(context, link, 'blocked', 'its parent does not carry it');
  }
  if (footing.kind === 'waits') return verdict(context, link, 'waits', `waits for its parent ${below?.link.id}`);
  if (!device) {
    const elsewhere = markedElsewhere(context, alias);
    if (elsewhere) return blockMarked(context, link, elsewhere);
    return create(context, link, alias, 'create', 'missing');
  }
  const why = mustRecreate(link, device, footing);
  if (why !== null) {
    if (!context.ownership.owns(ns, device)) return blockForeign(context, link, device);
    // If the device was an end of a veth and is to be of another type, its port goes with it.
    const port = context.observed.byAlias.get(alias);
    if (port) keep(context, port.ns, port.link.ifindex);
    deleteDevice(context, { ns, link: device }, link.id, why);
    return create(context, link, alias, 'recreate', why);
  }
  const comesUp = followsParent(device) && footing.kind === 'there' && footing.isRaised;
  const seen = comesUp && link.spec.state === 'down' ? { ...device, up: true } : device;
  verdictByCauses(context, link, mendDevice(context, link, seen, alias));
}

/**
 * Whether a device is this lab's: proved so, or made by a set-up that was cut off before the mark. Such a device has
 * the lab's group number, no other end, and this link's name.
 */
function isOurs(context: Context, ns: NsId, device: LinkDump): boolean {
  if (!sameLab(device.group, context.groups.other)) return false;
  return (device.alias === '' && !isPairedDevice(device)) || context.ownership.owns(ns, device);
}

/** The difference that the kernel can't change on an existing device, as a cause. null: there is none. */
function mustRecreate(link: LoneLink, device: LinkDump, footing: Footing): string | null {
  const { type } = link.spec;
  if (device.kind !== type) return `type ${device.kind} → ${type}`;
  if (footing.kind === 'made') return 'its parent is made anew';
  if (footing.kind === 'there') {
    const parent = placedParent(link);
    const isElsewhere = device.peerNsid !== -1 && parent?.ns === link.node.ns;
    if (isElsewhere || device.peerIndex !== footing.device.ifindex) {
      const old = isElsewhere ? 'in another namespace' : footing.name(device.peerIndex);
      return `parent ${old} → ${parent?.dev}`;
    }
  }
  return linkKind(type).whyAnew(link.spec, device);
}

function makeOf(link: LoneLink): LinkMake {
  return 'parent' in link ? { ...stackedData(link.spec), parent: link.parent } : { type: link.spec.type };
}

function create(context: Context, link: LoneLink, alias: string, kind: 'create' | 'recreate', cause: string): void {
  const { spec, node } = link;
  const parent = placedParent(link);
  context.draft.ops.push({
    op: 'link.add',
    ns: node.ns,
    link: link.id,
    cause,
    make: makeOf(link),
    dev: link.dev,
    ifindex: parent === null ? context.nextIndex(node.ns) : context.nextIndex(node.ns, parent.ns),
    settings: {
      ...NO_SETTINGS,
      mac: link.mac,
      mtuBytes: spec.mtuBytes,
      numbers: spec.numbers,
      up: spec.state === 'up',
      alias,
      group: context.groups.other,
    },
    queues: spec.queues,
    addresses: link.addresses,
    ...linkLocalWith(link.addresses, link, true),
    routes: immediateRoutes(link),
  });
  verdict(context, link, kind, cause);
}
