/** Looks for what can't be as it is written once a lab is on several hosts, before anything is touched. */
import { counted } from '../counted.ts';
import { type Diagnostic, diagnosticOf } from '../errors.ts';
import { tunnelOverheadBytes } from '../kinds/tunnel-kinds.ts';
import type { CommandSpec, LinkSpec, Topology } from '../topology/topology.ts';
import { commandLine } from '../verb-names.ts';
import { type Room, wantedHosts } from './place.ts';
import { checkRooms } from './rooms.ts';
import {
  type Domain,
  type HostName,
  isClaimed,
  isCrossing,
  lookUp,
  nodeKey,
  type Spread,
  Whereabout,
} from './spread.ts';

export interface SpreadFacts {
  /** MTU of the device that has each host's address. A host that is not here has not said it. */
  readonly underlays: ReadonlyMap<HostName, number>;
  /** What each host has for nodes. A host that is not here has not said it. */
  readonly rooms: ReadonlyMap<HostName, Room>;
}

/** All faults of a lab on its hosts. An error refuses it. Linear. */
export function checkSpread(topology: Topology, spread: Spread, facts: SpreadFacts): readonly Diagnostic[] {
  const where = new Whereabout(topology, spread);
  const crossing = [...where.domains.values()].filter(isCrossing);
  return [
    ...checkPlaces(topology, spread, where),
    ...[...topology.links, ...topology.commands].flatMap((of) => checkHostEnd(of, where)),
    ...[...where.domains.values()].flatMap(checkExternal),
    ...checkWaits(topology, where),
    ...checkClaims(spread),
    ...checkAddresses(crossing, spread),
    ...checkMtus(crossing, spread, facts.underlays),
    ...checkRooms(topology, where, facts.rooms),
  ];
}

function checkPlaces(topology: Topology, { hosts }: Spread, where: Whereabout): readonly Diagnostic[] {
  const wanted = wantedHosts(topology);
  const definitions = new Map(
    (topology.nodes ?? []).map(({ name, where: at }) => [nodeKey({ kind: 'node', name }), at]),
  );
  const selectors = [
    ...(topology.nodes ?? []).map(({ name }) => ({ kind: 'node', name }) as const),
    ...[...topology.links, ...topology.commands].map(({ selector }) => selector),
  ].filter((selector) => selector.kind !== 'host' && !isClaimed(selector));
  const nodes = new Map(selectors.map((selector) => [nodeKey(selector), selector]));
  return [...nodes].flatMap(([key, selector]) => {
    const host = wanted(key);
    const isThere = host === undefined ? where.ofNode(selector).length > 0 : Object.hasOwn(hosts, host);
    if (isThere) return [];
    const message =
      host === undefined
        ? `node ${selector.name}: there is no host to place it on`
        : `node ${selector.name} is to be on the host ${host}, which does not take part`;
    const hint = `${commandLine('daemon', `--store URL --host ${host ?? 'NAME'}`)} on that host makes it take part`;
    return [diagnosticOf('spread-no-host', message, { where: definitions.get(key)?.(), hint })];
  });
}

/** A link of the host, on none of the hosts though everything it is tied to is somewhere. */
function checkHostEnd(of: LinkSpec | CommandSpec, where: Whereabout): readonly Diagnostic[] {
  if (of.selector.kind !== 'host') return [];
  const isLink = 'dev' in of;
  if ((isLink ? where.ofLink(of) : where.ofCommand(of.selector)).length > 0) return [];
  const message = isLink
    ? `host:${of.dev}: the lab is on several hosts, and what it is tied to does not say which one is meant`
    : `a command of the host: the lab is on several hosts, and it does not say which one is meant`;
  const hint = isLink
    ? 'tie it to nodes of one host, which `on:` places'
    : 'run it in a node, or on the hosts yourself';
  return [diagnosticOf('spread-host-end', message, { where: of.where(), hint })];
}

function checkExternal({ bridge, hosts }: Domain): readonly Diagnostic[] {
  if (!bridge.isExternal || hosts.length < 2) return [];
  const message = `bridge ${bridge.name} is external, and its nodes are on ${hosts.join(', ')}: each uses the one of its own host`;
  const hint = 'see that these bridges are one network, or place the nodes on one host by `on:`';
  return [diagnosticOf('spread-external', message, { where: bridge.where(), hint })];
}

