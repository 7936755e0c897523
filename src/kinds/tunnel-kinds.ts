/** What each type of tunnel is. How the kernel's messages say it stands in `workers/rtnl/tunnel-data.ts`. */

export const TUNNEL_TYPES = ['geneve', 'vxlan', 'gre'] as const;
export type TunnelType = (typeof TUNNEL_TYPES)[number];

interface TunnelKind {
  /** The kernel's word for the device (IFLA_INFO_KIND), by the family of the remote. */
  readonly devices: { readonly 4: string; readonly 6: string };
  /** UDP port of the other end; null: the protocol has none. */
  readonly dstPort: number | null;
  /** One device alone in a namespace may have a number, port and family, whatever its remote: a stranger's stands in the way. */
  readonly isOnePerNumber: boolean;
}

const KINDS: Readonly<Record<TunnelType, TunnelKind>> = {
  // The kernel's own port, which conlink keeps to: from before RFC 7348 gave vxlan 4789.
  vxlan: { devices: { 4: 'vxlan', 6: 'vxlan' }, dstPort: 8472, isOnePerNumber: true },
  // RFC 8926.
  geneve: { devices: { 4: 'geneve', 6: 'geneve' }, dstPort: 6081, isOnePerNumber: false },
  // Ethernet over GRE (RFC 2784) with the number as its key (RFC 2890).
  gre: { devices: { 4: 'gretap', 6: 'ip6gretap' }, dstPort: null, isOnePerNumber: false },
};

/** What a tunnel of this type to this remote is to the kernel. */
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
