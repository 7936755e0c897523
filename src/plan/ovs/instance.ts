/**
 * `ovs/` plans bridges of mode `ovs`. Each namespace with such bridges gets an Open vSwitch instance of the lab's own:
 * two daemons in that namespace, whose sockets, database, logs and pid files are all in one directory. The planner
 * compares the instance's database and the kernel's devices with what is wanted, as it does for everything else.
 *
 * This file says where an instance keeps its files. The directory's name tells the lab and the namespace, which is all
 * that `down` needs.
 */
import { SWITCH_PREFIX } from '../../net/ifname.ts';
import { type NsId, namedNs, netnsNameOf, OWN_NS } from '../../net/ns-id.ts';
import { RUN_DIRECTORY } from '../../net/run-directory.ts';
import { isShardName } from '../switch/placement.ts';

const OWN_SUFFIX = '.self';

/** The directory of a namespace's instance: `LAB`, `LAB.2`, or `LAB.self` for linkloom's own namespace. */
export function ovsDirectory(lab: string, ns: NsId): string {
  const name = netnsNameOf(ns)?.slice(SWITCH_PREFIX.length) ?? `${lab}${OWN_SUFFIX}`;
  return `${RUN_DIRECTORY}/${name}/ovs`;
}

/** The namespaces of a lab's instances, read from the names of the directories in RUN_DIRECTORY. */
export function instancesOf(lab: string, names: readonly string[]): readonly NsId[] {
  return names.flatMap((name): NsId[] => {
    if (name === `${lab}${OWN_SUFFIX}`) return [OWN_NS];
    const ns = namedNs(`${SWITCH_PREFIX}${name}`);
    return isShardName(lab, ns) ? [ns] : [];
  });
}
