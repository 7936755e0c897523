/** How a tunnel's IFLA_INFO_DATA is written and read: a row for each of the kernel's kinds of device. */
import { addressBits, addressBytes, addressText } from '../../../src/net/address.ts';
import type { TunnelAdd } from '../../../src/wire/ops/switch.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { attrU8, attrU32, eachAttribute } from '../../netlink/attributes.ts';
import * as nl from '../../netlink/constants.ts';
import type { MessageBatch } from '../../netlink/message.ts';

type Seen = NonNullable<LinkDump['tunnel']>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface TunnelData {
  /** `local`: the tunnel's own address. Null: the kernel takes the source address of the route to the remote, for each packet. */
  readonly write: (batch: MessageBatch, op: TunnelAdd, local: string | null) => void;
  /** Reads one attribute: its type, the offset of its header, its length with the header. */
  readonly read: (seen: Mutable<Seen>, bytes: Buffer, type: number, at: number, length: number) => void;
  /**
   * Whether the device is created in its underlay's namespace and then moved. Before Linux 6.15 the kernel sends such a
   * tunnel's packets from the namespace in which the device was created, even if the message was sent in another.
   */
  readonly isMoved: boolean;
  /** Whether such a device can have several remote ends, as entries of its table of addresses (vxlan_fdb_add). */
  readonly canFlood: boolean;
  /** Whether the device needs its own address: without one the kernel sends no packets (ip6_tnl_xmit_ctl). */
  readonly needsLocal: boolean;
}

interface UdpAttributes extends Pick<TunnelData, 'canFlood'> {
  /** Null: tunnels of this kind have no address of their own. */
  readonly local: { readonly 4: number; readonly 6: number } | null;
  readonly id: number;
  readonly remote: number;
  readonly remote6: number;
  readonly port: number;
}

function overUdp(attributes: UdpAttributes): TunnelData {
  return {
    write(batch, op) {
      batch.attrU32(attributes.id, op.vni);
      const remote = addressBytes(op.remote);
      const family = remote.length === 4 ? 4 : 6;
      if (!op.isFlooding) batch.attrBytes(family === 4 ? attributes.remote : attributes.remote6, remote);
      // The unspecified address is no remote. It says the family of those that follow.
      else if (family === 6) batch.attrBytes(attributes.remote6, new Uint8Array(16));
      if (op.local !== null && attributes.local !== null)
        batch.attrBytes(attributes.local[family], addressBytes(op.local));
      if (op.dstPort === null) return;
      // In network byte order.
      batch.attrBytes(attributes.port, Uint8Array.of(op.dstPort >> 8, op.dstPort & 0xff));
    },
    read(seen, bytes, type, at, length) {
      const start = at + nl.NLA_HDRLEN;
      const size = length - nl.NLA_HDRLEN;
      if (type === attributes.id) seen.vni = attrU32(bytes, at, length);
      else if (type === attributes.port && size >= 2) seen.dstPort = bytes.readUInt16BE(start);
      else if (type === attributes.remote && size === 4) seen.remote = addressText(bytes, start, size);
      else if (type === attributes.remote6 && size === 16) seen.remote = addressText(bytes, start, size);
      else if ((type === attributes.local?.[4] && size === 4) || (type === attributes.local?.[6] && size === 16))
        seen.local = addressText(bytes, start, size);
    },
    isMoved: false,
    needsLocal: false,
    canFlood: attributes.canFlood,
  };
}

/**
 * TTL of the outer packet. The default would inherit the TTL of the inner packet, which may be 1 (routing protocols send
 * such packets).
 */
const GRE_TTL = 64;

