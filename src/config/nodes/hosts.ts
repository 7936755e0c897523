/** Checks what `hosts:` and `on:` say against the rest of the files. */
import { type Config, type Entry, spanOf } from '../config.ts';
import { type Diagnostics, didYouMean } from '../diagnose.ts';
import { quote } from '../text/excerpt.ts';
import type { HostConfig } from './hosts-schema.ts';
import { isGlob } from './pattern.ts';

type Said = Pick<Config, 'hosts' | 'nodes' | 'links' | 'commands' | 'wires'>;

/** Without `hosts:`, any host can be meant by `on:`. */
export function checkHosts({ hosts, nodes, links, commands, wires }: Said, diagnostics: Diagnostics): void {
  if (hosts.size === 0) return;
  for (const [name, entry] of nodes) {
    const { on } = entry.value;
    if (on === undefined || hosts.has(on) || entry.faulty.includes('on')) continue;
    diagnostics.add('host-unknown', `node ${name}: no host is called ${quote(on)}`, {
      where: () => spanOf(entry, 'on'),
      hint: didYouMean(on, hosts.keys()) ?? 'add it to hosts:',
    });
  }
  const placeable = new Set([
    ...nodes.keys(),
    ...[...links, ...commands].flatMap(({ value: { netns } }) => (netns === undefined ? [] : [netns])),
    ...wires.flatMap(({ value }) => value.ends.filter(({ kind }) => kind === 'netns').map(({ name }) => name)),
  ]);
  for (const [name, entry] of hosts) checkNodes(name, entry, placeable, diagnostics);
  checkAddresses(hosts, diagnostics);
}

/** Warns of a name that is no node's. Usually that is a slip. */
function checkNodes(
  host: string,
  entry: Entry<HostConfig>,
  placeable: ReadonlySet<string>,
  diagnostics: Diagnostics,
): void {
  for (const [at, name] of (entry.value.nodes ?? []).entries()) {
    if (typeof name !== 'string' || isGlob(name) || placeable.has(name)) continue;
    diagnostics.add('host-unknown-node', `host ${host}: nodes[${at}]: no node to place is called ${quote(name)}`, {
      where: () => spanOf(entry, 'nodes', at),
      hint: didYouMean(name, placeable),
    });
  }
}

function checkAddresses(hosts: Config['hosts'], diagnostics: Diagnostics): void {
  const taken = new Map<string, string>();
  for (const [name, entry] of hosts) {
    const { address, port } = entry.value;
    if (address === undefined) continue;
    const place = `${address.toLowerCase()} ${port ?? ''}`;
    const other = taken.get(place);
    if (other !== undefined) {
      diagnostics.add('host-twice', `host ${name}: ${address} is the address of host ${other} already`, {
        where: () => spanOf(entry, 'address'),
      });
    }
    taken.set(place, name);
  }
}
