/** The output of `inventory` for Ansible. */
import { stringify } from 'yaml';
import { ansibleInventory, type EngineAt, type Inventory } from '../topology/nodes/inventory.ts';

/** A static YAML inventory of the nodes that run. */
export function ansibleText(inventory: Inventory, engines: ReadonlyMap<string, EngineAt>): string {
  const running = { ...inventory, nodes: inventory.nodes.filter(({ isRunning }) => isRunning) };
  const engineOf = ({ name }: { readonly name: string }): EngineAt =>
    engines.get(name) ?? { kind: 'docker', socketPath: null };
  return stringify(ansibleInventory(running, engineOf), { lineWidth: 0 });
}
