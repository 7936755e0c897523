/** Cuts the part of one host out of a lab. */
import { traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import { TRUNK_PORT } from '../kinds/tunnel-kinds.ts';
import { hostLines } from '../topology/nodes/hosts.ts';
import type { BridgeSpec, LinkSpec, Topology, TunnelSpec } from '../topology/topology.ts';
import { type Domain, domainKey, type HostName, isAt, isCrossing, lookUp, type Spread, Whereabout } from './spread.ts';

export interface Part {
  /** The nodes on this host, their links, and a tunnel for each domain that has links on other hosts too. */
  readonly topology: Topology;
  /** The bridges of this part that lead to other hosts, by their names. */
  readonly crossing: ReadonlySet<string>;
  /** The other hosts to which wires of this part lead, sorted. */
  readonly peers: readonly HostName[];
  /** Bridges that lead to other hosts and have no VNI, or hosts without an address. They are not tied: a fault. */
  readonly untied: readonly string[];
}

/**
 * The part of a host. Each link is in the part of exactly one host, but for a service with containers on several, and for
 * containers that run nowhere yet, which every host waits for. `lost`: hosts for which nobody speaks.
 */
export function partOf(topology: Topology, spread: Spread, host: HostName, lost: ReadonlySet<HostName> = NONE): Part {
  const where = new Whereabout(topology, spread);
  const here = topology.links.filter((link) => isAt(where.ofLink(link), host));
  const links = lost.size === 0 ? here : here.map((link) => cutOff(link, where, host, lost));
  const tunnels = topology.tunnels.filter(({ bridge }) => where.homeOf(bridge) === host);
  const used = new Set([...links.map(bridgeOf), ...tunnels.map(({ bridge }) => bridge)]);
  const crossing = [...where.domains.values()].filter((domain) => isCrossing(domain) && domain.hosts.includes(host));
  const ties = new Map(crossing.map((domain) => [domain.bridge.name, tunnelOf(domain, spread, host)]));
  const crossed = new Set(ties.keys());
  const bridges = topology.bridges.filter(
    ({ name }) => used.has(name) || (isEmpty(where.domains.get(name)) && where.homeOf(name) === host),
  );
  return {
    topology: {
      ...topology,
      links,
      bridges: bridges.map((bridge) => (crossed.has(bridge.name) ? withPorts(bridge) : bridge)),
      tunnels: [...tunnels, ...[...ties.values()].filter((tunnel) => tunnel !== null)],
      commands: topology.commands.filter(({ selector }) => isAt(where.ofCommand(selector), host)),
      ...(topology.nodes && {
        nodes: topology.nodes.filter(({ name }) => isAt(where.ofNode({ kind: 'node', name }), host)),
        names: hostLines(topology),
      }),
    },
    crossing: crossed,
    peers: [...new Set(crossing.flatMap(({ hosts }) => hosts))].filter((other) => other !== host).sort(),
    untied: [...ties].flatMap(([name, tunnel]) => (tunnel === null ? [name] : [])),
  };
}

const NONE: ReadonlySet<HostName> = new Set();

/** An end of a wire whose other end is on a host that is lost, if that is to be seen. A LAN may have others. */
function cutOff(link: LinkSpec, { domains }: Whereabout, host: HostName, lost: ReadonlySet<HostName>): LinkSpec {
  const domain = domains.get(bridgeOf(link) ?? '');
  if (!link.fallsWithHost || domain === undefined || !isCrossing(domain) || domain.links.length !== 2) return link;
  return domain.hosts.every((name) => name === host || lost.has(name)) ? { ...link, isCutOff: true } : link;
}

/** A domain that no link is in, which one host makes all the same. */
function isEmpty(domain: Domain | undefined): boolean {
  return domain !== undefined && domain.links.length === 0;
}

/** One device can't tie nodes of two hosts, so such a wire has a switch side. */
function withPorts(bridge: BridgeSpec): BridgeSpec {
  return traitsOf(bridge).isWire ? { ...bridge, mode: 'patch' } : bridge;
}

/**
 * The tunnel of one host for a domain: to the one other host of a wire, or to all other hosts of a LAN. There is one for each host
 * and LAN, since a mesh of tunnels between bridges would be a loop. null: an address or the VNI is not known.
 */
function tunnelOf(domain: Domain, { hosts, vni }: Spread, host: HostName): TunnelSpec | null {
  const number = lookUp(vni, domainKey(domain));
  const own = lookUp(hosts, host);
  const others = domain.hosts.filter((name) => name !== host).map((name) => lookUp(hosts, name));
  if (number === undefined || own === undefined || !others.every((other) => other !== undefined)) return null;
  const [first] = others;
  if (first === undefined) return null;
  const isPlain = traitsOf(domain.bridge).isWire && others.length === 1;
  const isInTrunk = isPlain && own.trunk === true && first.trunk === true;
  return {
    ...{ type: 'vxlan', bridge: domain.bridge.name, remote: first.address, vni: number },
    ...(isPlain ? {} : { flood: others.map(({ address }) => address) }),
    ...{ local: own.address, port: isInTrunk ? TRUNK_PORT : own.port, ...(isInTrunk && { isInTrunk }) },
    ...{ netem: null, netemText: [], extra: {}, where: domain.bridge.where },
  };
}

/** The part while other hosts are not as far: everything of it but the commands, which may use what is beyond its wires. */
export function withoutCommands(part: Part): Topology {
  return { ...part.topology, commands: [] };
}

/** The hosts that a part still waits for before its commands run. `hasReached`: whether a host is at the part's revision. */
export function waitsFor({ peers }: Part, hasReached: (host: HostName) => boolean): readonly HostName[] {
  return peers.filter((host) => !hasReached(host));
}
