/** Random labs on random hosts. */
import fc from 'fast-check';
import type { Spread } from '../../../src/spread/spread.ts';
import type { BridgeSpec, LinkSpec, Selector, Topology } from '../../../src/topology/topology.ts';
import { bridge, container, link, netns, topology } from '../../unit/topology/specs.ts';

export const HOSTS = ['h1', 'h2', 'h3', 'h4'];

export const addressOf = (host: string) => ({ address: `192.0.2.${HOSTS.indexOf(host) + 1}`, port: 8472 });

/** Wires between two nodes each, and LANs; nodes are namespaces, but for every fifth, which is a container. */
export const labs: fc.Arbitrary<Topology> = fc
  .record({
    wires: fc.uniqueArray(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 40, selector: ([a, b]) => `${a} ${b}` }),
    lans: fc.array(fc.uniqueArray(fc.nat(19), { minLength: 1, maxLength: 8 }), { maxLength: 4 }),
    mode: fc.constantFrom('direct', 'patch'),
  })
  .map(({ wires, lans, mode }) => {
    const bridges: BridgeSpec[] = [];
    const links: LinkSpec[] = [];
    const add = (name: string, nodes: readonly number[]): void => {
      for (const node of nodes) links.push(link(selectorOf(node), { bridge: name, dev: `e${links.length}` }));
    };
    for (const [at, ends] of wires.entries()) {
      add(`wire-${at}`, ends);
      bridges.push(bridge(`wire-${at}`, mode as 'direct'));
    }
    for (const [at, nodes] of lans.entries()) {
      add(`lan${at}`, nodes);
      bridges.push(bridge(`lan${at}`));
    }
    return topology(links, { bridges });
  });

function selectorOf(node: number): Selector {
  return node % 5 === 4 ? container(`c${node}`) : netns(`n${node}`);
}

/** Where each of the twenty nodes is; `null`: it is a container that runs nowhere. */
export const places: fc.Arbitrary<readonly (string | null)[]> = fc.array(
  fc.option(fc.constantFrom(...HOSTS), { freq: 8 }),
  { minLength: 20, maxLength: 20 },
);

export function spreadOf(where: readonly (string | null)[], vni: Spread['vni']): Spread {
  const place: Record<string, string> = {};
  const claims = new Map<string, readonly string[]>();
  for (const [node, host] of where.entries()) {
    const { kind, name } = selectorOf(node);
    if (kind === 'netns') place[`netns/${name}`] = host ?? 'h1';
    else if (host !== null) claims.set(`container/${name}`, [host]);
  }
  return { hosts: Object.fromEntries(HOSTS.map((host) => [host, addressOf(host)])), place, claims, vni };
}
