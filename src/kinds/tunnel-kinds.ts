/** Defines each type of tunnel. The kernel's messages for each are in `workers/rtnl/tunnel-data.ts`. */

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
}

const KINDS: Readonly<Record<TunnelType, TunnelKind>> = {
  // The kernel's default port, which conlink uses too. It is older than RFC 7348, which gave vxlan 4789.
  vxlan: { devices: { 4: 'vxlan', 6: 'vxlan' }, dstPort: 8472, isOnePerNumber: true },
  // RFC 8926.
  geneve: { devices: { 4: 'geneve', 6: 'geneve' }, dstPort: 6081, isOnePerNumber: false },
  // Ethernet over GRE (RFC 2784) with the number as its key (RFC 2890).
  gre: { devices: { 4: 'gretap', 6: 'ip6gretap' }, dstPort: null, isOnePerNumber: false },
};

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
