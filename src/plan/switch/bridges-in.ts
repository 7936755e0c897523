import { isLinuxBridge } from '../../kinds/bridge-modes.ts';
import type { LinkDump, NsDump } from '../../wire/seen.ts';
import type { Ownership } from '../ownership.ts';

/** Bridges up to this number are left to the kernel, which deletes them with their namespaces. */
const FEW_BRIDGES = 12;

/**
 * Whether the Linux bridges of namespaces that go have to be deleted before them. Many kernels wait some 17 ms for each bridge
 * (br_multicast_dev_del, rcu_barrier). With the namespaces they do so for all at once, while nobody else on the machine can change
 * a network device. A worker deletes a few at a time.
 */
export function manyBridges(dumps: readonly NsDump[]): boolean {
  return dumps.reduce((sum, { links }) => sum + links.filter(isLinuxBridge).length, 0) > FEW_BRIDGES;
}

/** The lab's Linux bridges in a switch namespace. */
export function bridgesIn(dump: NsDump, group: number, ownership: Ownership): readonly LinkDump[] {
  return dump.links.filter((link) => link.group === group && isLinuxBridge(link) && ownership.owns(dump.ns, link));
}
