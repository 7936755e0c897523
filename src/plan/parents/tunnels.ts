/** Tunnels. A tunnel's device is one more port of a bridge, and belongs to the lab, not to a node. */

import type { ErrorCode } from '../../errors.ts';
import { traitsOf } from '../../kinds/bridge-modes.ts';
import { tunnelDevice } from '../../kinds/tunnel-kinds.ts';
import { sameLab } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { servedSubject } from '../../subject.ts';
import { trunkDev, tunnelDev } from '../../topology/names.ts';
import { spokenPlace } from '../../topology/places.ts';
import type { TunnelSpec } from '../../topology/topology.ts';
import { remoteText } from '../../topology/tunnels.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { LinkDump } from '../../wire/seen.ts';
import { type Context, deleteDevice, isKept, keep } from '../context.ts';
import { dropStaleRow, isOvs, ovsPort, ovsPortDifferences, rowIn } from '../ovs/port.ts';
import { tunnelAlias } from '../switch/placement.ts';
import { joinWire, loosePortDifferences, masterOf } from '../traffic/wires.ts';
import { UNDERLAY } from './namespaces.ts';
import { planTrunks } from './trunks.ts';

/** A tunnel with its namespace and device name. */
interface Placed {
  readonly spec: TunnelSpec;
  readonly dev: string;
  readonly ns: NsId;
  readonly alias: string;
}

/** A tunnel's identity, which stands where links have `NODE:DEV`. */
export function tunnelId(spec: TunnelSpec): string {
  return `tunnel ${tunnelDev(spec)}`;
}

/** Plans all tunnels, after their bridges. A tunnel that can't be made is reported by name; the others go on. */
export function planTunnels(context: Context): void {
  planTrunks(context);
  for (const spec of context.network.tunnels) {
    const ns = context.placement.nsOfBridge.get(spec.bridge);
    if (ns === undefined) continue;
    if (spec.isInTrunk) {
      joinWire(context, spec.bridge, { id: tunnelId(spec), dev: trunkDev(context.lab, ns), trunk: spec });
      continue;
    }
    const dev = tunnelDev(spec);
    if (!joinWire(context, spec.bridge, { id: tunnelId(spec), dev })) continue;
    planTunnel(context, { spec, dev, ns, alias: tunnelAlias(context.lab, dev) });
  }
}

function planTunnel(context: Context, tunnel: Placed): void {
  const { ns, dev, alias, spec } = tunnel;
  const marked = context.observed.byAlias.get(alias);
  if (marked && marked.ns !== ns && !isKept(context, marked) && context.ownership.owns(marked.ns, marked.link)) {
    keep(context, marked.ns, marked.link.ifindex);
    deleteDevice(context, marked, tunnelId(spec), 'its bridge is in another namespace now');
  }
  const device = context.observed.namespaces.get(ns)?.byName.get(dev);
  if (!device) return create(context, tunnel, 'missing');
  if (device.group !== context.groups.port || (device.alias !== '' && !context.ownership.owns(ns, device))) {
    const message = `${spokenPlace(ns)} already has a device ${dev} that this lab did not make`;
    return fail(context, tunnel, 'E_FOREIGN_DEVICE', message, 'remove that device, or use another vni');
  }
  keep(context, ns, device.ifindex);
  const why = mustRecreate(tunnel, device);
  if (why !== null) {
    dropStaleRow(context, ns, dev, tunnelId(spec), 'made anew');
    deleteDevice(context, { ns, link: device }, tunnelId(spec), why);
    return create(context, tunnel, why);
  }
  dropStaleRow(context, ns, dev, tunnelId(spec), rowIn(context, spec.bridge));
  flood(context, tunnel, device, null);
  const causes = differences(context, tunnel, device);
  if (causes.length > 0) attach(context, tunnel, device, causes.join(', '));
}

/**
 * The difference that can't be changed on an existing tunnel, as a cause. The VNI needs no comparison, since the
 * device's name contains it. The rest can't be changed on every type of tunnel.
 */
function mustRecreate({ spec }: Placed, device: LinkDump): string | null {
  const { kind, dstPort: wantedPort } = deviceOf(spec);
  if (device.kind !== kind) return `type ${device.kind} → ${kind}`;
  const { vni, remote, dstPort, local } = device.tunnel ?? { vni: null, remote: '', dstPort: null };
  if (vni !== spec.vni) return `vni ${vni ?? 'none'} → ${spec.vni}`;
  const wanted = spec.flood === undefined ? spec.remote : '';
  if (remote !== wanted) return `remote ${remote || 'none'} → ${remoteText(spec)}`;
  if (spec.local !== undefined && spec.local !== local) return `local ${local ?? 'none'} → ${spec.local}`;
  return dstPort === wantedPort ? null : `port ${dstPort} → ${wantedPort}`;
}

