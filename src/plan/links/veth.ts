/**
 * A veth between a node and a bridge. Its two ends are in two namespaces, and are found by group, alias and peer index.
 */

import type { NsId } from '../../net/ns-id.ts';
import { keepSettingsByHand, settingsByHand } from '../../net/override.ts';
import type { VethLink } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';
import {
  blockForeign,
  blockMoved,
  type Context,
  deleteDevice,
  isDeleted,
  isKept,
  keep,
  verdict,
  verdictByCauses,
} from '../context.ts';
import { linkLocalWith } from '../ip/link-local.ts';
import { immediateRoutes } from '../ip/wanted.ts';
import type { Found } from '../observed.ts';
import { dropStaleRow, isOthersPort, rowIn } from '../ovs/port.ts';
import { blockAway, hasMark, isGoing, movedEnd, otherEnd } from '../refused/moved.ts';
import { externalPort, lackOfBridge } from '../switch/external.ts';
import { aliasOfLink } from '../switch/placement.ts';
import { attach, endPortTraffic, findPort, isPortMoved, lower, portDifferences, portMark } from './port.ts';
import { mendDevice, NO_SETTINGS } from './settings.ts';

/** Plans one veth between a node and a bridge. */
export function planVeth(context: Context, link: VethLink, bridge: string, switchNs: NsId): void {
  const end = context.observed.namespaces.get(link.node.ns)?.byName.get(link.dev);
  const alias = aliasOfLink(context.lab, link);
  if (end && end.group === context.groups.other) {
    const old = { ns: link.node.ns, link: end };
    if (!context.ownership.owns(old.ns, end)) return blockForeign(context, link, end);
    return recreate(context, link, bridge, switchNs, [old], `type ${end.kind} → ${link.spec.type}`);
  }
  if (end && end.group !== context.groups.nodeEnd) return blockForeign(context, link, end);
  const port = findPort(context, link, end, alias, switchNs);
  const lack = lackOfBridge(context, bridge);
  if (lack !== null) return waitForBridge(context, link, end, port, lack);
  if (!end && !port) return create(context, link, bridge, switchNs, 'create', 'missing');
  if (!end || !port) return planHalf(context, link, bridge, switchNs, end, port);
  if (isPortMoved(link, port)) {
    keep(context, link.node.ns, end.ifindex);
    keep(context, port.ns, port.link.ifindex);
    return blockMoved(context, link, `its port was renamed or moved: it is ${port.link.ifname} now`);
  }
  const why = mustRecreate(link, end, port, switchNs);
  if (why !== null) return recreate(context, link, bridge, switchNs, [port], why);
  adjust(context, link, bridge, end, port, portMark(link, alias));
}

/** Plans a link whose bridge does not exist. What there is of it stays, and is mended in the node. */
function waitForBridge(
  context: Context,
  link: VethLink,
  end: LinkDump | undefined,
  port: Found | null,
  lack: string,
): void {
  if (end) keep(context, link.node.ns, end.ifindex);
  if (port) keep(context, port.ns, port.link.ifindex);
  const causes = end && port ? mendDevice(context, link, end, null) : [];
  verdict(context, link, 'waits', [...causes, lack].join(', '));
}

/** Plans a link of which only one end has the right name and namespace. */
function planHalf(
  context: Context,
  link: VethLink,
  bridge: string,
  switchNs: NsId,
  end: LinkDump | undefined,
  port: Found | null,
): void {
  if (port) {
    const renamed = context.observed.namespaces.get(link.node.ns)?.byIndex.get(port.link.peerIndex);
    const isIt = renamed?.group === context.groups.nodeEnd && renamed.peerIndex === port.link.ifindex;
    const moved = renamed && isIt ? renamed : movedEnd(context, port, link.node.ns);
    const what = `${link.dev} was ${isIt ? 'renamed to' : 'renamed or moved: it is now'}`;
    if (moved) return blockAway(context, link, port, moved, what);
    return recreate(context, link, bridge, switchNs, [port], 'its node end is gone');
  }
  if (!end) return;
  const here = { ns: link.node.ns, link: end };
  const wasWhole = isOnce(context, end, switchNs);
  const moved = wasWhole ? movedEnd(context, here, switchNs) : null;
  if (moved) return blockAway(context, link, here, moved, 'its port was renamed or moved: it is now');
  const away = wasWhole ? otherEnd(context, here) : null;
  const alias = aliasOfLink(context.lab, link);
  const isMarked = away !== null && hasMark(away, alias);
  const mayGo = isMarked || (wasWhole && isGoing(context, here)) || context.ownership.owns(here.ns, end);
  if (!mayGo) return blockForeign(context, link, end);
  recreate(context, link, bridge, switchNs, [here], 'its port is gone or not of this lab');
}

