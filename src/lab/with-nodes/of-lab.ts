/** Finds the nodes of a lab that exist now: by its configuration, or, if only its name is given, by its marks in the kernel. */
import { readdir } from 'node:fs/promises';
import type { Emit } from '../../events.ts';
import { NETNS_DIRECTORY, netnsNameOf, netnsPath, OWN_NS } from '../../net/ns-id.ts';
import { connectEngines, enginesWithin } from '../../runtime/connect.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import { instantiate } from '../../topology/instantiate.ts';
import { hasContainers, nodeTable, withoutInactive } from '../../topology/nodes.ts';
import type { Container, Network, Node, ProjectFilter, Topology } from '../../topology/topology.ts';
import { type Inside, ownContainer, ownLabOf } from '../inside.ts';
import { loadTopology } from '../load.ts';
import type { Request } from '../request.ts';
import { filterOf } from '../session.ts';
import { labsOfHost } from '../verbs/survey.ts';
import { type FoundNode, isNamespace } from './find.ts';

export interface NodesOfLab {
  readonly lab: string;
  /** In the order of the configuration; by name where there is none. */
  readonly nodes: readonly FoundNode[];
  /** Nodes that the configuration names and that do not exist. */
  readonly missing: readonly string[];
  /** By a node's label, the addresses seen on its links. Empty if there is a configuration: then `network` has the addresses. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** What the configuration wants of the nodes; null: only the lab's name is known. */
  readonly network: Network | null;
  /** null: only the lab's name is known. */
  readonly topology: Topology | null;
}

/** Throws E_CONFIG, E_USAGE if there is no configuration, and E_ENGINE if the lab has containers and no engine answers. */
export async function nodesOfLab(request: Request, emit: Emit): Promise<NodesOfLab> {
  const { lab } = request.load;
  // A verb about nodes does not report the stages of looking for them.
  const tell: Emit = (event) => {
    if (event.type !== 'stage' && event.type !== 'progress') emit(event);
  };
  return lab !== undefined && isNamedAlone(request)
    ? await byMarks(lab, request, tell)
    : await byConfiguration(request, tell);
}

/** Whether the lab is given by its name, without files. */
export function isNamedAlone({ load: { lab, files, networkFiles, composeFiles } }: Request): boolean {
  return lab !== undefined && [files, networkFiles, composeFiles].every((list) => (list ?? []).length === 0);
}

async function byConfiguration(request: Request, emit: Emit): Promise<NodesOfLab> {
  const inside = await ownContainer(request, () => {});
  const load = { ...request.load, ownProject: inside.own?.container.project ?? undefined, ownLab: ownLabOf(inside) };
  const { loaded, topology: whole } = await loadTopology({ ...request, load }, emit);
  const topology = withoutInactive(whole);
  const engines = await enginesFor(topology, request, inside);
  return await nodesOfTopology(topology, engines, filterOf(request, loaded, inside.own));
}

/** The nodes of a configuration, given the containers that run now. Throws E_ENGINE if an engine does not answer. */
export async function nodesOfTopology(
  topology: Topology,
  engines: readonly ContainerEngine[],
  filter: ProjectFilter | null,
): Promise<NodesOfLab> {
  const running = await Running.look(engines);
  const table = nodeTable(topology, running.containers, filter, OWN_NS);
  const missing = table.pending.map(({ selector }) => selector.name);
  const nodes: FoundNode[] = [];
  // The host itself is left out: running a program there needs no linkloom.
  for (const node of table.nodes.filter(({ kind }) => kind !== 'host')) {
    const label = table.labelOf(node);
    const found = await running.node(node, label);
    if (found === null) missing.push(label);
    else nodes.push(found);
  }
  const { network } = instantiate(topology, { containers: running.containers, netns: 'all', host: OWN_NS }, filter);
  return { lab: topology.lab, nodes, missing, addresses: new Map(), network, topology };
}

async function enginesFor(topology: Topology, request: Request, inside: Inside): Promise<readonly ContainerEngine[]> {
  if (inside.engines.length > 0) return inside.engines;
  return hasContainers(topology) ? await connectEngines(request.sockets, () => {}) : [];
}

/** The nodes of a lab without its configuration: those of the links with its mark, containers with its label, and namespaces named `LAB.NODE`. Needs root. */
async function byMarks(lab: string, request: Request, emit: Emit): Promise<NodesOfLab> {
  const seen = (await labsOfHost(request, emit)).find((one) => one.lab === lab);
  const running = await Running.look(await enginesWithin(request.sockets));
  const nodes = new Map<string, FoundNode>();
  const add = (node: FoundNode | null): void => {
    if (node !== null) nodes.set(node.label, nodes.get(node.label) ?? node);
  };
  for (const container of running.containers) {
    if (container.entry?.lab === lab) add(running.container(container, container.entry.node));
  }
  for (const name of await readdir(NETNS_DIRECTORY).catch(() => [])) {
    if (name.startsWith(`${lab}.`)) add(await namespaceNode(name, name.slice(lab.length + 1), nodes));
  }
  for (const { node, namespace, container } of seen?.nodes ?? []) {
    const name = namespace === null ? null : netnsNameOf(namespace);
    if (container === null && name !== null) add(await namespaceNode(name, node, nodes));
    const found = running.containers.find((one) => one.name === container);
    if (found !== undefined) add(running.container(found, node));
  }
  const sorted = [...nodes.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
  const addresses = new Map((seen?.nodes ?? []).map((node) => [node.node, node.addresses]));
  return { lab, nodes: sorted, missing: [], addresses, network: null, topology: null };
}

/** Leaves out the names in /run/netns that lead to containers, since those nodes are found as containers. */
async function namespaceNode(
  name: string,
  label: string,
  known: ReadonlyMap<string, FoundNode>,
): Promise<FoundNode | null> {
  if (known.has(label) || !(await isNamespace(netnsPath(name)))) return null;
  return { kind: 'netns', label, name };
}

/** The running containers, each with its engine. */
class Running {
  readonly containers: readonly Container[];
  readonly #engines: ReadonlyMap<string, ContainerEngine>;

  private constructor(engines: ReadonlyMap<Container, ContainerEngine>) {
    this.containers = [...engines.keys()];
    this.#engines = new Map([...engines].map(([{ id }, engine]) => [id, engine]));
  }

  static async look(engines: readonly ContainerEngine[]): Promise<Running> {
    const lists = await Promise.all(
      engines.map(async (engine) => (await engine.list()).map((one) => [one, engine] as const)),
    );
    return new Running(new Map(lists.flat()));
  }

  container(container: Container, label: string): FoundNode | null {
    const engine = this.#engines.get(container.id);
    return engine === undefined ? null : { kind: 'container', label, engine, container };
  }

  /** null: there is no such node. */
  async node(node: Node, label: string): Promise<FoundNode | null> {
    if (node.kind === 'netns') {
      const name = netnsNameOf(node.ns) ?? node.name;
      return (await isNamespace(netnsPath(name))) ? { kind: 'netns', label, name } : null;
    }
    const container = this.containers.find(({ id }) => id === node.id);
    return container === undefined ? null : this.container(container, label);
  }
}
