/** The nodes of a lab as checks need them: where they are, what addresses they have, and how programs run in them. */

import type { CheckNode } from '../../check/node.ts';
import { grouped } from '../../grouped.ts';
import { HOST_NAME } from '../../net/ifname.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Link } from '../../topology/topology.ts';
import { namesOf } from '../with-nodes/choose.ts';
import { type FoundNode, nsOf } from '../with-nodes/find.ts';
import type { NodesOfLab } from '../with-nodes/of-lab.ts';

/** A node in which things can be tried. `found` null: the host itself. */
export interface Placed extends CheckNode {
  readonly found: FoundNode | null;
}

export interface LabNow {
  readonly lab: string;
  readonly nodes: readonly Placed[];
  /** Names of nodes that do not run. */
  readonly missing: readonly string[];
}

/** `host` is the host's namespace. */
export function placedNodes({ lab, nodes, missing, addresses, network }: NodesOfLab, host: NsId): LabNow {
  const linksOf = grouped(network?.links ?? [], ({ node }) => node.ns);
  const loopbacksOf = new Map((network?.nodes ?? []).map(({ ns, loopbacks }) => [ns, loopbacks?.addresses ?? []]));
  const placed = nodes.map((found): Placed => {
    const ns = nsOf(found);
    const seen = addresses.get(found.label) ?? [];
    const devices = network === null ? [{ dev: '', prefixes: seen }] : devicesOf(linksOf.get(ns) ?? []);
    return { label: found.label, names: namesOf(found), ns, loopbacks: loopbacksOf.get(ns) ?? [], devices, found };
  });
  const ofHost = devicesOf((network?.links ?? []).filter(({ node }) => node.kind === 'host'));
  const itself = { label: HOST_NAME, names: [HOST_NAME], ns: host, loopbacks: [], devices: ofHost, found: null };
  return { lab, nodes: [...placed, itself], missing };
}

function devicesOf(links: readonly Link[]): CheckNode['devices'] {
  return links.map(({ dev, addresses }) => ({ dev, prefixes: addresses }));
}
