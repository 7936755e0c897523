/** Checks that a contender has made the whole lab. One that leaves work out would seem faster than it is. */
import { readdirSync } from 'node:fs';
import type { IpLink } from '../test/support/netns.ts';
import { runProgram } from './rivals/process.ts';
import type { Work } from './work.ts';

/**
 * Reads the lab back. Throws, with what is wrong, if a port, a mark, an MTU, an address or an offload is wrong. Carriers are not
 * checked: the kernel's link watcher sets them in the background, a hundred per second.
 */
export async function checkLab(work: Work, offload: boolean): Promise<void> {
  for (const node of [work.nodes[0], work.nodes.at(-1)]) {
    if (node !== undefined) await checkNode(work, node, offload);
  }
  if (work.pairs.length > 0) return;
  // The switch side of a large lab is in several namespaces.
  const switches = readdirSync('/run/netns').filter((name) => name.startsWith(work.switchName));
  const all = (await Promise.all(switches.map(linksOf))).flat();
  const ports = new Map(all.filter((link) => link.linkinfo?.info_kind === 'veth').map((link) => [link.ifalias, link]));
  for (const { alias, bridge } of work.nodes.flatMap((node) => node.links)) {
    const port = ports.get(alias);
    const master = work.bridges.length > 0 ? bridge : undefined;
    if (port === undefined || port.master !== master || port.mtu !== 65_535 || !port.flags.includes('UP'))
      throw new Error(`the port of ${alias} is not as it should be: ${JSON.stringify(port)}`);
  }
  const down = all.filter((link) => link.linkinfo?.info_kind === 'bridge' && !link.flags.includes('UP'));
  if (down.length > 0) throw new Error(`bridges that are down: ${down.length}`);
}

async function checkNode(work: Work, node: Work['nodes'][number], offload: boolean): Promise<void> {
  const ends = new Map((await linksOf(node.name)).map((link) => [link.ifname, link]));
  if (!ends.get('lo')?.ifalias || !ends.get('lo')?.flags.includes('UP')) throw new Error(`lo of ${node.name}`);
  for (const { dev, address, alias } of node.links) {
    const end = ends.get(dev);
    const isThere = end?.addr_info?.some((entry) => entry.local === address);
    if (!isThere || end?.mtu !== 65_535 || end.group !== String(work.groups.node) || end.num_tx_queues !== 1)
      throw new Error(`${node.name}:${dev} is not as it should be: ${JSON.stringify(end)}`);
    if (work.pairs.length > 0 && (end.ifalias !== alias || !end.flags.includes('UP')))
      throw new Error(`${node.name}:${dev} is not as it should be: ${JSON.stringify(end)}`);
    if (!offload) continue;
    const features = await runProgram('ip', ['netns', 'exec', node.name, 'ethtool', '-k', dev]);
    if (!features.includes('tx-checksumming: off')) throw new Error(`${node.name}:${dev} has its offload on`);
  }
}

async function linksOf(netns: string): Promise<readonly IpLink[]> {
  return JSON.parse(await runProgram('ip', ['-n', netns, '-details', '-json', 'address'])) as readonly IpLink[];
}
