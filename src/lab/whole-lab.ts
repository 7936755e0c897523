/** What passes over the whole lab found out, and passes over some of its nodes build on. */
import type { Placement } from '../plan/switch/placement.ts';
import { TopologyParts } from '../topology/parts.ts';
import type { Container, Network, ProjectFilter, Topology } from '../topology/topology.ts';
import { SharedNamespaces } from './shared-namespaces.ts';
import type { Snapshot } from './snapshot.ts';

export class WholeLab {
  readonly #topology: Topology;
  readonly #filter: ProjectFilter | null;
  #parts: TopologyParts | null = null;
  readonly #shared = new SharedNamespaces();
  #placement: Placement | null = null;

  constructor(topology: Topology, filter: ProjectFilter | null) {
    this.#topology = topology;
    this.#filter = filter;
  }

  /** Which part of the topology concerns which node. Indexed when it is first asked: a single pass over the whole lab never does. */
  get parts(): TopologyParts {
    this.#parts ??= new TopologyParts(this.#topology, this.#filter);
    return this.#parts;
  }

  /** Where each bridge is, from the last pass over the whole lab; null: there was none. */
  get placement(): Placement | null {
    return this.#placement;
  }

  /** Whether a pass over some nodes would see all that decides about them. */
  canNarrow(containers: readonly Container[]): boolean {
    return this.#placement !== null && this.parts.canNarrow(containers);
  }

  /** Whether a node of this part of the lab shares its namespace with one that is not part of it: then the part is too small. */
  reachesBeyond(network: Network, { observed }: Snapshot): boolean {
    return this.#shared.reachBeyond(network, observed);
  }

  /** Records what a pass saw. */
  note({ nodes }: Network, { observed, placement }: Snapshot, isWhole: boolean): void {
    this.#shared.note(nodes, observed, isWhole);
    if (isWhole) this.#placement = placement;
  }
}
