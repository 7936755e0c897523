import { HOST_NAME } from '../net/ifname.ts';
import { type NsId, namedNs, processNs } from '../net/ns-id.ts';
import type { NodeDefinition } from './nodes/definition.ts';
import type { Container, HostNode, LinkSpec, Network, Node, ProjectFilter, Selector, Topology } from './topology.ts';

/** The nodes that each selector of a topology matches, and their names. */
export interface NodeTable {
  /**
   * Every node that a link or command selects, then the other entries of `nodes:`. Each node is listed once, in the
   * order of the configuration.
   */
  readonly nodes: readonly Node[];
  readonly pending: Network['pending'];
  /** The nodes of a selector; replicas are in the order of their numbers. */
  matching(selector: Selector): readonly Node[];
  /**
   * The NODE of `NODE:DEV`: the node's name. If a namespace shares the name with a container or service, the kind
   * stands before it.
   */
  labelOf(node: Node): string;
}

/** `hostNs`: the host's namespace. */
export function nodeTable(
  topology: Topology,
  containers: readonly Container[],
  filter: ProjectFilter | null,
  hostNs: NsId,
): NodeTable {
  const running = runningNodes(topology, containers, filter);
  const entries = definitionsOf(topology);
  const host: readonly HostNode[] = [{ kind: 'host', name: HOST_NAME, ns: hostNs, id: null, service: null, index: 1 }];
  const nodesOf = (selector: Selector): readonly Node[] => {
    if (selector.kind === 'host') return host;
    const namespace = namespaceOf(selector, entries);
    const found = namespace === null ? (running.get(keyOf(selector)) ?? []) : [netnsNode(selector.name, namespace)];
    const addresses = selector.kind === 'node' ? entries.get(selector.name)?.loopbacks : undefined;
    if (addresses === undefined) return found;
    return found.map((node) => ({ ...node, loopbacks: { addresses, pools: topology.loopbackPools ?? [] } }));
  };
  const matches = new Map<string, { selector: Selector; nodes: readonly Node[]; links: LinkSpec[] }>();
  const nodes = new Set<Node>();
  const made = new Set<Node>();
  const count = (selector: Selector, link: LinkSpec | null): void => {
    const key = keyOf(selector);
    let match = matches.get(key);
    if (match === undefined) {
      const found = nodesOf(selector);
      match = { selector, nodes: found, links: [] };
      matches.set(key, match);
      for (const node of found) nodes.add(node);
      if (selector.kind === 'node') for (const node of found) made.add(node);
    }
    if (link !== null && match.nodes.length === 0) match.links.push(link);
  };
  for (const link of topology.links) count(link.selector, link);
  for (const command of topology.commands) count(command.selector, null);
  for (const name of entries.keys()) count({ kind: 'node', name }, null);

  const shared = sharedNames(
    [...nodes].filter((node) => !made.has(node)),
    matches.values(),
  );
  return {
    nodes: [...nodes],
    pending: [...matches.values()]
      .filter((match) => match.nodes.length === 0 && !isInactive(topology, match.selector))
      .map(({ selector, links }) => ({ selector, links })),
    matching: (selector) => matches.get(keyOf(selector))?.nodes ?? [],
    labelOf: (node) => {
      if (node.kind === 'host' || !shared.has(node.name)) return node.name;
      return `${made.has(node) ? 'node' : node.kind}/${node.name}`;
    },
  };
}

/** Whether a selector is for a service that is not part of the project because none of its profiles is active. */
function isInactive({ inactive }: Topology, { kind, name }: Selector): boolean {
  return kind === 'service' && inactive?.has(name) === true;
}

/** The topology without the parts for services that are not part of the project. */
export function withoutInactive(topology: Topology): Topology {
  const isActive = ({ selector }: { readonly selector: Selector }): boolean => !isInactive(topology, selector);
  if ((topology.inactive?.size ?? 0) === 0) return topology;
  return { ...topology, links: topology.links.filter(isActive), commands: topology.commands.filter(isActive) };
}

function keyOf(selector: Selector): string {
  return `${selector.kind}/${selector.name}`;
}

type Entries = ReadonlyMap<string, NodeDefinition>;

/** The entries of `nodes:`, by name. */
export function definitionsOf({ nodes = [] }: Pick<Topology, 'nodes'>): Entries {
  return new Map(nodes.map((definition) => [definition.name, definition]));
}

