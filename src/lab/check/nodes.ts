/** The nodes of a lab as checks need them: where they are, what addresses they have, and how programs run in them. */

import type { CheckNode } from '../../check/node.ts';
import { grouped } from '../../grouped.ts';
import { HOST_NAME } from '../../net/ifname.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
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
  /** Labels of `nodes` that are on other hosts: they are tried, and try nothing here. Absent: none. */
  readonly elsewhere?: ReadonlySet<string>;
  /** Names of nodes that do not run on other hosts. Absent: none. */
  readonly missingElsewhere?: readonly string[];
}

/** A node as other hosts need to know it. */
export type FarNode = Omit<CheckNode, 'ns'>;

export interface FarNodes {
  readonly nodes: readonly FarNode[];
  /** Names of nodes that do not run. */
  readonly missing: readonly string[];
}

/** What other hosts need to know of the nodes that are here. The host itself is meant by nobody else. */
export function toldToOthers({ nodes, missing }: LabNow): FarNodes {
  const told = nodes.filter(({ label }) => label !== HOST_NAME);
  return { nodes: told.map(({ ns: _ns, found: _found, ...node }) => node), missing };
}

/** Adds the nodes of other hosts. A name that is here as well means the node that is here. */
export function withFarNodes(now: LabNow, far: FarNodes): LabNow {
  const here = new Set(now.nodes.map(({ label }) => label));
  const nodes = far.nodes.filter(({ label }) => !here.has(label));
  return {
    ...now,
    nodes: [...now.nodes, ...nodes.map((node): Placed => ({ ...node, ns: NOWHERE, found: null }))],
    elsewhere: new Set(nodes.map(({ label }) => label)),
    missingElsewhere: far.missing,
  };
}

/** Nothing is ever tried in it. */
const NOWHERE: NsId = OWN_NS;

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
