/** The names by which the nodes of a lab find each other, as lines of hosts(5). */
import type { Network, Topology } from '../topology.ts';
import type { NodeDefinition } from './definition.ts';
import type { HostLine } from './host-line.ts';

/** The parts of a topology that are needed. */
type Named = Pick<Topology, 'nodes' | 'links' | 'names'>;

/**
 * A line for each address of the entries of `nodes:`, in their order. An entry with loopbacks is found by these, since
 * they can be reached whichever of its links is up; any other is found by the addresses of its links. The part of one host has the
 * lines of the whole lab.
 */
export function hostLines({ nodes = [], links, names }: Named): readonly HostLine[] {
  if (names !== undefined) return names;
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

/** A hosts(5) file for a lab's nodes. The first line names the lab. */
export function hostsText(lab: Network['lab'], lines: readonly HostLine[]): string {
  const all = [...LOCAL, ...lines].map(({ address, names }) => `${address}\t${names.join(' ')}`);
  return `${hostsMark(lab)}\n${all.join('\n')}\n`;
}

/** The first line of such a file. */
export function hostsMark(lab: string): string {
  return `# linkloom ${lab}`;
}

/** The usual lines of engines and distributions. */
const LOCAL: readonly HostLine[] = [
  { address: '127.0.0.1', names: ['localhost'] },
  { address: '::1', names: ['localhost', 'ip6-localhost', 'ip6-loopback'] },
];
