/** Finds nodes that share a network namespace. A pass over one of them has to cover the other too, since the links of both are in it. */

import type { NsId } from '../net/ns-id.ts';
import type { Observed } from '../plan/observed.ts';
import type { Network, Node } from '../topology/topology.ts';

export class SharedNamespaces {
  /** The namespaces' ids by inode, as passes saw them; some may have ended since. */
  #seen = new Map<number, Set<NsId>>();

  /** Records what a pass saw. `whole`: it was over the whole lab. */
  note(nodes: readonly Node[], { namespaces }: Observed, whole: boolean): void {
    if (whole) this.#seen = new Map();
    for (const { ns } of nodes) {
      const inode = namespaces.get(ns)?.dump.inode;
      if (inode === undefined) continue;
      const names = this.#seen.get(inode);
      if (names === undefined) this.#seen.set(inode, new Set([ns]));
      else names.add(ns);
    }
  }

  /** Whether a node of this part of the lab shares its namespace with one that is not part of it. */
  reachBeyond({ nodes }: Network, { namespaces }: Observed): boolean {
    const part = new Set<NsId>(nodes.map(({ ns }) => ns));
    return nodes.some(({ ns }) => {
      const others = this.#seen.get(namespaces.get(ns)?.dump.inode ?? 0);
      return others !== undefined && [...others].some((other) => !part.has(other));
    });
  }
}
