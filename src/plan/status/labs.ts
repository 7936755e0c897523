/** All labs of a host, for `status --all`. */

import { BRIDGE_NODE, groupOf, isOfLink, markOf, ROLE, sameLab } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { LinkDump, NsDump } from '../../wire/seen.ts';
import { observedOf } from '../observed.ts';
import { type ContainerNames, statusByMarks } from './by-marks.ts';
import type { LinkStatus } from './status.ts';

/** A node of a lab. Its addresses and traffic are those of the lab's links in it. */
export interface NodeSeen {
  readonly node: string;
  /** null: none of the node's devices was found. */
  readonly namespace: NsId | null;
  /** The container's name, if the namespace is a container's. */
  readonly container: string | null;
  readonly links: number;
  readonly addresses: readonly string[];
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** A lab that has devices on this host. */
export interface LabSeen {
  readonly lab: string;
  readonly links: number;
  readonly bridges: number;
  readonly namespaces: readonly NsId[];
  readonly nodes: readonly NodeSeen[];
}

interface Marks {
  readonly links: Set<string>;
  bridges: number;
  readonly namespaces: Set<NsId>;
}

/** Every lab whose marks are in these dumps, sorted by name. */
export function labsIn(dumps: readonly NsDump[], names: ContainerNames = new Map()): readonly LabSeen[] {
  const labs = new Map<string, Marks>();
  for (const { ns, links } of dumps) for (const device of links) note(labs, ns, device);
  return [...labs]
    .map(([lab, { links, bridges, namespaces }]): LabSeen => {
      const own = dumps.filter(
        ({ ns, links: devices }) => namespaces.has(ns) || devices.some((link) => isOf(lab, link)),
      );
      const status = statusByMarks(lab, observedOf(lab, own, [], true), names);
      const nodes = nodesOf(status.links, names);
      const places = nodes.flatMap(({ namespace }) => (namespace === null ? [] : [namespace]));
      return { lab, links: links.size, bridges, namespaces: [...new Set([...namespaces, ...places])], nodes };
    })
    .sort((a, b) => (a.lab < b.lab ? -1 : 1));
}

function isOf(lab: string, { group }: LinkDump): boolean {
  return sameLab(group, groupOf(lab, ROLE.nodeEnd));
}

function note(labs: Map<string, Marks>, ns: NsId, device: LinkDump): void {
  const mark = markOf(device.alias);
  if (!mark || (device.ifname !== 'lo' && !isOf(mark.lab, device))) return;
  const seen = labs.get(mark.lab) ?? { links: new Set<string>(), bridges: 0, namespaces: new Set<NsId>() };
  labs.set(mark.lab, seen);
  seen.namespaces.add(ns);
  if (mark.node === BRIDGE_NODE) seen.bridges += 1;
  else if (isOfLink(mark)) seen.links.add(`${mark.node}:${mark.dev}`);
}

function nodesOf(links: readonly LinkStatus[], names: ContainerNames): NodeSeen[] {
  const nodes = new Map<string, LinkStatus[]>();
  for (const link of links) {
    const node = link.link.slice(0, link.link.length - link.dev.length - 1);
    nodes.set(node, [...(nodes.get(node) ?? []), link]);
  }
  return [...nodes].map(([node, own]) => {
    const ns = own.find(({ drift }) => drift.length === 0)?.ns ?? null;
    const sum = (what: 'rxBytes' | 'txBytes'): number =>
      own.reduce((total, { observed }) => total + (observed?.counters?.[what] ?? 0), 0);
    return {
      node,
      namespace: ns,
      container: ns === null ? null : (names.get(ns) ?? null),
      links: own.length,
      addresses: own.flatMap(({ addresses }) => addresses),
      rxBytes: sum('rxBytes'),
      txBytes: sum('txBytes'),
    };
  });
}
