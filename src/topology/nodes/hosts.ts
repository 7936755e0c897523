/** How the nodes of a lab find each other by name: lines of hosts(5). */
import type { Network, Topology } from '../topology.ts';
import type { NodeDefinition } from './definition.ts';

export interface HostLine {
  /** Without a prefix length. */
  readonly address: string;
  readonly names: readonly string[];
}

/** Of a topology, what is needed. */
type Named = Pick<Topology, 'nodes' | 'links'>;

/**
 * The entries of `nodes:` in their order, each under its name: by its loopbacks, which are reached whichever of its links is up, else by
 * the addresses of its links.
 */
export function hostLines({ nodes = [], links }: Named): readonly HostLine[] {
  const ofLinks = new Map<string, string[]>();
  for (const { selector, addresses } of links) {
    if (selector.kind !== 'node') continue;
    const known = ofLinks.get(selector.name);
    if (known === undefined) ofLinks.set(selector.name, [...addresses]);
    else known.push(...addresses);
  }
  return nodes.flatMap((node) => addressesOf(node, ofLinks).map((address) => ({ address, names: [node.name] })));
}

function addressesOf({ name, loopbacks }: NodeDefinition, ofLinks: ReadonlyMap<string, readonly string[]>): string[] {
  const prefixes = loopbacks.length > 0 ? loopbacks : (ofLinks.get(name) ?? []);
  return [...new Set(prefixes.map((prefix) => prefix.replace(/\/\d+$/, '')))];
}

/** A file of hosts(5) of a lab, whose first line says whose it is. */
export function hostsText(lab: Network['lab'], lines: readonly HostLine[]): string {
  const all = [...LOCAL, ...lines].map(({ address, names }) => `${address}\t${names.join(' ')}`);
  return `${hostsMark(lab)}\n${all.join('\n')}\n`;
}

/** The first line of such a file. */
export function hostsMark(lab: string): string {
  return `# linkloom ${lab}`;
}

/** As engines and distributions have them. */
const LOCAL: readonly HostLine[] = [
  { address: '127.0.0.1', names: ['localhost'] },
  { address: '::1', names: ['localhost', 'ip6-localhost', 'ip6-loopback'] },
];
