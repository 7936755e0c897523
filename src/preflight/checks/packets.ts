/** What becomes of packets: queues, tables of neighbours and connections, firewalls; and what the kernel writes about ports. */
import { diagnosticOf } from '../../errors.ts';
import type { FirewallChain } from '../../wire/machine.ts';
import type { Domain } from '../domains.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { Made } from '../lab.ts';
import { roundUp } from './limits.ts';

const idsOf = ({ links }: Domain): readonly string[] => links.map(({ id }) => id);

/** A broadcast is copied to every port but one, and each copy waits in the queue of the processor that made it (enqueue_to_backlog, net/core/dev.c). */
export function checkBacklog(domains: readonly Domain[], { backlog }: Pick<Facts, 'backlog'>): readonly Finding[] {
  if (backlog === null) return [];
  return domains.flatMap((domain) => {
    const copies = domain.links.length - 1;
    if (copies <= backlog) return [];
    const message =
      `bridge ${domain.bridge.name} copies a broadcast to ${copies} ports at once, ` +
      `of which a processor's queue takes ${backlog} (net.core.netdev_max_backlog)`;
    const hint = `\`sysctl -w net.core.netdev_max_backlog=${roundUp(copies * 2)}\``;
    return [{ ...diagnosticOf('backlog-short', message, { hint }), links: idsOf(domain) }];
  });
}

const PROTOCOLS = {
  4: { word: 'IPv4', sysctl: 'net.ipv4', mark: '.' },
  6: { word: 'IPv6', sysctl: 'net.ipv6', mark: ':' },
};

/** The table of neighbours is one for all namespaces (arp_tbl, nd_tbl), and so are its limits. */
export function checkNeighbours(
  domains: readonly Domain[],
  { neighbours }: Pick<Facts, 'neighbours'>,
): readonly Finding[] {
  return ([4, 6] as const).flatMap((family) => {
    const most = neighbours[family];
    if (most === null) return [];
    const { word, sysctl, mark } = PROTOCOLS[family];
    let one = 0;
    let mesh = 0;
    for (const { links } of domains) {
      const addressed = links.filter(({ addresses }) => addresses.some((prefix) => prefix.includes(mark))).length;
      if (addressed < 2) continue;
      one += addressed;
      mesh += addressed * (addressed - 1);
    }
    if (mesh <= most) return [];
    const table = `the kernel's table for all namespaces takes ${most} (${sysctl}.neigh.default.gc_thresh3)`;
    const hint = threshCommand(sysctl, one > most ? one * 2 : mesh);
    if (one > most) {
      const message = `${one} ${word} links of the lab have a neighbour each at least, and ${table}`;
      return [{ ...diagnosticOf('neighbours-short', message, { hint }), links: [] }];
    }
    const message = `if all nodes talk to all others of their bridges, they have ${mesh} ${word} neighbours, and ${table}`;
    return [{ ...diagnosticOf('neighbours-mesh', message, { hint }), links: [] }];
  });
}

/** Below the first nothing is thrown out, above the second within five seconds, above the third at once (arp(7)). */
function threshCommand(sysctl: string, count: number): string {
  const most = roundUp(count);
  const name = `${sysctl}.neigh.default.gc_thresh`;
  return `\`sysctl -w ${name}1=${most / 4} ${name}2=${most / 2} ${name}3=${most}\``;
}