/**
 * Whether an unmarked node end once belonged to a whole link. Otherwise its other end is a port in the switch namespace
 * that never got its mark.
 */
function isOnce(context: Context, end: LinkDump, switchNs: NsId): boolean {
  const other = context.observed.namespaces.get(switchNs)?.byIndex.get(end.peerIndex);
  const isUnmarked = end.alias === '' || settingsByHand(end.alias).size > 0;
  return isUnmarked && other?.peerIndex !== end.ifindex;
}

function mustRecreate(link: VethLink, end: LinkDump, port: Found, switchNs: NsId): string | null {
  if (port.ns !== switchNs) return 'its bridge is in another switch namespace now';
  if (link.outerDev !== null && port.link.ifname !== link.outerDev)
    return `outer-dev ${port.link.ifname} → ${link.outerDev}`;
  if (end.txQueues !== link.spec.queues) return `queues ${end.txQueues} → ${link.spec.queues}`;
  return null;
}

function adjust(context: Context, link: VethLink, bridge: string, end: LinkDump, port: Found, alias: string): void {
  keep(context, link.node.ns, end.ifindex);
  keep(context, port.ns, port.link.ifindex);
  dropStaleRow(context, port.ns, port.link.ifname, link.id, rowIn(context, bridge));
  const mark = context.overrides.isReset(link) ? alias : keepSettingsByHand(alias, port.link.alias);
  const portCauses = portDifferences(context, link, bridge, port, mark);
  portCauses.push(...endPortTraffic(context, link, port));
  const endCauses = mendDevice(context, link, end, null);
  if (portCauses.length > 0)
    context.draft.ops.push(attach(context, link, bridge, port.ns, port.link, portCauses.join(', '), mark, true));
  portCauses.push(...lower(context, link, port));
  verdictByCauses(context, link, [...endCauses, ...portCauses]);
}

function recreate(
  context: Context,
  link: VethLink,
  bridge: string,
  switchNs: NsId,
  old: readonly Found[],
  cause: string,
): void {
  dropStaleRow(context, switchNs, link.outerDev ?? link.dev, link.id, 'made anew');
  for (const found of old) {
    keep(context, found.ns, found.link.ifindex);
    deleteDevice(context, found, link.id, cause);
  }
  create(context, link, bridge, switchNs, 'recreate', cause);
}

function create(
  context: Context,
  link: VethLink,
  bridge: string,
  switchNs: NsId,
  kind: 'create' | 'recreate',
  cause: string,
): void {
  const { spec, node } = link;
  const outerDev = link.outerDev ?? link.dev;
  dropStaleRow(context, switchNs, outerDev, link.id, 'made anew');
  if (isOthersPort(context, bridge, switchNs, outerDev))
    return blockMoved(context, link, `the host’s Open vSwitch has a port ${outerDev} that is not this link’s`);
  const taken = context.observed.namespaces.get(switchNs)?.byName.get(outerDev);
  const old = taken && { ns: switchNs, link: taken };
  if (old && !isDeleted(context, old)) {
    const stray =
      taken.group === context.groups.port && !isKept(context, old) && context.ownership.owns(switchNs, taken);
    if (!stray)
      return blockMoved(context, link, `the switch side already has a device ${outerDev} that is not this link's`);
    keep(context, switchNs, taken.ifindex);
    deleteDevice(context, old, link.id, 'left over from another run');
  }
  const external = externalPort(context, link);
  const ofPort = external?.port ?? { mtuBytes: spec.mtuBytes, mac: null };
  context.draft.ops.push({
    op: 'link.add',
    ns: node.ns,
    link: link.id,
    cause,
    make: {
      type: 'veth',
      peer: { ns: switchNs, dev: outerDev, group: context.groups.port, ...ofPort, link: null },
    },
    dev: link.dev,
    ifindex: context.nextIndex(node.ns),
    settings: {
      ...NO_SETTINGS,
      mac: link.mac,
      mtuBytes: external === null ? spec.mtuBytes : external.mtuBytes,
      numbers: spec.numbers,
      up: spec.state === 'up',
      group: context.groups.nodeEnd,
      txChecksumOff: spec.txChecksumOff,
    },
    queues: spec.queues,
    addresses: link.addresses,
    ...linkLocalWith(link.addresses, link, false),
    routes: immediateRoutes(link),
  });
  context.draft.ops.push(
    attach(
      context,
      link,
      bridge,
      switchNs,
      undefined,
      cause,
      portMark(link, aliasOfLink(context.lab, link)),
      context.raiseSingly(switchNs),
    ),
  );
  verdict(context, link, kind, cause);
}
