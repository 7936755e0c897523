/** What ties ports together on the switch side, as observed. */
import { isPortGroup, markOf, sameLab, TUNNEL_NODE } from '../net/mark.ts';
import type { NsId } from '../net/ns-id.ts';
import type { Found, Observed } from '../plan/observed.ts';

/** The bridge that a port is in. */
export interface Membership {
  readonly bridge: string;
  /** Whether something in the bridge is no port of a link of this lab: a tunnel, or a device of others. */
  readonly isLeaky: boolean;
}

/** Answers which bridge a port is in; null: none. */
export type MembershipOf = (port: Found) => Membership | null;

/** `group`: one of the lab's group numbers. `isWithin`: whether the tunnel of a bridge leads to nothing but other hosts of the lab. */
export function memberships(
  observed: Observed,
  group: number,
  isWithin: (bridge: string) => boolean = () => false,
): MembershipOf {
  const leaky = new Map<string, boolean>();
  const isLeaky = (ns: NsId, bridge: string, look: () => boolean): boolean => {
    const key = `${ns} ${bridge}`;
    const known = leaky.get(key) ?? look();
    leaky.set(key, known);
    return known;
  };
  const isOwnPort = (device: { readonly group: number; readonly alias: string }, bridge: string): boolean =>
    isPortGroup(device.group) &&
    sameLab(device.group, group) &&
    (markOf(device.alias)?.node !== TUNNEL_NODE || isWithin(bridge));
  return ({ ns, link }) => {
    const view = observed.namespaces.get(ns);
    const ovs = observed.ovs.get(ns);
    const row = ovs?.portOf(link.ifname);
    if (row !== undefined) {
      const ports = ovs?.bridgeOf(row.bridge)?.ports ?? [];
      const look = (): boolean =>
        ports.some(({ dev }) => {
          const device = view?.byName.get(dev);
          return device === undefined || !isOwnPort(device, row.bridge);
        });
      return { bridge: row.bridge, isLeaky: isLeaky(ns, row.bridge, look) };
    }
    const master = view?.byIndex.get(link.master);
    if (view === undefined || master === undefined) return null;
    const look = (): boolean =>
      view.dump.links.some((each) => each.master === link.master && !isOwnPort(each, master.ifname));
    return { bridge: master.ifname, isLeaky: isLeaky(ns, master.ifname, look) };
  };
}
