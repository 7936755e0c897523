/** Finds the parts of a topology that concern given nodes. The topology is indexed once and can be asked often. */
import { bridgesThat } from '../kinds/bridge-modes.ts';
import { bridgeOf, givenOuterDev } from '../kinds/links/link-kinds.ts';
import { HOST_NAME } from '../net/ifname.ts';
import { definitionsOf, entryNames, isOfContainers, netnsNames, passes } from './nodes.ts';
import type { BridgeSpec, CommandSpec, Container, LinkSpec, ProjectFilter, Selector, Topology } from './topology.ts';

/** Names of the bridges that are wires. */
export function wiresOf(bridges: readonly BridgeSpec[]): ReadonlySet<string> {
  return bridgesThat(bridges, ({ isWire }) => isWire);
}

interface Wanted {
  readonly links: LinkSpec[];
  readonly commands: CommandSpec[];
}

export class TopologyParts {
  readonly #topology: Topology;
  readonly #filter: ProjectFilter | null;
  readonly #bySelector = new Map<string, Wanted>();
  /** Links of nodes that are there without an engine. */
  readonly #steadyLinks: number;
  readonly #entryOf: (container: Container) => string | undefined;
  readonly #netnsNames: ReadonlySet<string>;
  /** Whether the configuration gives a container or service the name of a namespace. */
  readonly #sharesNames: boolean;
  /**
   * Whether an outer end's name is given to more than one link, or to replicas. Only the whole topology shows which
   * link has such a name.
   */
  readonly #sharesOuterDevs: boolean;
  /** Links of wires by bridge. Each of the two concerns the other one's node. */
  readonly #wires = new Map<string, LinkSpec[]>();

  constructor(topology: Topology, filter: ProjectFilter | null) {
    this.#topology = topology;
    this.#filter = filter;
    const wires = wiresOf(topology.bridges);
    for (const link of topology.links) {
      this.#of(link.selector).links.push(link);
      const bridge = bridgeOf(link);
      if (bridge !== null && wires.has(bridge)) this.#wires.set(bridge, [...(this.#wires.get(bridge) ?? []), link]);
    }
    for (const command of topology.commands) this.#of(command.selector).commands.push(command);
    const entries = definitionsOf(topology);
    this.#steadyLinks = topology.links.filter(({ selector }) => !isOfContainers(selector, entries)).length;
    this.#entryOf = entryNames(topology);
    const selectors = [...topology.links, ...topology.commands].map(({ selector }) => selector);
    const names = netnsNames(topology);
    if (selectors.some(({ kind }) => kind === 'host')) names.add(HOST_NAME);
    this.#netnsNames = names;
    const written = topology.links.flatMap((link) => {
      const outerDev = givenOuterDev(link);
      if (outerDev === null) return [];
      return link.selector.kind === 'service' ? [outerDev, outerDev] : [outerDev];
    });
    this.#sharesOuterDevs = new Set(written).size < written.length;
    this.#sharesNames = selectors.some(
      ({ kind, name }) =>
        kind !== 'netns' && kind !== 'host' && (names.has(name) || (kind !== 'node' && entries.has(name))),
    );
  }

  /**
   * Whether a part of the topology can be handled by itself. It can't if a namespace shares its name with a container
   * or service, since that decides the names of links. It can't either if two links may want the same outer end.
   */
  canNarrow(containers: readonly Container[]): boolean {
    return !this.#sharesNames && !this.#sharesOuterDevs && !containers.some(({ name }) => this.#netnsNames.has(name));
  }

  wants(container: Container): boolean {
    return this.#matching(container).length > 0;
  }

  commandsOf(container: Container): readonly CommandSpec[] {
    return this.#matching(container).flatMap(({ commands }) => commands);
  }

  /** The number of links that are wanted when these containers run. */
  count(containers: readonly Container[]): number {
    const ofContainers = containers.flatMap((container) => this.#matching(container).map(({ links }) => links.length));
    return ofContainers.reduce((sum, links) => sum + links, this.#steadyLinks);
  }

  /** The part of the topology that concerns these containers, and these namespaces by name. */
  narrow(containers: readonly Container[], netns: Iterable<string> = []): Topology {
    const links = new Set<LinkSpec>();
    const concerned = [
      ...containers.flatMap((container) => this.#matching(container)),
      ...[...netns].flatMap((name) => this.#ofNamespace(name)),
    ];
    for (const link of concerned.flatMap((wanted) => wanted.links)) {
      links.add(link);
      for (const other of this.#wires.get(bridgeOf(link) ?? '') ?? []) links.add(other);
    }
    const tied = new Set([...links].map(bridgeOf));
    const bridges = this.#topology.bridges.filter(({ name }) => tied.has(name));
    // A tunnel that is the other end of a link's wire belongs to that link's part. A tunnel that is a port of a bridge
    // does not.
    const tunnels = this.#topology.tunnels.filter(({ bridge }) => tied.has(bridge) && this.#wires.has(bridge));
    const names = new Set([...links].map(({ selector }) => selector.name));
    const nodes = (this.#topology.nodes ?? []).filter(({ name }) => names.has(name));
    return { ...this.#topology, links: [...links], bridges, tunnels, commands: [], nodes };
  }

  /** The links and commands of a namespace, which may be an entry of `nodes:`. */
  #ofNamespace(name: string): readonly Wanted[] {
    const selectors: readonly Selector[] = [
      { kind: 'netns', name },
      { kind: 'node', name },
    ];
    return selectors.flatMap((selector) => this.#bySelector.get(keyOf(selector)) ?? []);
  }

  #of(selector: Selector): Wanted {
    const key = keyOf(selector);
    let wanted = this.#bySelector.get(key);
    if (wanted === undefined) {
      wanted = { links: [], commands: [] };
      this.#bySelector.set(key, wanted);
    }
    return wanted;
  }

  #matching(container: Container): readonly Wanted[] {
    const entry = this.#entryOf(container);
    if (entry !== undefined) {
      const wanted = this.#bySelector.get(keyOf({ kind: 'node', name: entry }));
      return wanted === undefined ? [] : [wanted];
    }
    const keys = [keyOf({ kind: 'container', name: container.name })];
    if (container.service !== null && passes(container, this.#filter))
      keys.push(keyOf({ kind: 'service', name: container.service }));
    return keys.flatMap((key) => this.#bySelector.get(key) ?? []);
  }
}

function keyOf({ kind, name }: Selector): string {
  return `${kind}/${name}`;
}
