/** What each feature of the kernel is for, and where it comes from. */
import type { Feature } from '../wire/machine.ts';

export interface FeatureSource {
  /** What linkloom uses it for. */
  readonly use: string;
  /** As modprobe(8) calls it. */
  readonly module: string;
  /** As the kernel's own configuration calls it. */
  readonly option: string;
}

export const FEATURE_SOURCES: Readonly<Record<Feature, FeatureSource>> = {
  veth: { use: 'links', module: 'veth', option: 'CONFIG_VETH' },
  bridge: { use: 'bridges of mode linux', module: 'bridge', option: 'CONFIG_BRIDGE' },
  dummy: { use: 'links of type dummy', module: 'dummy', option: 'CONFIG_DUMMY' },
  vlan: { use: 'links of type vlan', module: '8021q', option: 'CONFIG_VLAN_8021Q' },
  macvlan: { use: 'links of type macvlan', module: 'macvlan', option: 'CONFIG_MACVLAN' },
  macvtap: { use: 'links of type macvtap', module: 'macvtap', option: 'CONFIG_MACVTAP' },
  ipvlan: { use: 'links of type ipvlan', module: 'ipvlan', option: 'CONFIG_IPVLAN' },
  ipvtap: { use: 'links of type ipvtap', module: 'ipvtap', option: 'CONFIG_IPVTAP' },
  vxlan: { use: 'tunnels of type vxlan', module: 'vxlan', option: 'CONFIG_VXLAN' },
  geneve: { use: 'tunnels of type geneve', module: 'geneve', option: 'CONFIG_GENEVE' },
  gretap: { use: 'tunnels of type gre', module: 'ip_gre', option: 'CONFIG_NET_IPGRE' },
  ip6gretap: { use: 'tunnels of type gre over IPv6', module: 'ip6_gre', option: 'CONFIG_IPV6_GRE' },
  trunk: {
    use: 'wires between hosts by one device (else a vxlan each)',
    module: 'cls_bpf',
    option: 'CONFIG_NET_CLS_BPF, CONFIG_BPF_SYSCALL and, since Linux 6.0, CONFIG_VXLAN',
  },
  netem: { use: '`impair` and `netem`', module: 'sch_netem', option: 'CONFIG_NET_SCH_NETEM' },
  tbf: { use: 'limits of rate', module: 'sch_tbf', option: 'CONFIG_NET_SCH_TBF' },
  ingress: { use: 'bridges of mode patch', module: 'sch_ingress', option: 'CONFIG_NET_SCH_INGRESS' },
  'match-all': { use: 'bridges of mode patch', module: 'cls_u32', option: 'CONFIG_NET_CLS_U32' },
  mirred: { use: 'bridges of mode patch', module: 'act_mirred', option: 'CONFIG_NET_ACT_MIRRED' },
  'vlan-filtering': { use: 'VLANs on bridges', module: 'bridge', option: 'CONFIG_BRIDGE_VLAN_FILTERING' },
  nftables: { use: '`nat` and `forward` (else iptables)', module: 'nf_tables', option: 'CONFIG_NF_TABLES' },
  openvswitch: { use: 'bridges of mode ovs', module: 'openvswitch', option: 'CONFIG_OPENVSWITCH' },
};

/** What to do about a feature that is missing, with the exact commands. */
export function cureFor(feature: Feature, kernel: string): string {
  const { module, option } = FEATURE_SOURCES[feature];
  return (
    `\`modprobe ${module}\`; if there is no such module, \`apt-get install linux-modules-extra-${kernel}\` (Ubuntu) or ` +
    `\`dnf install kernel-modules-extra\` (Fedora), else boot a kernel with ${option}`
  );
}