/** Where the switch side is in a namespace that others use too, its firewall is theirs. */
export function checkFirewall(
  domains: readonly Domain[],
  { firewall, bridgeNf }: Pick<Facts, 'firewall' | 'bridgeNf'>,
): readonly Finding[] {
  const bridged = domains.filter(({ traits, links }) => traits.isMaster && links.length > 0);
  if (bridged.length === 0) return [];
  const links = bridged.flatMap(idsOf);
  const ip = firewall.filter(({ family }) => family !== 'bridge' && family !== 'arp');
  const found: Finding[] = [];
  const seen = bridgeNf.filter((program) => program !== 'arptables' && ip.some((chain) => isOf(chain, program)));
  if (seen.length > 0) {
    const message =
      `bridged packets go through the firewall of linkloom's own namespace (${chainNames(ip)}), ` +
      `as ${seen.map((program) => `bridge-nf-call-${program}`).join(' and ')} is on: it may drop those of the lab`;
    const hint = `\`sysctl -w ${seen.map((program) => `net.bridge.bridge-nf-call-${program}=0`).join(' ')}\`, or use \`--switch netns\``;
    found.push({ ...diagnosticOf('bridge-firewalled', message, { hint }), links });
  }
  return [...found, ...checkChains(bridged, firewall, links)];
}

function checkChains(
  bridged: readonly Domain[],
  firewall: readonly FirewallChain[],
  links: readonly string[],
): readonly Finding[] {
  const isTranslated = bridged.some((domain) =>
    domain.links.some(({ spec, forwards }) => spec.nat !== null || forwards.length > 0),
  );
  return firewall
    .filter(({ family, drops }) => family === 'bridge' || (drops && isTranslated))
    .map((chain) => {
      const { family, table, chain: name } = chain;
      const what = family === 'bridge' ? 'bridged packets of the lab' : 'packets of `nat` and `forward`';
      const message = `${what} go through the chain ${name} of the table ${family} ${table}${chain.drops ? ', which drops what no rule takes' : ''}`;
      const bridge = bridged[0]?.bridge.name ?? '';
      const way = family === 'bridge' ? 'meta ibrname' : 'iifname';
      const hint = `\`nft insert rule ${family} ${table} ${name} ${way} ${bridge} accept\``;
      return { ...diagnosticOf('firewall-in-path', message, { hint }), links };
    });
}

function isOf({ family }: FirewallChain, program: string): boolean {
  const families = program === 'iptables' ? ['ip', 'inet', 'iptables'] : ['ip6', 'inet', 'ip6tables'];
  return families.includes(family);
}

function chainNames(chains: readonly FirewallChain[]): string {
  return chains.map(({ family, table, chain }) => `${family} ${table} ${chain}`).join(', ');
}

/** Connections are tracked where there is a translation or a firewall. */
export function checkConnections(
  domains: readonly Domain[],
  { connections, firewall, bridgeNf }: Pick<Facts, 'connections' | 'firewall' | 'bridgeNf'>,
): readonly Finding[] {
  if (connections === null) return [];
  const areBridgedTracked = firewall.length > 0 && bridgeNf.length > 0;
  const tracked = domains.filter(
    ({ links }) => areBridgedTracked || links.some(({ spec, forwards }) => spec.nat !== null || forwards.length > 0),
  );
  const pairs = tracked.reduce((total, { links }) => total + (links.length * (links.length - 1)) / 2, 0);
  if (pairs <= connections) return [];
  const message =
    `connections of the lab are tracked: one between any two links of a bridge makes ${pairs}, ` +
    `and the kernel takes ${connections} (net.netfilter.nf_conntrack_max)`;
  const hint = `\`sysctl -w net.netfilter.nf_conntrack_max=${roundUp(pairs)}\``;
  return [{ ...diagnosticOf('conntrack-short', message, { hint }), links: tracked.flatMap(idsOf) }];
}

/** What a port writes is of level 6 (KERN_INFO, br_stp.c). */
const LEVEL_OF_PORTS = 6;
/** Fewer lines are no matter: three or four for each port. */
const MANY_PORTS = 64;

export function checkConsole({ ports }: Made, { consoleLevel }: Pick<Facts, 'consoleLevel'>): readonly Finding[] {
  if (consoleLevel === null || consoleLevel <= LEVEL_OF_PORTS || ports < MANY_PORTS) return [];
  const message = `${ports} ports will write to the kernel's console, as its level is ${consoleLevel} (kernel.printk)`;
  return [{ ...diagnosticOf('console-noisy', message, { hint: '`sysctl -w kernel.printk=4`' }), links: [] }];
}
