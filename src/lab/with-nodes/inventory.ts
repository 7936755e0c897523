/** Makes the inventory of the nodes that were found: what the configuration says of each, and how it is reached now. */
import type { NsId } from '../../net/ns-id.ts';
import { type EngineAt, type Inventory, type InventoryNode, inventoryOf } from '../../topology/nodes/inventory.ts';
import { type FoundNode, nsOf } from './find.ts';
import type { NodesOfLab } from './of-lab.ts';

/** Sockets that Ansible's plugins use by default. */
const USUAL_SOCKETS: ReadonlySet<string> = new Set([
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/var/run/podman/podman.sock',
  '/run/podman/podman.sock',
]);

export interface FoundInventory {
  readonly inventory: Inventory;
  /** The containers' engines, by the containers' names in the inventory. */
  readonly engines: ReadonlyMap<string, EngineAt>;
}

/** The inventory of the chosen nodes. If all nodes of the lab are chosen, entries of `nodes:` that do not run follow. */
export function inventoryOfFound(found: NodesOfLab, chosen: readonly FoundNode[]): FoundInventory {
  const { lab, network, topology } = found;
  const known = network === null || topology === null ? [] : inventoryOf(topology, network).nodes;
  const byNs = new Map<NsId, InventoryNode | undefined>((network?.nodes ?? []).map(({ ns }, at) => [ns, known[at]]));
  const nodes = chosen.map((node): InventoryNode => {
    const described = byNs.get(nsOf(node)) ?? byMarks(node, found.addresses.get(node.label) ?? []);
    return { ...described, name: node.label };
  });
  const labels = new Set(found.nodes.map(({ label }) => label));
  const absent = chosen.length < found.nodes.length ? [] : known.filter(({ name }) => !labels.has(name));
  const engines = chosen.flatMap((node): [string, EngineAt][] => {
    if (node.kind === 'netns') return [];
    const { kind, socketPath } = node.engine;
    return [[node.label, { kind, socketPath: USUAL_SOCKETS.has(socketPath) ? null : socketPath }]];
  });
  const all = [...nodes, ...absent.map((node) => ({ ...node, isRunning: false }))];
  return { inventory: { schemaVersion: 1, lab, nodes: all }, engines: new Map(engines) };
}

/** The entry of a node that is known by its marks alone. These do not tell which device has which address. */
function byMarks(node: FoundNode, addresses: readonly string[]): InventoryNode {
  return {
    ...{ name: node.label, kind: node.kind, labels: {}, loopbacks: addresses, links: [], isRunning: true },
    realName: node.kind === 'netns' ? node.name : node.container.name,
    service: node.kind === 'netns' ? null : node.container.service,
  };
}
