/** The words of the language that choose a kind. What each kind is stands in `topology/kinds/`. No imports: the command line needs the words before anything else. */

export const LINK_TYPES = ['veth', 'dummy', 'vlan', 'ipvlan', 'ipvtap', 'macvlan', 'macvtap'] as const;
/** `auto` is no mode of its own: it stands for one of the others. */
export const BRIDGE_MODES = ['auto', 'ovs', 'linux', 'patch', 'direct'] as const;
export const TUNNEL_TYPES = ['geneve', 'vxlan', 'gre'] as const;