function differences(context: Context, { spec, ns, dev, alias }: Placed, device: LinkDump): string[] {
  const { bridge } = spec;
  const causes = loosePortDifferences(context, bridge, ns, device, tunnelId(spec));
  if (isOvs(context, bridge)) causes.push(...ovsPortDifferences(context, bridge, ns, dev));
  if (traitsOf(context.bridges.get(bridge))?.isMaster && device.master !== context.bridgeIndex.get(bridge))
    causes.push(device.master === 0 ? `port not in bridge ${bridge}` : `port in another bridge than ${bridge}`);
  if (device.alias !== alias) causes.push('port not marked');
  if (!device.up) causes.push('port is down');
  return causes;
}

/** What the kernel must know of a tunnel, with its own port if it has one. */
function deviceOf(spec: TunnelSpec): ReturnType<typeof tunnelDevice> {
  const device = tunnelDevice(spec);
  return spec.port === undefined ? device : { ...device, dstPort: spec.port };
}

/** Adds the remote ends that a vxlan lacks, and removes those that it is not to have. `cause`: of a device that is made. */
function flood(context: Context, { spec, ns, dev }: Placed, device: LinkDump | undefined, cause: string | null): void {
  if (spec.flood === undefined) return;
  const wanted = new Set(spec.flood);
  const seen = new Set(device?.tunnel?.flood);
  const add = [...wanted].filter((remote) => !seen.has(remote));
  const del = [...seen].filter((remote) => !wanted.has(remote));
  if (add.length === 0 && del.length === 0) return;
  const said = [...add.map((remote) => `no remote ${remote}`), ...del.map((remote) => `remote ${remote}`)];
  context.draft.ops.push({
    ...{ op: 'tunnel.flood', ns, link: tunnelId(spec), cause: cause ?? said.join(', ') },
    ...{ dev, ifindex: device?.ifindex ?? MADE, add, del },
  });
}

function create(context: Context, tunnel: Placed, cause: string): void {
  const { spec, dev, ns } = tunnel;
  const { kind, dstPort } = deviceOf(spec);
  const holder = holderOf(context, spec);
  if (holder !== undefined) {
    const message = `VNI ${spec.vni} is taken by ${holder.ifname}, which this lab did not make`;
    return fail(context, tunnel, 'E_FOREIGN_DEVICE', message, 'use another vni on both ends, or remove that device');
  }
  context.draft.ops.push({
    op: 'tunnel.add',
    ns,
    link: tunnelId(spec),
    cause,
    type: spec.type,
    kind,
    dev,
    ifindex: ns === UNDERLAY ? context.nextIndex(ns) : context.nextIndex(ns, UNDERLAY),
    group: context.groups.port,
    vni: spec.vni,
    remote: spec.remote,
    isFlooding: spec.flood !== undefined,
    local: spec.local ?? null,
    dstPort,
    underlay: UNDERLAY,
  });
  flood(context, tunnel, undefined, cause);
  attach(context, tunnel, undefined, cause);
}

/**
 * A foreign device that holds the kind, VNI, port and address family of this tunnel, if a namespace's sockets serve
 * only one. Only the kernel knows of devices in namespaces that were not observed.
 */
function holderOf(context: Context, spec: TunnelSpec): LinkDump | undefined {
  const { kind, dstPort, isOnePerNumber } = deviceOf(spec);
  if (!isOnePerNumber) return undefined;
  let held = holders.get(context);
  if (held === undefined) {
    held = new Map();
    holders.set(context, held);
    for (const link of context.observed.namespaces.get(UNDERLAY)?.dump.links ?? []) {
      const isStranger = !sameLab(link.group, context.groups.port) || context.ownership.isOthers(link);
      if (link.tunnel !== null && isStranger) held.set(placeOf(link.kind, link.tunnel), link);
    }
  }
  return held.get(placeOf(kind, { ...spec, dstPort }));
}

/** For each plan, the foreign tunnels in the namespace that the lab's tunnels send from. */
const holders = new WeakMap<Context, Map<string, LinkDump>>();

function placeOf(kind: string, { vni, remote, dstPort }: NonNullable<LinkDump['tunnel']>): string {
  return `${kind} ${vni} ${dstPort} ${remote.includes(':') ? 6 : 4}`;
}

/**
 * Plans the tunnel's device as a port. It is raised by a message of its own, even where links' ports are raised by
 * group: a tunnel without a route to its remote fails when it is raised.
 */
function attach(context: Context, { spec, ns, dev, alias }: Placed, device: LinkDump | undefined, cause: string): void {
  const port = { ns, link: tunnelId(spec), cause, dev, alias, mtuBytes: null, raise: true };
  if (isOvs(context, spec.bridge)) {
    context.draft.ops.push(ovsPort(context, { ...port, bridge: spec.bridge }, device));
    return;
  }
  const master = masterOf(context, spec.bridge);
  context.draft.ops.push({ op: 'port.attach', ...port, ifindex: device?.ifindex ?? MADE, master });
}

function fail(context: Context, { spec }: Placed, code: ErrorCode, message: string, hint: string): void {
  context.draft.failures.push({ subject: servedSubject(tunnelId(spec)), code, message, hint });
}
