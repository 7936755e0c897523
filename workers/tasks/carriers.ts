import type { CarriersResult, CarriersTask } from '../../src/engine/protocol.ts';
import type { NsId } from '../../src/topology/topology.ts';
import { Namespaces } from '../namespaces.ts';
import { SystemFault } from '../netlink/fault.ts';
import { lookUp } from '../rtnl/dump.ts';

/** Which devices do not carry. One that is gone, by itself or with its namespace, is not waited for. Throws only HomeLost. */
export function carriers(task: CarriersTask): CarriersResult {
  return { down: task.ends.flatMap(({ ns, devs }) => devsDown(ns, devs).map((dev) => ({ ns, dev }))) };
}

function devsDown(ns: NsId, devs: readonly string[]): readonly string[] {
  try {
    using spaces = new Namespaces();
    const { socket } = spaces.get(ns);
    return devs.filter((dev) => (lookUp(socket, { ifname: dev })?.operstate ?? 'UP') !== 'UP');
  } catch (error) {
    if (error instanceof SystemFault) return [];
    throw error;
  }
}
