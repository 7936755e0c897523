/**
 * Trunks. All wires from one switch namespace to other hosts go through one device there, the trunk, whose program knows the VNI and the
 * host of each. The wires themselves are planned in `traffic/trunk-wires.ts`.
 */

import type { ErrorCode } from '../../errors.ts';
import { TRUNK_PORT } from '../../kinds/tunnel-kinds.ts';
import type { NsId } from '../../net/ns-id.ts';
import { servedSubject } from '../../subject.ts';
import { trunkDev } from '../../topology/names.ts';
import { spokenPlace } from '../../topology/places.ts';
import type { LinkDump } from '../../wire/seen.ts';
import { TRUNK_PROGRAM } from '../../wire/trunk.ts';
import { type Context, deleteDevice, keep } from '../context.ts';
import { tunnelAlias } from '../switch/placement.ts';
import { UNDERLAY } from './namespaces.ts';

/** A trunk's identity, which stands where links have `NODE:DEV`. */
export function trunkId(dev: string): string {
  return `tunnel ${dev}`;
}

/** The most wires of a trunk: memory is taken for the table, not for the wires. A switch namespace of ours has 256 ports, if no bridge has more. */
const WIRES_MAX = { shard: 4096, own: 65_536 } as const;

/** Plans the trunk of each switch namespace that has wires to other hosts. */
export function planTrunks(context: Context): void {
  const { tunnels } = context.network;
  const places = tunnels.map(({ bridge, isInTrunk }) =>
    isInTrunk ? context.placement.nsOfBridge.get(bridge) : undefined,
  );
  for (const ns of new Set(places)) if (ns !== undefined) planTrunk(context, ns, trunkDev(context.lab, ns));
}

function planTrunk(context: Context, ns: NsId, dev: string): void {
  const device = context.observed.namespaces.get(ns)?.byName.get(dev);
  if (!device) return create(context, ns, dev, 'missing');
  if (device.group !== context.groups.port || (device.alias !== '' && !context.ownership.owns(ns, device))) {
    const message = `${spokenPlace(ns)} already has a device ${dev} that this lab did not make`;
    return fail(context, dev, 'E_FOREIGN_DEVICE', message, 'remove that device');
  }
  keep(context, ns, device.ifindex);
  const why = mustRecreate(device);
  if (why !== null) {
    deleteDevice(context, { ns, link: device }, trunkId(dev), why);
    return create(context, ns, dev, why);
  }
  const alias = tunnelAlias(context.lab, dev);
  const causes = [
    ...(device.alias === alias ? [] : ['port not marked']),
    ...(device.up ? [] : ['port is down']),
    ...(device.master === 0 ? [] : ['port in a bridge, not a trunk']),
  ];
  if (causes.length === 0) return;
  context.draft.ops.push({
    ...{ op: 'port.attach', ns, link: trunkId(dev), cause: causes.join(', '), dev, ifindex: device.ifindex, alias },
    ...{ mtuBytes: null, raise: true, master: null },
  });
}

/** The difference that can't be changed on an existing trunk, as a cause. */
function mustRecreate({ kind, tunnel, trunk, master }: LinkDump): string | null {
  if (!tunnel?.isExternal || tunnel.vnis === undefined) return `type ${kind} → trunk`;
  if (tunnel.dstPort !== TRUNK_PORT) return `port ${tunnel.dstPort} → ${TRUNK_PORT}`;
  if (trunk?.program?.name === TRUNK_PROGRAM) return null;
  // Filters of a device in a bridge are not looked at: first it leaves the bridge.
  if (master !== 0) return 'port in a bridge, not a trunk';
  return trunk?.program ? 'its program is another one' : 'its program is gone';
}

function create(context: Context, ns: NsId, dev: string, cause: string): void {
  const isShard = context.placement.shards.some((shard) => shard === ns);
  context.draft.ops.push({
    ...{ op: 'trunk.add', ns, link: trunkId(dev), cause, dev },
    ifindex: ns === UNDERLAY ? context.nextIndex(ns) : context.nextIndex(ns, UNDERLAY),
    ...{ group: context.groups.port, alias: tunnelAlias(context.lab, dev), dstPort: TRUNK_PORT },
    ...{ wiresMax: isShard ? WIRES_MAX.shard : WIRES_MAX.own, underlay: UNDERLAY },
  });
}

function fail(context: Context, dev: string, code: ErrorCode, message: string, hint: string): void {
  context.draft.failures.push({ subject: servedSubject(trunkId(dev)), code, message, hint });
}
