/**
 * Decides where bridges and ports are: in linkloom's own namespace (inside a container), or in switch namespaces named
 * after the lab. A large lab has several switch namespaces, called shards. A bridge that exists stays in its shard.
 */

import { bridgesThat, traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { SWITCH_PREFIX } from '../../net/ifname.ts';
import { aliasOf, BRIDGE_NODE, isPortGroup, TUNNEL_NODE } from '../../net/mark.ts';
import { type NamedNs, type NsId, namedNs, netnsNameOf, OWN_NS } from '../../net/ns-id.ts';
import { nodeLabelOf } from '../../topology/links.ts';
import type { BridgeSpec, Link } from '../../topology/topology.ts';
import type { Observed } from '../observed.ts';

/** `own`: bridges in the namespace linkloom runs in; `netns`: in `/run/netns/linkloom-LAB` and its shards. */
export type SwitchSide = 'own' | 'netns';

/**
 * Ports in a switch namespace before the next shard is begun. Beyond a few hundred devices the kernel's lists in each
 * namespace become slow (measured; see bench/README.md).
 */
const SHARD_PORTS = 256;

export interface Placement {
  /** The namespace of each bridge, existing or to be made. */
  readonly nsOfBridge: ReadonlyMap<string, NsId>;
  /** Every shard in use, existing or to be made, in order. Empty for `own`. */
  readonly shards: readonly NamedNs[];
  /** The host's namespace, which holds bridges that others made; null if no link joins such a bridge. */
  readonly externalNs: NsId | null;
  /**
   * MAC of the device that connects linkloom's own container to a network of its engine. null: linkloom is in no
   * container, or the container is on no such network.
   */
  readonly uplinkMac: string | null;
}

/** The name of a lab's n-th switch namespace, counted from 0. Every lab with a switch side of its own has number 0. */
export function shardName(lab: string, n: number): NamedNs {
  const first = `${SWITCH_PREFIX}${lab}`;
  return namedNs(n === 0 ? first : `${first}.${n}`);
}

/** The number of a switch namespace of the lab, from its name. null: the name is no such name. */
export function shardNumber(lab: string, ns: NsId): number | null {
  const base = `${SWITCH_PREFIX}${lab}`;
  const name = netnsNameOf(ns) ?? '';
  if (name === base) return 0;
  const match = name.startsWith(`${base}.`) ? /^[1-9]\d*$/.exec(name.slice(base.length + 1)) : null;
  return match ? Number(match[0]) : null;
}

/** Whether a namespace has the name of one of the lab's switch namespaces. */
export function isShardName(lab: string, ns: NsId): ns is NamedNs {
  return shardNumber(lab, ns) !== null;
}

/** The mark of a link's device. */
export function aliasOfLink(lab: string, link: Link): string {
  return aliasOf(lab, nodeLabelOf(link), link.dev);
}

export function bridgeAlias(lab: string, bridge: string): string {
  return aliasOf(lab, BRIDGE_NODE, bridge);
}

export function tunnelAlias(lab: string, dev: string): string {
  return aliasOf(lab, TUNNEL_NODE, dev);
}

/** The mark on `lo` of a namespace that linkloom made. */
export function netnsAlias(lab: string, name: string): string {
  return aliasOf(lab, name, 'lo');
}

/** Decides the namespace of every bridge of the topology. `direct` bridges have none; those that others made are in that of the `host`. */
export function place(
  lab: string,
  side: SwitchSide,
  bridges: readonly BridgeSpec[],
  links: readonly Link[],
  observed: Observed,
  host: NsId = OWN_NS,
): Placement {
  const nsOfBridge = new Map<string, NsId>();
  const externals = bridges.filter(({ isExternal }) => isExternal);
  for (const { name } of externals) nsOfBridge.set(name, host);
  const externalNs = externals.length === 0 ? null : host;
  const placed = bridges.filter((bridge) => !bridge.isExternal && traitsOf(bridge).hasPorts);
  if (side === 'own') {
    for (const bridge of placed) nsOfBridge.set(bridge.name, OWN_NS);
    return { nsOfBridge, shards: [], externalNs, uplinkMac: null };
  }
  const ports = countPorts(links);
  const wires = linksOfWires(bridges, links);
  const shardOf = shardNamer(lab, observed);
  const shards: readonly NsId[] = observed.shards;
  const load: number[] = observed.shards.map(() => 0);
  const missing: BridgeSpec[] = [];
  for (const bridge of placed) {
    const found =
      observed.byAlias.get(bridgeAlias(lab, bridge.name))?.ns ??
      ovsHolder(observed, bridge.name) ??
      wireHolder(lab, wires.get(bridge.name) ?? [], observed);
    const shard = found === undefined ? -1 : shards.indexOf(found);
    if (shard < 0) {
      missing.push(bridge);
      continue;
    }
    nsOfBridge.set(bridge.name, shardOf(shard));
    load[shard] = (load[shard] ?? 0) + (ports.get(bridge.name) ?? 0);
  }
  fill(missing, ports, load, (bridge, shard) => nsOfBridge.set(bridge, shardOf(shard)));
  const count = Math.max(1, load.length);
  return { nsOfBridge, shards: Array.from({ length: count }, (_, n) => shardOf(n)), externalNs, uplinkMac: null };
}

/** The namespace of an Open vSwitch bridge whose device went with its daemon. The bridge is still in the database. */
function ovsHolder(observed: Observed, bridge: string): NsId | undefined {
  for (const [ns, view] of observed.ovs) if (view.bridgeOf(bridge)?.ours) return ns;
  return undefined;
}

/** The links of bridges without a device. Such bridges can only be found by their ports. */
function linksOfWires(bridges: readonly BridgeSpec[], links: readonly Link[]): ReadonlyMap<string, readonly Link[]> {
  const wires = new Map<string, Link[]>();
  for (const name of bridgesThat(bridges, ({ isWire, hasPorts }) => isWire && hasPorts)) wires.set(name, []);
  if (wires.size > 0) for (const link of links) wires.get(bridgeOf(link.spec) ?? '')?.push(link);
  return wires;
}

function wireHolder(lab: string, links: readonly Link[], observed: Observed): NsId | undefined {
  for (const link of links) {
    const found = observed.byAlias.get(aliasOfLink(lab, link));
    if (found && isPortGroup(found.link.group)) return found.ns;
  }
  return undefined;
}

function countPorts(links: readonly Link[]): Map<string, number> {
  const ports = new Map<string, number>();
  for (const { spec } of links) {
    const bridge = bridgeOf(spec);
    if (bridge !== null) ports.set(bridge, (ports.get(bridge) ?? 0) + 1);
  }
  return ports;
}

/** Fills the shards in order, each up to its capacity. A bridge goes whole into the first shard with room. */
function fill(
  bridges: readonly BridgeSpec[],
  ports: ReadonlyMap<string, number>,
  load: number[],
  put: (bridge: string, shard: number) => void,
): void {
  let shard = 0;
  for (const { name } of bridges) {
    const weight = Math.max(1, ports.get(name) ?? 0);
    while ((load[shard] ?? 0) > 0 && (load[shard] ?? 0) + weight > SHARD_PORTS) shard += 1;
    load[shard] = (load[shard] ?? 0) + weight;
    put(name, shard);
  }
}

/** Names the n-th shard: the n-th that exists, else the next free name after those. */
function shardNamer(lab: string, observed: Observed): (n: number) => NamedNs {
  const taken = observed.shards.map((ns) => shardNumber(lab, ns) ?? -1);
  const first = Math.max(-1, ...taken) + 1;
  return (n) => observed.shards[n] ?? shardName(lab, first + n - observed.shards.length);
}
