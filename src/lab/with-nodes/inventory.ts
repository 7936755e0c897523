/** The inventory of the nodes that were found: what the configuration says of them, and how each is reached now. */
import type { NsId } from '../../net/ns-id.ts';
import { type EngineAt, type Inventory, type InventoryNode, inventoryOf } from '../../topology/nodes/inventory.ts';
import { type FoundNode, nsOf } from './find.ts';
import type { NodesOfLab } from './of-lab.ts';

/** Sockets that Ansible's plugins take without being told. */
const USUAL_SOCKETS: ReadonlySet<string> = new Set([
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/var/run/podman/podman.sock',
  '/run/podman/podman.sock',
]);

export interface FoundInventory {
  readonly inventory: Inventory;
  /** Of the containers, by their names in the inventory. */
  readonly engines: ReadonlyMap<string, EngineAt>;
}

/** Those chosen, by their labels; with all of a lab chosen, the entries of `nodes:` that are not there follow. */
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

/** Of a node of which the marks are all that is known: which device has which address is not among that. */
function byMarks(node: FoundNode, addresses: readonly string[]): InventoryNode {
  return {
    ...{ name: node.label, kind: node.kind, labels: {}, loopbacks: addresses, links: [], isRunning: true },
    realName: node.kind === 'netns' ? node.name : node.container.name,
    service: node.kind === 'netns' ? null : node.container.service,
  };
}
