/**
 * Checks a Network for faults before the kernel is touched. The checks take linear time, or n log n for the links of a
 * node.
 */

import { counted } from '../counted.ts';
import type { DiagnosticCode } from '../diagnostics/table.ts';
import { type Diagnostic, diagnosticOf } from '../errors.ts';
import { grouped } from '../grouped.ts';
import { MORE_THAN_TWO, traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import { checkIfname } from '../net/ifname.ts';
import { isMulticast } from '../net/mac.ts';
import { type Range, rangeOf } from '../net/offset.ts';
import { type Finding, faultOf, refusing } from './finding.ts';
import { findClashes } from './names.ts';
import { checkParents } from './parents.ts';
import type { BridgeSpec, Link, Network } from './topology.ts';

/**
 * Runs all checks: clashes of names and the rest. An error refuses its links, or the run. A warning refuses nothing.
 * Links that were refused before are left out.
 */
export function checkNetwork(whole: Network): readonly Finding[] {
  const { refused } = whole;
  const network = refused.size === 0 ? whole : { ...whole, links: whole.links.filter((link) => !refused.has(link)) };
  const domains = grouped(network.links, (link) => bridgeOf(link.spec));
  const tunnels = grouped(network.tunnels, (tunnel) => tunnel.bridge);
  const found: Finding[] = [...findClashes(network)];
  for (const bridge of network.bridges) {
    const links = domains.get(bridge.name) ?? [];
    found.push(...checkBridgeName(bridge), ...checkPorts(bridge, links, tunnels.get(bridge.name)?.length ?? 0));
    found.push(...checkTwice(bridge, links, 'address', addressesOf), ...checkTwice(bridge, links, 'mac', macsOf));
  }
  found.push(...checkParents(network));
  for (const link of network.links) found.push(...checkLink(link));
  found.push(...checkForwards(network.links));
  for (const links of grouped(network.links, (link) => link.node).values()) found.push(...checkSubnets(links));
  return found;
}

/** Checks the name of a bridge device. Other bridges may have any name. */
function checkBridgeName(bridge: BridgeSpec): readonly Diagnostic[] {
  const fault = traitsOf(bridge).isDevice ? checkIfname(bridge.name) : null;
  return fault === null
    ? []
    : [diagnostic('bridge-name', bridge, `the bridge name ${JSON.stringify(bridge.name)} ${fault}`)];
}

function checkPorts(bridge: BridgeSpec, links: readonly Link[], tunnels: number): readonly Finding[] {
  // What others have in it is not known yet: the kernel says when it is full.
  if (bridge.isExternal) return [];
  const { portsMax, limit, isWire } = traitsOf(bridge);
  const ports = links.length + tunnels;
  if (ports <= portsMax) return [];
  const more = links.slice(Math.max(0, portsMax - tunnels));
  if (isWire) return [refusing(thirdEnd(bridge, links, tunnels), more, links)];
  const message = `bridge ${bridge.name} would have ${ports} ports, but ${limit}`;
  const error = diagnostic('bridge-full', bridge, message, 'spread the links over several bridges, or use mode ovs');
  return [refusing(error, more, links)];
}

function thirdEnd(bridge: BridgeSpec, links: readonly Link[], tunnels: number): Diagnostic {
  const { portsMax } = traitsOf(bridge);
  const ends = links.slice(0, portsMax).map((link) => link.id);
  const more = tunnels > 0 ? ` and ${counted(tunnels, 'tunnel')}` : '';
  const message = `bridge ${bridge.name} is ${bridge.mode}, a wire of two ends (${ends.join(' and ')}${more}), but has ${links.length + tunnels}`;
  return diagnostic('wire-third-end', links[portsMax]?.spec ?? bridge, message, MORE_THAN_TWO);
}

function addressesOf(link: Link): readonly string[] {
  return link.addresses.map((prefix) => prefix.slice(0, prefix.indexOf('/')));
}

function macsOf(link: Link): readonly string[] {
  return link.mac === null ? [] : [link.mac];
}

const SHARED = { address: 'address', mac: 'MAC' } as const;

/**
 * Warns of an address that several devices of a lab have. It is no error, since an address can be shared on purpose
 * (VRRP, anycast).
 */
function checkTwice(
  bridge: BridgeSpec,
  links: readonly Link[],
  what: keyof typeof SHARED,
  valuesOf: (link: Link) => readonly string[],
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Map<string, Link>();
  for (const link of links) {
    for (const value of valuesOf(link)) {
      const other = seen.get(value);
      if (other === undefined) seen.set(value, link);
      else if (other !== link) {
        const message = `${link.id} has the ${SHARED[what]} ${value} of ${other.id}, on the same bridge ${bridge.name}`;
        found.push(diagnostic(`${what}-shared`, link.spec, message, `give one of them another ${SHARED[what]}`));
      }
    }
  }
  return found;
}

function checkLink(link: Link): readonly Finding[] {
  if (link.mac === null || !isMulticast(link.mac)) return [];
  const said = `has the multicast MAC ${link.mac}, which no device can have`;
  const hint = 'make the second hexadecimal digit even, as in 02 or c2';
  return [refusing(faultOf('mac-unassignable', link, said, { hint }), [link])];
}

/** Warns of a port that several links forward. It is no error: the port leads to the first of these links. */
function checkForwards(links: readonly Link[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Map<string, string>();
  for (const link of links) {
    for (const { outerPort, innerPort, protocol } of link.forwards) {
      const port = `${outerPort}/${protocol}`;
      const target = `${link.id} port ${innerPort}`;
      const other = seen.get(port) ?? target;
      seen.set(port, other);
      if (other === target) continue;
      const message = `${link.id}: port ${port} is forwarded to ${other} already`;
      found.push(
        diagnostic('forward-shared', link.spec, message, 'forward another port; each replica takes the next one'),
      );
    }
  }
  return found;
}

interface Subnet extends Range {
  readonly link: Link;
  readonly text: string;
}

/**
 * Checks for subnets of different devices of one node that overlap. The kernel would use only one of the devices for
 * the common addresses.
 */
function checkSubnets(links: readonly Link[]): readonly Diagnostic[] {
  if (links.length < 2) return [];
  const subnets = links
    .flatMap((link) => link.addresses.map((text) => ({ link, text })))
    .filter(({ text }) => isSubnet(text))
    .map((entry): Subnet => ({ ...entry, ...rangeOf(entry.text) }))
    .sort((a, b) => a.family - b.family || compare(a.first, b.first) || compare(b.last, a.last));
  const found: Diagnostic[] = [];
  let widest: Subnet | undefined;
  for (const subnet of subnets) {
    if (widest !== undefined && widest.family === subnet.family && subnet.first <= widest.last) {
      if (widest.link !== subnet.link) found.push(overlapping(widest, subnet));
      if (subnet.last <= widest.last) continue;
    }
    widest = subnet;
  }
  return found;
}

/**
 * Whether a prefix counts as a subnet. A single address (/32, /128) may lie in another device's subnet, and every
 * device has its own link-local subnet.
 */
function isSubnet(prefix: string): boolean {
  return !prefix.endsWith(prefix.includes(':') ? '/128' : '/32') && !/^fe[89ab]/.test(prefix);
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function overlapping(a: Subnet, b: Subnet): Diagnostic {
  const message = `${a.link.id} (${a.text}) and ${b.link.id} (${b.text}) overlap: the node would send through one of them only`;
  return diagnostic('subnets-overlap', b.link.spec, message, 'give each device of a node a subnet of its own');
}

function diagnostic(
  code: DiagnosticCode,
  at: { readonly where: () => Diagnostic['where'] },
  message: string,
  hint?: string,
): Diagnostic {
  return diagnosticOf(code, message, { where: at.where(), hint });
}
