/** How a tunnel's IFLA_INFO_DATA is written and read: a row for each of the kernel's kinds of device. */
import { addressBytes, addressText } from '../../src/net/address.ts';
import type { TunnelAdd } from '../../src/wire/op.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';

type Seen = NonNullable<LinkDump['tunnel']>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface TunnelData {
  readonly write: (batch: MessageBatch, op: TunnelAdd) => void;
  /** One attribute: its type, where its header begins, its length with the header. */
  readonly read: (seen: Mutable<Seen>, bytes: Buffer, type: number, at: number, length: number) => void;
}

interface UdpAttributes {
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
      batch.attrBytes(remote.length === 4 ? attributes.remote : attributes.remote6, remote);
      if (op.dstPort === null) return;
      // In the order of the network.
      batch.attrBytes(attributes.port, Uint8Array.of(op.dstPort >> 8, op.dstPort & 0xff));
    },
    read(seen, bytes, type, at, length) {
      const start = at + nl.NLA_HDRLEN;
      const size = length - nl.NLA_HDRLEN;
      if (type === attributes.id) seen.vni = attrU32(bytes, at, length);
      else if (type === attributes.port && size >= 2) seen.dstPort = bytes.readUInt16BE(start);
      else if (type === attributes.remote && size === 4) seen.remote = addressText(bytes, start, size);
      else if (type === attributes.remote6 && size === 16) seen.remote = addressText(bytes, start, size);
    },
  };
}

const DATA: Readonly<Record<string, TunnelData>> = {
  vxlan: overUdp({
    id: nl.IFLA_VXLAN_ID,
    remote: nl.IFLA_VXLAN_GROUP,
    remote6: nl.IFLA_VXLAN_GROUP6,
    port: nl.IFLA_VXLAN_PORT,
  }),
  geneve: overUdp({
    id: nl.IFLA_GENEVE_ID,
    remote: nl.IFLA_GENEVE_REMOTE,
    remote6: nl.IFLA_GENEVE_REMOTE6,
    port: nl.IFLA_GENEVE_PORT,
  }),
};

/** Writes the attributes of a tunnel's kind. Throws TypeError for a kind that has no row here. */
export function writeTunnelData(batch: MessageBatch, op: TunnelAdd): void {
  const data = DATA[op.kind];
  if (data === undefined) throw new TypeError(`no data for a tunnel of kind ${op.kind}`);
  data.write(batch, op);
}

/** A tunnel's IFLA_INFO_DATA; null for other kinds of device. */
export function readTunnelData(kind: string, bytes: Buffer, data: number, dataLength: number): LinkDump['tunnel'] {
  const row = DATA[kind];
  if (row === undefined) return null;
  const seen: Mutable<Seen> = { vni: 0, remote: '', dstPort: null };
  eachAttribute(bytes, data + nl.NLA_HDRLEN, data + dataLength, (type, at, length) =>
    row.read(seen, bytes, type, at, length),
  );
  return seen;
}
