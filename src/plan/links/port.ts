/** The port of a veth: its end on the switch side, found by its mark and put into its bridge. */

import { traitsOf } from '../../kinds/bridge-modes.ts';
import { isPairedDevice } from '../../kinds/links/link-kinds.ts';
import { ALIAS_MAX_BYTES, bareMark, withWord, wordOf } from '../../net/mark.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import { overriddenOn, settingsByHand } from '../../net/override.ts';
import type { VethLink } from '../../topology/topology.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { OvsPort, PortAttach } from '../../wire/ops/switch.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';
import type { Found } from '../observed.ts';
import { isOvs, ovsPort, ovsPortDifferences } from '../ovs/port.ts';
import { isShard } from '../ownership.ts';
import { loosePortDifferences, masterOf } from '../traffic/wires.ts';
import { NO_MORE_BY_HAND, NO_SETTINGS } from './settings.ts';

/** The word in a port's mark that holds the port's configured name. Computed names are not noted. */
const OUTER = 'outer';

/** The mark of a link's port, which notes a name that the configuration gives it. */
export function portMark(link: VethLink, alias: string): string {
  if (link.spec.outerDev === null) return alias;
  const marked = withWord(alias, OUTER, encodeURIComponent(link.spec.outerDev));
  return marked.length <= ALIAS_MAX_BYTES ? marked : alias;
}

/**
 * Whether somebody renamed the port. A name that differs from the wanted one can also come from an earlier
 * configuration.
 */
export function isPortMoved(link: VethLink, { link: port }: Found): boolean {
  if (port.ifname === link.outerDev) return false;
  const given = wordOf(port.alias, OUTER);
  return given === null ? link.spec.outerDev === null : given !== encodeURIComponent(port.ifname);
}

/**
 * The port of a link, found by its mark. After a set-up that was cut off the port has no mark; then it is found by its
 * name, if it is the other end of the node end.
 */
export function findPort(
  context: Context,
  link: VethLink,
  end: LinkDump | undefined,
  alias: string,
  switchNs: NsId,
): Found | null {
  const marked = context.observed.byAlias.get(alias);
  if (marked && isPairedDevice(marked.link) && isSwitchSide(context, marked.ns))
    return isPair(end, marked.link) ? marked : null;
  const byName = context.observed.namespaces.get(switchNs)?.byName.get(link.outerDev ?? '');
  if (!byName || byName.group !== context.groups.port || byName.alias !== '' || !isPair(end, byName)) return null;
  return { ns: switchNs, link: byName };
}

/** Whether nobody but linkloom acts in a namespace. Only there does the alias on a port prove whose the port is. */
function isSwitchSide(context: Context, ns: NsId): boolean {
  const dump = context.observed.namespaces.get(ns)?.dump;
  return ns === OWN_NS || ns === context.placement.externalNs || (dump !== undefined && isShard(context.lab, dump));
}

/** Whether two veth devices can be the ends of one pair. If the node end is missing, the port's mark decides. */
function isPair(end: LinkDump | undefined, port: LinkDump): boolean {
  return end === undefined || (end.peerIndex === port.ifindex && port.peerIndex === end.ifindex);
}

/** What of a port is not as it is to be, as causes. A redirection that is no longer wanted is removed. */
export function portDifferences(
  context: Context,
  link: VethLink,
  bridge: string,
  { ns, link: port }: Found,
  alias: string,
): string[] {
  const causes = loosePortDifferences(context, bridge, ns, port, link.id);
  if (isOvs(context, bridge)) causes.push(...ovsPortDifferences(context, bridge, ns, port.ifname));
  if (traitsOf(context.bridges.get(bridge))?.isMaster && port.master !== context.bridgeIndex.get(bridge))
    causes.push(port.master === 0 ? `port not in bridge ${bridge}` : `port in another bridge than ${bridge}`);
  const set = context.overrides.of(link, port);
  if (port.alias !== alias) {
    const wasByHand = bareMark(port.alias) === bareMark(alias) && settingsByHand(port.alias).size > 0;
    causes.push(wasByHand ? `port ${NO_MORE_BY_HAND}` : 'port not marked');
  }
  if (!set.state && !port.up && !link.spec.isCutOff) causes.push('port is down');
  // That of a port on a bridge of others is left to them.
  const isExternal = context.bridges.get(bridge)?.isExternal === true;
  if (!isExternal && !set.mtu && link.spec.mtuBytes !== null && port.mtuBytes !== link.spec.mtuBytes)
    causes.push(`port mtu ${port.mtuBytes} → ${link.spec.mtuBytes}`);
  return causes;
}

/** The cause of lowering a port: the node sees that nothing is at the other end. */
const CUT_OFF = 'the host at the other end is lost';

/** Lowers the port of a wire whose other host is lost. Returns the cause. */
export function lower(context: Context, link: VethLink, { ns, link: port }: Found): readonly string[] {
  if (!link.spec.isCutOff || !port.up || context.overrides.of(link, port).state) return [];
  const { ifname: dev, ifindex } = port;
  context.draft.ops.push({
    ...{ op: 'link.set', ns, link: link.id, cause: CUT_OFF, dev, ifindex },
    ...{ settings: { ...NO_SETTINGS, up: false }, addAddresses: [], addRoutes: [], data: null },
  });
  return [CUT_OFF];
}

/** Ends the impairment of a port, which only ever is set by hand, if it is to be reset. Returns the cause. */
export function endPortTraffic(context: Context, link: VethLink, { ns, link: port }: Found): readonly string[] {
  const handle = port.netem?.handle ?? port.tbf?.handle ?? null;
  if (handle === null || !overriddenOn(port).traffic || !context.overrides.isReset(link)) return [];
  const cause = 'port impaired by hand';
  const nothing = { netem: null, by: 'hand', undo: false, stacked: false } as const;
  const { ifname: dev, ifindex } = port;
  context.draft.ops.push({ op: 'qdisc.netem', ns, link: link.id, cause, dev, ifindex, handle, ...nothing });
  return [cause];
}

/** The op that puts a port into its bridge. `device`: the observed device. undefined: this run makes it. */
export function attach(
  context: Context,
  link: VethLink,
  bridge: string,
  ns: NsId,
  device: LinkDump | undefined,
  cause: string,
  alias: string,
  raise: boolean,
): PortAttach | OvsPort {
  const set = device && context.overrides.of(link, device);
  const keepsMtu = device === undefined || set?.mtu || context.bridges.get(bridge)?.isExternal;
  const mtuBytes = keepsMtu ? null : link.spec.mtuBytes;
  // One that is made now is lowered by the next pass.
  const isRaised = raise && !set?.state && !(device && link.spec.isCutOff);
  const port = { ns, link: link.id, cause, dev: link.outerDev ?? link.dev, alias, mtuBytes, raise: isRaised };
  if (isOvs(context, bridge)) return ovsPort(context, { ...port, bridge }, device);
  return { op: 'port.attach', ...port, ifindex: device?.ifindex ?? MADE, master: masterOf(context, bridge) };
}
