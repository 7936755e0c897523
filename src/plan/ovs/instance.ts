/**
 * `ovs/` plans bridges of mode `ovs`. Each namespace that has some gets one Open vSwitch of the lab's own: two daemons in that
 * namespace, whose sockets, database, logs and pid files are all in one directory. What its database holds and what the kernel
 * holds are compared like everything else, and mended by the same ops.
 *
 * This file: where an instance keeps its files. The name leads back to the lab and the namespace, so that `down` needs no more.
 */
import { SWITCH_PREFIX } from '../../net/ifname.ts';
import { type NsId, namedNs, netnsNameOf, OWN_NS } from '../../net/ns-id.ts';
import { RUN_DIRECTORY } from '../../net/run-directory.ts';
import { isShardName } from '../switch/placement.ts';

const OWN_SUFFIX = '.self';

/** Where the instance of a namespace keeps its files: below `LAB`, `LAB.2`, or `LAB.self` for linkloom's own namespace. */
export function ovsDirectory(lab: string, ns: NsId): string {
  const name = netnsNameOf(ns)?.slice(SWITCH_PREFIX.length) ?? `${lab}${OWN_SUFFIX}`;
  return `${RUN_DIRECTORY}/${name}/ovs`;
}

/** The namespaces of a lab's instances, from the names below RUN_DIRECTORY. */
export function instancesOf(lab: string, names: readonly string[]): readonly NsId[] {
  return names.flatMap((name): NsId[] => {
    if (name === `${lab}${OWN_SUFFIX}`) return [OWN_NS];
    const ns = namedNs(`${SWITCH_PREFIX}${name}`);
    return isShardName(lab, ns) ? [ns] : [];
  });
}
