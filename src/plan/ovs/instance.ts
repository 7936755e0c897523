/**
 * `ovs/` plans bridges of mode `ovs`. Each namespace that has some gets one Open vSwitch of the lab's own: two daemons in that
 * namespace, whose sockets, database, logs and pid files are all in one directory. What its database holds and what the kernel
 * holds are compared like everything else, and mended by the same ops.
 *
 * This file: where an instance keeps its files. The name leads back to the lab and the namespace, so that `down` needs no more.
 */
import { RUN_DIRECTORY } from '../../net/run-directory.ts';
import type { NsId } from '../../topology/topology.ts';
import { shardName, shardNumber } from '../switch/placement.ts';

const OWN_SUFFIX = '.self';
const SHARD_PREFIX = 'netns/linkloom-';

/** Where the instance of a namespace keeps its files: below `LAB`, `LAB.2`, or `LAB.self` for linkloom's own namespace. */
export function ovsDirectory(lab: string, ns: NsId): string {
  const name = ns === 'self' ? `${lab}${OWN_SUFFIX}` : ns.slice(SHARD_PREFIX.length);
  return `${RUN_DIRECTORY}/${name}/ovs`;
}

/** The namespaces of a lab's instances, from the names below RUN_DIRECTORY. */
export function instancesOf(lab: string, names: readonly string[]): readonly NsId[] {
  return names.flatMap((name): NsId[] => {
    if (name === `${lab}${OWN_SUFFIX}`) return ['self'];
    const number = shardNumber(lab, `linkloom-${name}`);
    return number < 0 ? [] : [shardName(lab, number)];
  });
}