function gre(family: 4 | 6): TunnelData {
  return {
    write(batch, { vni, remote }, local) {
      // All but the last are in network byte order.
      const flags = Uint8Array.of(nl.GRE_KEY >> 8, nl.GRE_KEY & 0xff);
      const key = Uint8Array.of(vni >>> 24, (vni >> 16) & 0xff, (vni >> 8) & 0xff, vni & 0xff);
      batch.attrBytes(nl.IFLA_GRE_IFLAGS, flags);
      batch.attrBytes(nl.IFLA_GRE_OFLAGS, flags);
      batch.attrBytes(nl.IFLA_GRE_IKEY, key);
      batch.attrBytes(nl.IFLA_GRE_OKEY, key);
      if (local !== null) batch.attrBytes(nl.IFLA_GRE_LOCAL, addressBytes(local));
      batch.attrBytes(nl.IFLA_GRE_REMOTE, addressBytes(remote));
      batch.attrU8(nl.IFLA_GRE_TTL, GRE_TTL);
      if (family === 6) batch.attrU32(nl.IFLA_GRE_FLAGS, nl.IP6_TNL_F_IGN_ENCAP_LIMIT);
    },
    read(seen, bytes, type, at, length) {
      const size = length - nl.NLA_HDRLEN;
      // The kernel writes the flags first (ipgre_fill_info, ip6gre_fill_info). Without GRE_KEY the key has no meaning.
      if (type === nl.IFLA_GRE_IFLAGS && size >= 2)
        seen.vni = (bytes.readUInt16BE(at + nl.NLA_HDRLEN) & nl.GRE_KEY) === 0 ? null : 0;
      else if (type === nl.IFLA_GRE_IKEY && size >= 4 && seen.vni !== null)
        seen.vni = bytes.readUInt32BE(at + nl.NLA_HDRLEN);
      else if (type === nl.IFLA_GRE_REMOTE && size === addressBits(family) / 8)
        seen.remote = addressText(bytes, at + nl.NLA_HDRLEN, size);
    },
    isMoved: true,
    canFlood: false,
    needsLocal: family === 6,
  };
}

/** A kind that can be one of which each packet says where it goes. */
function orExternal(attributes: UdpAttributes): TunnelData {
  const data = overUdp(attributes);
  return {
    ...data,
    read(seen, bytes, type, at, length) {
      if (type === nl.IFLA_VXLAN_COLLECT_METADATA && attrU8(bytes, at, length) !== 0) seen.isExternal = true;
      else data.read(seen, bytes, type, at, length);
    },
  };
}

const DATA: Readonly<Record<string, TunnelData>> = {
  vxlan: orExternal({
    canFlood: true,
    local: { 4: nl.IFLA_VXLAN_LOCAL, 6: nl.IFLA_VXLAN_LOCAL6 },
    id: nl.IFLA_VXLAN_ID,
    remote: nl.IFLA_VXLAN_GROUP,
    remote6: nl.IFLA_VXLAN_GROUP6,
    port: nl.IFLA_VXLAN_PORT,
  }),
  geneve: overUdp({
    canFlood: false,
    local: null,
    id: nl.IFLA_GENEVE_ID,
    remote: nl.IFLA_GENEVE_REMOTE,
    remote6: nl.IFLA_GENEVE_REMOTE6,
    port: nl.IFLA_GENEVE_PORT,
  }),
  gretap: gre(4),
  ip6gretap: gre(6),
};

/** How a kind of tunnel is written and read. Throws TypeError for a kind that has no row here. */
export function tunnelData(kind: string): TunnelData {
  const data = DATA[kind];
  if (data === undefined) throw new TypeError(`no data for a tunnel of kind ${kind}`);
  return data;
}

/** Whether a device of this kind can have several remote ends. */
export function canFlood(kind: string): boolean {
  return DATA[kind]?.canFlood === true;
}

/** Reads a tunnel's IFLA_INFO_DATA; null for other kinds of device. */
export function readTunnelData(kind: string, bytes: Buffer, data: number, dataLength: number): LinkDump['tunnel'] {
  const row = DATA[kind];
  if (row === undefined) return null;
  const seen: Mutable<Seen> = { vni: null, remote: '', dstPort: null };
  eachAttribute(bytes, data + nl.NLA_HDRLEN, data + dataLength, (type, at, length) =>
    row.read(seen, bytes, type, at, length),
  );
  // Packets of an external tunnel have numbers, and it has none.
  return seen.isExternal === undefined ? seen : { ...seen, vni: null };
}
