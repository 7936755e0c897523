/**
 * The kinds of nodes that containerlab has (containerlab.dev/manual/kinds). A kind that is not listed is taken for a container: what
 * counts then is whether it has an image.
 */

/** Kinds whose image runs a virtual machine inside (vrnetlab and its like). */
const VIRTUAL_MACHINES = new Set([
  ...['vr-sros', 'nokia_sros', 'vr-nokia_sros'],
  ...[
    'vr-vmx',
    'juniper_vmx',
    'vr-juniper_vmx',
    'vr-vqfx',
    'juniper_vqfx',
    'vr-juniper_vqfx',
    'vr-vsrx',
    'juniper_vsrx',
  ],
  ...['vr-juniper_vsrx', 'juniper_vjunosrouter', 'juniper_vjunosswitch', 'juniper_vjunosevolved', 'vr-vjunosswitch'],
  ...['vr-vjunosevolved', 'vr-juniper_vjunosswitch', 'vr-juniper_vjunosevolved'],
  ...['vr-xrv', 'cisco_xrv', 'vr-cisco_xrv', 'vr-xrv9k', 'cisco_xrv9k', 'vr-cisco_xrv9k', 'vr-csr', 'cisco_csr1000v'],
  ...['vr-cisco_csr1000v', 'vr-c8000v', 'cisco_c8000v', 'vr-n9kv', 'cisco_n9kv', 'vr-cisco_n9kv', 'cisco_cat9kv'],
  ...['vr-cat9kv', 'cisco_ftdv', 'vr-ftdv', 'cisco_asav', 'vr-asav', 'cisco_vios', 'cisco_viosl2', 'cisco_sdwan'],
  ...['vr-veos', 'arista_veos', 'vr-arista_veos', 'vr-pan', 'paloalto_panos', 'vr-paloalto_panos'],
  ...['vr-ros', 'mikrotik_ros', 'vr-mikrotik_ros', 'vr-aoscx', 'aruba_aoscx', 'vr-aruba_aoscx'],
  ...['vr-ftosv', 'dell_ftosv', 'vr-dell_ftosv', 'sonic-vm', 'dell_sonic', 'huawei_vrp', 'ipinfusion_ocnos'],
  ...['fortinet_fortigate', 'vr-fortinet_fortigate', 'checkpoint_cloudguard', 'f5_bigip-ve', 'sixwind_vsr'],
  ...[
    'openbsd',
    'freebsd',
    'openwrt',
    'generic_vm',
    'cumulus_cvx',
    'cvx',
    '6wind_vsr',
    'arrcus_arcos_vm',
    'vyosnetworks_vyos_vm',
  ],
]);

/** Kinds that are bridges of the host. */
const LANS = new Set(['bridge', 'ovs-bridge']);

/** What a node of a kind is to linkloom. */
export type Role = 'container' | 'machine' | 'lan' | 'host' | 'external' | 'cluster';

export function roleOf(kind: string): Role {
  if (LANS.has(kind)) return 'lan';
  if (kind === 'host') return 'host';
  if (kind === 'ext-container') return 'external';
  if (kind === 'k8s-kind') return 'cluster';
  return VIRTUAL_MACHINES.has(kind) || kind.startsWith('vr-') ? 'machine' : 'container';
}
