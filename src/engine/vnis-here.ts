/** The VNIs that tunnels on this host have. */
import { SWITCH_PREFIX } from '../net/ifname.ts';
import { namedNs, OWN_NS } from '../net/ns-id.ts';
import type { TunnelDump } from '../wire/seen.ts';
import { vnisIn } from '../wire/trunk.ts';
import { LINKS_ONLY } from './observe.ts';
import type { Workers } from './workers.ts';

/** Of the tunnels in all labs' switch namespaces, and in linkloom's own namespace. Needs CAP_SYS_ADMIN. */
export async function vnisHere(workers: Workers): Promise<readonly number[]> {
  const switches = workers.namedNamespaces().filter((name) => name.startsWith(SWITCH_PREFIX));
  const task = { task: 'dump', namespaces: [OWN_NS, ...switches.map(namedNs)], wants: LINKS_ONLY } as const;
  const { dumps } = await workers.ask(task);
  return dumps.flatMap(({ links }) => links.flatMap(({ tunnel }) => (tunnel === null ? [] : vnisOf(tunnel))));
}

/** The VNI of a tunnel, or those of a trunk. */
function vnisOf({ vni, vnis = [] }: TunnelDump): readonly number[] {
  return vni === null ? vnisIn(vnis) : [vni, ...vnisIn(vnis)];
}
