/** Keeps the names in /run/netns of containers that start and restart while a daemon follows them. */
import { nameContainers } from '../../engine/container-names.ts';
import type { Emit } from '../../events.ts';
import type { Container } from '../../topology/topology.ts';
import type { Session } from '../session.ts';

export class NodeNames {
  /** By container id, the process that the container's name leads to. */
  #pids: ReadonlyMap<string, number> = new Map();

  /**
   * Gives their names to the containers of `nodes:` whose process is another one than at the last call. A container that an engine
   * restarts has a new process, and its name led to the one that has ended. Needs root.
   */
  async renew({ workers, topology }: Session, containers: readonly Container[], emit: Emit): Promise<void> {
    const own = containers.filter((one) => hasNodeName(one) && one.entry?.lab === topology.lab);
    const fresh = own.filter(({ id, pid }) => this.#pids.get(id) !== pid);
    this.#pids = new Map(own.map(({ id, pid }) => [id, pid]));
    await nameContainers(workers, topology.lab, fresh, emit);
  }
}

/** Whether a container has a name in /run/netns: only one of `nodes:` has, under the name that linkloom gave it. */
export function hasNodeName({ name, entry }: Pick<Container, 'name' | 'entry'>): boolean {
  return entry !== undefined && name === `${entry.lab}.${entry.node}`;
}
