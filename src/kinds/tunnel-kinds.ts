/** Defines each type of tunnel. The kernel's messages for each are in `workers/rtnl/tunnels/tunnel-data.ts`. */

export const TUNNEL_TYPES = ['geneve', 'vxlan', 'gre'] as const;
export type TunnelType = (typeof TUNNEL_TYPES)[number];

interface TunnelKind {
  /** The kernel's word for the device (IFLA_INFO_KIND), by the family of the remote. */
  readonly devices: { readonly 4: string; readonly 6: string };
  /** The UDP port of the other end; null if the protocol has none. */
  readonly dstPort: number | null;
  /**
   * Whether only one device in a namespace can have a VNI, port and family, whatever its remote. Then another program's device can
   * be in the way.
   */
  readonly isOnePerNumber: boolean;
  /** What stands between the outer IP header and the inner Ethernet header. */
  readonly headerBytes: number;
}

const KINDS: Readonly<Record<TunnelType, TunnelKind>> = {
  // The kernel's default port, which conlink uses too. It is older than RFC 7348, which gave vxlan 4789. UDP and vxlan take 8 bytes each.
  vxlan: { devices: { 4: 'vxlan', 6: 'vxlan' }, dstPort: 8472, isOnePerNumber: true, headerBytes: 16 },
  // RFC 8926. UDP and geneve's header take 8 bytes each, as for vxlan.
  geneve: { devices: { 4: 'geneve', 6: 'geneve' }, dstPort: 6081, isOnePerNumber: false, headerBytes: 16 },
  // Ethernet over GRE (RFC 2784) with the number as its key (RFC 2890), 8 bytes.
  gre: { devices: { 4: 'gretap', 6: 'ip6gretap' }, dstPort: null, isOnePerNumber: false, headerBytes: 8 },
};

/** The UDP port of trunks: the next but none to vxlan's, since an ordinary vxlan can't share a port with them (EADDRINUSE). */
export const TRUNK_PORT = 8473;

/** What the kernel must know of a tunnel of this type to this remote. */
export function tunnelDevice({
  type,
  remote,
}: {
  readonly type: TunnelType;
  readonly remote: string;
}): Pick<TunnelKind, 'dstPort' | 'isOnePerNumber'> & { readonly kind: string } {
  const { devices, dstPort, isOnePerNumber } = KINDS[type];
  return { kind: devices[remote.includes(':') ? 6 : 4], dstPort, isOnePerNumber };
}

/** The UDP port at which tunnels of this type listen. null: they have none. */
export function tunnelPort(type: TunnelType): number | null {
  return KINDS[type].dstPort;
}

/** The outer IP header without options (RFC 791, RFC 8200). */
const IP_HEADER_BYTES = { 4: 20, 6: 40 } as const;
/** The inner Ethernet header. */
const ETHERNET_BYTES = 14;

/** Bytes in front of a packet inside a tunnel of this type to this remote. */
export function tunnelOverheadBytes({ type, remote }: { readonly type: TunnelType; readonly remote: string }): number {
  return ETHERNET_BYTES + IP_HEADER_BYTES[remote.includes(':') ? 6 : 4] + KINDS[type].headerBytes;
}
