/** What the nodes of a lab are called, by their namespaces. */
import { namedNamespaces } from '../../engine/named-namespaces.ts';
import { type NsId, namedNs, processNs } from '../../net/ns-id.ts';
import { nodeTable } from '../../topology/nodes.ts';
import type { Container } from '../../topology/topology.ts';
import type { Session } from '../session.ts';

/** By the configuration where there is one; else a node is called what its container or its namespace is. */
export function labelsOf(
  lab: string,
  session: Session | null,
  containers: readonly Container[],
): ReadonlyMap<NsId, string> {
  const labels = new Map<NsId, string>();
  // What a lab makes of `nodes:` is called LAB.NODE.
  const short = (name: string): string => (name.startsWith(`${lab}.`) ? name.slice(lab.length + 1) : name);
  for (const name of namedNamespaces()) labels.set(namedNs(name), short(name));
  for (const { name, pid, entry } of containers)
    labels.set(processNs(pid), entry?.lab === lab ? entry.node : short(name));
  if (session === null) return labels;
  const table = nodeTable(session.topology, containers, session.filter, session.host);
  for (const node of table.nodes) labels.set(node.ns, table.labelOf(node));
  return labels;
}
