/** Which nodes are in one network namespace: links of one decide then about those of the other. */

import type { NsId } from '../net/ns-id.ts';
import type { Observed } from '../plan/observed.ts';
import type { Network, Node } from '../topology/topology.ts';

export class SharedNamespaces {
  /** By inode, as passes saw them; what has ended since may be among them. */
  #seen = new Map<number, Set<NsId>>();

  /** Takes in what a pass saw: of the `whole` lab, or of some nodes. */
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