/** The name in /run/netns of a selector's namespace. null: the selector matches containers or the host. */
export function namespaceOf({ kind, name }: Selector, entries: Entries): string | null {
  if (kind === 'netns') return name;
  const definition = kind === 'node' ? entries.get(name) : undefined;
  return definition?.kind === 'netns' ? definition.realName : null;
}

/** Whether a selector stands for containers, which run or not; all else is there, or made. */
export function isOfContainers(selector: Selector, entries: Entries): boolean {
  return selector.kind !== 'host' && namespaceOf(selector, entries) === null;
}

/** Names in /run/netns of all nodes that are named namespaces. */
export function netnsNames(topology: Pick<Topology, 'links' | 'commands' | 'nodes'>): Set<string> {
  const entries = definitionsOf(topology);
  const selectors = [...topology.links, ...topology.commands].map(({ selector }) => selector);
  const own = (topology.nodes ?? []).flatMap(({ kind, realName }) => (kind === 'netns' ? [realName] : []));
  return new Set([...selectors.flatMap((selector) => namespaceOf(selector, entries) ?? []), ...own]);
}

/** Returns the function that finds a container's entry of `nodes:`, by the container's labels, else by its name. */
export function entryNames({ lab, nodes = [] }: Topology): (container: Container) => string | undefined {
  const byRealName = new Map(nodes.map(({ realName, name }) => [realName, name]));
  return ({ entry, name }) => (entry?.lab === lab ? entry.node : byRealName.get(name));
}

/** Whether anything of a topology is in the host's namespace, parents aside. */
export function isOnHost({ links, commands, bridges }: Pick<Topology, 'links' | 'commands' | 'bridges'>): boolean {
  return (
    bridges.some(({ isExternal }) => isExternal) ||
    [...links, ...commands].some(({ selector }) => selector.kind === 'host')
  );
}

/** Whether any node of the topology is a container. */
export function hasContainers(topology: Topology): boolean {
  const entries = definitionsOf(topology);
  if ([...entries.values()].some(({ kind }) => kind === 'container')) return true;
  return [...topology.links, ...topology.commands].some(({ selector }) => isOfContainers(selector, entries));
}

function netnsNode(name: string, namespace: string): Node {
  return { kind: 'netns', name, ns: namedNs(namespace), id: null, service: null, index: 1 };
}

/** The running nodes, by the key of each selector that matches them. */
function runningNodes(
  topology: Topology,
  containers: readonly Container[],
  filter: ProjectFilter | null,
): Map<string, readonly Node[]> {
  const found = new Map<string, Node[]>();
  const entryOf = entryNames(topology);
  const add = (key: string, node: Node): void => {
    const nodes = found.get(key);
    if (nodes === undefined) found.set(key, [node]);
    else nodes.push(node);
  };
  for (const container of containers.toSorted((a, b) => a.index - b.index)) {
    const { name, pid, id, service, index } = container;
    const entry = entryOf(container);
    if (entry !== undefined) {
      add(`node/${entry}`, { kind: 'container', name: entry, ns: processNs(pid), id, service: null, index: 1 });
      continue;
    }
    const node: Node = { kind: 'container', name, ns: processNs(pid), id, service, index };
    add(`container/${name}`, node);
    if (service !== null && passes(container, filter)) add(`service/${service}`, node);
  }
  return found;
}

/** Whether a container is in the compose project whose `service` links are made. */
export function passes(container: Container, filter: ProjectFilter | null): boolean {
  const project = filter?.project ?? null;
  const workingDir = filter?.workingDir ?? null;
  return (
    (project === null || container.project === project) && (workingDir === null || container.workingDir === workingDir)
  );
}

/**
 * Names that nodes of different kinds share. The kinds are namespaces, containers and services, and entries of
 * `nodes:`.
 */
function sharedNames(found: Iterable<Node>, matches: Iterable<{ readonly selector: Selector }>): ReadonlySet<string> {
  const netns = new Set<string>();
  const others = new Set<string>();
  const entries = new Set<string>();
  for (const { selector } of matches) {
    if (selector.kind === 'netns') netns.add(selector.name);
    else if (selector.kind !== 'host') (selector.kind === 'node' ? entries : others).add(selector.name);
  }
  for (const { kind, name } of found) {
    // A container can have that name.
    if (kind === 'host') entries.add(name);
    else (kind === 'netns' ? netns : others).add(name);
  }
  const shared = [...netns].filter((name) => others.has(name) || entries.has(name));
  return new Set([...shared, ...[...entries].filter((name) => others.has(name))]);
}
