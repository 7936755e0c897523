import { namedNs, processNs } from '../net/ns-id.ts';
import type { Container, LinkSpec, Network, Node, ProjectFilter, Selector, Topology } from './topology.ts';

/** Which nodes each selector of a topology stands for, and what to call them. */
export interface NodeTable {
  /** Every node that some link or command selects, each once, in the order of the configuration. */
  readonly nodes: readonly Node[];
  readonly pending: Network['pending'];
  /** Nodes of a selector, replicas in the order of their numbers. */
  matching(selector: Selector): readonly Node[];
  /** NODE of `NODE:DEV`: the name, with its kind before it where a namespace shares it with a container or service. */
  labelOf(node: Node): string;
}

export function nodeTable(
  topology: Topology,
  containers: readonly Container[],
  filter: ProjectFilter | null,
): NodeTable {
  const running = runningNodes(containers, filter);
  const matches = new Map<string, { selector: Selector; nodes: readonly Node[]; links: LinkSpec[] }>();
  const nodes = new Set<Node>();
  const count = (selector: Selector, link: LinkSpec | null): void => {
    const key = keyOf(selector);
    let match = matches.get(key);
    if (match === undefined) {
      const found = selector.kind === 'netns' ? [netnsNode(selector.name)] : (running.get(key) ?? []);
      match = { selector, nodes: found, links: [] };
      matches.set(key, match);
      for (const node of found) nodes.add(node);
    }
    if (link !== null && match.nodes.length === 0) match.links.push(link);
  };
  for (const link of topology.links) count(link.selector, link);
  for (const command of topology.commands) count(command.selector, null);

  const shared = sharedNames(nodes, matches.values());
  return {
    nodes: [...nodes],
    pending: [...matches.values()]
      .filter((match) => match.nodes.length === 0 && !isInactive(topology, match.selector))
      .map(({ selector, links }) => ({ selector, links })),
    matching: (selector) => matches.get(keyOf(selector))?.nodes ?? [],
    labelOf: (node) => (shared.has(node.name) ? `${node.kind}/${node.name}` : node.name),
  };
}

/** Whether a selector is for a service that is not part of the project, as none of its profiles is on. */
function isInactive({ inactive }: Topology, { kind, name }: Selector): boolean {
  return kind === 'service' && inactive?.has(name) === true;
}

/** A topology without what is for services that are not part of the project. */
export function withoutInactive(topology: Topology): Topology {
  const isActive = ({ selector }: { readonly selector: Selector }): boolean => !isInactive(topology, selector);
  if ((topology.inactive?.size ?? 0) === 0) return topology;
  return { ...topology, links: topology.links.filter(isActive), commands: topology.commands.filter(isActive) };
}

function keyOf(selector: Selector): string {
  return `${selector.kind}/${selector.name}`;
}

/** Names of the nodes that are named namespaces. */
export function netnsNames({ links, commands }: Pick<Topology, 'links' | 'commands'>): Set<string> {
  const selectors = [...links, ...commands].map(({ selector }) => selector);
  return new Set(selectors.flatMap(({ kind, name }) => (kind === 'netns' ? [name] : [])));
}

function netnsNode(name: string): Node {
  return { kind: 'netns', name, ns: namedNs(name), id: null, service: null, index: 1 };
}

/** Nodes by the key of each selector that they match. */
function runningNodes(containers: readonly Container[], filter: ProjectFilter | null): Map<string, readonly Node[]> {
  const found = new Map<string, Node[]>();
  const add = (key: string, node: Node): void => {
    const nodes = found.get(key);
    if (nodes === undefined) found.set(key, [node]);
    else nodes.push(node);
  };
  for (const container of containers.toSorted((a, b) => a.index - b.index)) {
    const { name, pid, id, service, index } = container;
    const node: Node = { kind: 'container', name, ns: processNs(pid), id, service, index };
    add(`container/${name}`, node);
    if (service !== null && passes(container, filter)) add(`service/${service}`, node);
  }
  return found;
}

/** Whether a container is of the compose project that `service` links are for. */
export function passes(container: Container, filter: ProjectFilter | null): boolean {
  const project = filter?.project ?? null;
  const workingDir = filter?.workingDir ?? null;
  return (
    (project === null || container.project === project) && (workingDir === null || container.workingDir === workingDir)
  );
}

/** Names that a namespace has in common with a container or a service. */
function sharedNames(nodes: Iterable<Node>, matches: Iterable<{ readonly selector: Selector }>): ReadonlySet<string> {
  const netns = new Set<string>();
  const others = new Set<string>();
  for (const node of nodes) (node.kind === 'netns' ? netns : others).add(node.name);
  for (const { selector } of matches) if (selector.kind !== 'netns') others.add(selector.name);
  return new Set([...netns].filter((name) => others.has(name)));
}
