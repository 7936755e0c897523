/**
 * `bench/` has the benchmarks. Each contender makes the same lab (namespaces, marks, MTU, MACs, addresses, offload, bridges), in
 * turn, on a quiet kernel, in a sandbox. The results are ratios; milliseconds depend on the machine.
 *
 * This file: the lab as all contenders get it.
 */
import { createHash } from 'node:crypto';
import { aliasOf, groupOf, ROLE } from '../src/net/mark.ts';

export interface WorkLink {
  readonly node: string;
  readonly dev: string;
  readonly mac: string;
  readonly address: string;
  readonly prefix: number;
  readonly bridge: string;
  /** The name of the other end, in the switch namespace. */
  readonly port: string;
  /** The mark of the port. */
  readonly alias: string;
}

export interface Work {
  readonly lab: string;
  /** The configuration, as `-f` takes it. */
  readonly config: string;
  readonly switchName: string;
  readonly nodes: readonly { readonly name: string; readonly links: readonly WorkLink[] }[];
  /** The bridges; none for `direct` and `patch`, whose wires are no bridges. */
  readonly bridges: readonly string[];
  /** The direct wires, in the order of the nodes of their first ends. */
  readonly pairs: readonly (readonly [WorkLink, WorkLink])[];
  readonly linkCount: number;
  readonly groups: { readonly node: number; readonly port: number; readonly bridge: number };
}

interface GeneratedLink {
  readonly netns: string;
  readonly dev: string;
  readonly bridge: string;
  readonly ip: string;
}

interface Generated {
  readonly links: readonly GeneratedLink[];
  readonly bridges?: readonly { readonly bridge: string; readonly mode: string }[];
}

/**
 * Reads what `linkloom generate SHAPE --runtime netns --format json` prints. With `--bridge-mode direct` its wires become `pairs`; with `auto`
 * they are bridges that the configuration does not list, as a file has them that names no mode.
 */
export function workOf(config: string, lab: string): Work {
  const generated = JSON.parse(config) as Generated;
  const written = generated.bridges?.[0]?.mode ?? 'auto';
  const mode = written === 'auto' ? 'linux' : written;
  const isDirect = mode === 'direct';
  const byNode = new Map<string, WorkLink[]>();
  generated.links.forEach((link, index) => {
    const [address = '', prefix = ''] = link.ip.split('/');
    const list = byNode.get(link.netns) ?? [];
    byNode.set(link.netns, list);
    list.push({
      node: link.netns,
      dev: link.dev,
      mac: macOf(lab, link),
      address,
      prefix: Number(prefix),
      bridge: link.bridge,
      port: `p${index}`,
      alias: aliasOf(lab, link.netns, link.dev),
    });
  });
  return {
    lab,
    config: JSON.stringify({ ...generated, lab, ...(written === 'auto' ? { bridges: undefined } : {}) }),
    switchName: `linkloom-${lab}`,
    nodes: [...byNode].map(([name, links]) => ({ name, links })),
    bridges: mode === 'linux' ? [...new Set(generated.links.map((link) => link.bridge))] : [],
    pairs: isDirect ? pairsOf([...byNode.values()].flat()) : [],
    linkCount: generated.links.length,
    groups: { node: groupOf(lab, ROLE.nodeEnd), port: groupOf(lab, ROLE.port), bridge: groupOf(lab, ROLE.bridge) },
  };
}

/** The pairs of links that share a bridge. */
function pairsOf(links: readonly WorkLink[]): readonly (readonly [WorkLink, WorkLink])[] {
  const waiting = new Map<string, WorkLink>();
  const pairs: [WorkLink, WorkLink][] = [];
  for (const link of links) {
    const first = waiting.get(link.bridge);
    if (first) pairs.push([first, link]);
    else waiting.set(link.bridge, link);
  }
  const order = new Map([...new Set(links.map(({ node }) => node))].map((node, at) => [node, at]));
  const positionOf = ([a]: readonly [WorkLink, WorkLink]): number => order.get(a.node) ?? 0;
  return pairs.sort((a, b) => positionOf(a) - positionOf(b));
}

/** A locally administered unicast address, the same on every run. */
function macOf(lab: string, link: GeneratedLink): string {
  const digest = createHash('sha256').update(`${lab}\0${link.netns}\0${link.dev}`).digest('hex');
  return `c2:${digest.slice(0, 10).replaceAll(/(..)(?=.)/g, '$1:')}`;
}