function checkWaits({ nodes = [] }: Topology, where: Whereabout): readonly Diagnostic[] {
  return nodes.flatMap(({ name, waitFor, where: at }) => {
    const [own] = where.ofNode({ kind: 'node', name });
    return waitFor.flatMap(({ node }) => {
      const [other] = where.ofNode({ kind: 'node', name: node });
      if (own === undefined || other === undefined || own === other) return [];
      const message = `node ${name} is on ${own} and waits for ${node}, which is on ${other}`;
      return [diagnosticOf('spread-wait', message, { where: at(), hint: `give both the same \`on:\`` })];
    });
  });
}

function checkClaims({ claims }: Spread): readonly Diagnostic[] {
  return [...claims].flatMap(([key, hosts]) => {
    if (!key.startsWith('container/') || hosts.length < 2) return [];
    const message = `a container called ${key.slice(key.indexOf('/') + 1)} runs on ${hosts.join(' and ')}`;
    return [diagnosticOf('spread-claimed-twice', message, { hint: 'stop or rename one of them' })];
  });
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** One finding for each pair of hosts. */
function checkAddresses(crossing: readonly Domain[], { hosts }: Spread): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const { bridge, hosts: names } of crossing) {
    const [first = '', ...others] = names;
    const own = lookUp(hosts, first);
    for (const name of others) {
      const other = lookUp(hosts, name);
      if (own === undefined || other === undefined) continue;
      const isOfFamily = familyOf(own.address) === familyOf(other.address);
      if (isOfFamily && own.port === other.port) continue;
      const message = isOfFamily
        ? `wires go from ${first} (port ${own.port}) to ${name} (port ${other.port}), and a vxlan hears and sends by one port`
        : `wires go from ${first} (${own.address}) to ${name} (${other.address}), and a tunnel has one family of addresses`;
      const hint = `give both ${isOfFamily ? 'the same `port`' : 'an `address` of one family'} in \`hosts:\``;
      found.set(`${first} ${name}`, diagnosticOf('spread-addresses', message, { where: bridge.where(), hint }));
    }
  }
  return [...found.values()];
}

/** One finding for all links that do not fit for the same reason. */
function checkMtus(
  crossing: readonly Domain[],
  { hosts }: Spread,
  underlays: ReadonlyMap<HostName, number>,
): readonly Diagnostic[] {
  const tight = new Map<string, { host: HostName; room: number; links: LinkSpec[] }>();
  for (const { hosts: names, links } of crossing) {
    const rooms = names.flatMap((host) => {
      const mtu = underlays.get(host);
      const remote = lookUp(hosts, host)?.address;
      return mtu === undefined || remote === undefined
        ? []
        : [{ host, room: mtu - tunnelOverheadBytes({ type: 'vxlan', remote }) }];
    });
    const [least] = rooms.toSorted((a, b) => a.room - b.room);
    if (least === undefined) continue;
    for (const link of links) {
      if ((link.mtuBytes ?? 0) <= least.room) continue;
      const key = `${least.host} ${least.room} ${link.mtuBytes}`;
      const known = tight.get(key);
      if (known === undefined) tight.set(key, { ...least, links: [link] });
      else known.links.push(link);
    }
  }
  return [...tight.values()].flatMap(({ host, room, links }) => {
    const [first] = links;
    if (first === undefined) return [];
    const more = links.length === 1 ? '' : ` and ${counted(links.length - 1, 'other link')}`;
    const mtu = underlays.get(host) ?? 0;
    const message =
      `packets of ${first.selector.name}:${first.dev}${more} (MTU ${first.mtuBytes}) do not fit the network between hosts: ` +
      `that of ${host} takes ${mtu}, of which ${mtu - room} are headers`;
    const hint = `\`mtu: ${room}\` for these links, or an MTU of ${(first.mtuBytes ?? 0) + mtu - room} between the hosts`;
    return [diagnosticOf('spread-mtu', message, { where: first.where(), hint })];
  });
}
