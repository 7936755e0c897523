import { LINK_NUMBERS, linkNumberAt, NO_NUMBERS } from '../../src/net/link-numbers.ts';
import { macText } from '../../src/net/mac.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { attrS32, attrText, attrU8, attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import { readLinkData } from './link-data.ts';
import { readTunnelData } from './tunnels/tunnel-data.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Size of struct ifinfomsg. */
const IFINFOMSG_BYTES = 16;
const MAC_BYTES = 6;

/** RFC 2863's states by number (linux/if.h, IF_OPER_*), as `ip -json` names them. */
export const OPERSTATES = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'] as const;

/** struct rtnl_link_stats64: the offset of each counter, in 64-bit words. */
const STATS = {
  rxPackets: 0,
  txPackets: 1,
  rxBytes: 2,
  txBytes: 3,
  rxErrors: 4,
  txErrors: 5,
  rxDropped: 6,
  txDropped: 7,
};

/** 1 for each attribute that is read: a device has some fifty, most of which nobody wants. */
const IS_READ = new Uint8Array(256);
for (const type of [
  nl.IFLA_IFNAME,
  nl.IFLA_IFALIAS,
  nl.IFLA_ADDRESS,
  nl.IFLA_MTU,
  nl.IFLA_GROUP,
  nl.IFLA_OPERSTATE,
  nl.IFLA_MASTER,
  nl.IFLA_LINK,
  nl.IFLA_LINK_NETNSID,
  nl.IFLA_QDISC,
  nl.IFLA_NUM_TX_QUEUES,
  nl.IFLA_LINKINFO,
  nl.IFLA_STATS64,
  ...LINK_NUMBERS.map(([, { attribute }]) => attribute),
])
  IS_READ[type] = 1;

/** Reads the payload of one RTM_NEWLINK; null if it is too short. */
export function readLink(bytes: Buffer, start: number, end: number, wantsCounters: boolean): LinkDump | null {
  if (start + IFINFOMSG_BYTES > end) return null;
  const link: Mutable<LinkDump> = {
    ifindex: bytes.readInt32LE(start + 4),
    ifname: '',
    kind: '',
    group: 0,
    alias: '',
    mac: '',
    mtuBytes: 0,
    up: (bytes.readUInt32LE(start + 8) & nl.IFF_UP) !== 0,
    operstate: 'UNKNOWN',
    master: 0,
    peerIndex: 0,
    peerNsid: -1,
    txQueues: 0,
    numbers: NO_NUMBERS,
    mode: null,
    vlanId: null,
    tunnel: null,
    offloads: null,
    qdisc: '',
    netem: null,
    tbf: null,
    redirect: null,
    counters: null,
  };
  eachAttribute(bytes, start + IFINFOMSG_BYTES, end, (type, at, length) => {
    if (IS_READ[type] !== 1) return;
    if (type === nl.IFLA_LINKINFO) readKind(link, bytes, at, length);
    else if (type === nl.IFLA_STATS64 && wantsCounters) link.counters = readCounters(bytes, at, length);
    else readAttribute(link, bytes, type, at, length);
  });
  return link;
}

function readAttribute(link: Mutable<LinkDump>, bytes: Buffer, type: number, at: number, length: number): void {
  switch (type) {
    case nl.IFLA_IFNAME:
      link.ifname = attrText(bytes, at, length);
      break;
    case nl.IFLA_IFALIAS:
      link.alias = attrText(bytes, at, length);
      break;
    case nl.IFLA_ADDRESS:
      if (length === nl.NLA_HDRLEN + MAC_BYTES) link.mac = macText(bytes, at + nl.NLA_HDRLEN);
      break;
    case nl.IFLA_MTU:
      link.mtuBytes = attrU32(bytes, at, length);
      break;
    case nl.IFLA_GROUP:
      link.group = attrU32(bytes, at, length);
      break;
    case nl.IFLA_OPERSTATE:
      link.operstate = OPERSTATES[attrU8(bytes, at, length)] ?? 'UNKNOWN';
      break;
    case nl.IFLA_MASTER:
      link.master = attrU32(bytes, at, length);
      break;
    case nl.IFLA_LINK:
      link.peerIndex = attrU32(bytes, at, length);
      break;
    case nl.IFLA_LINK_NETNSID:
      link.peerNsid = attrS32(bytes, at, length);
      break;
    case nl.IFLA_QDISC:
      link.qdisc = attrText(bytes, at, length);
      break;
    case nl.IFLA_NUM_TX_QUEUES:
      link.txQueues = attrU32(bytes, at, length);
      break;
    default: {
      const name = linkNumberAt(type);
      if (name !== undefined) link.numbers = { ...link.numbers, [name]: attrU32(bytes, at, length) };
    }
  }
}

function readKind(link: Mutable<LinkDump>, bytes: Buffer, info: number, infoLength: number): void {
  eachAttribute(bytes, info + nl.NLA_HDRLEN, info + infoLength, (type, at, length) => {
    if (type === nl.IFLA_INFO_KIND) link.kind = attrText(bytes, at, length);
    // The kernel writes the kind first (rtnl_link_info_fill).
    if (type === nl.IFLA_INFO_DATA) readKindData(link, bytes, at, length);
  });
}

function readKindData(link: Mutable<LinkDump>, bytes: Buffer, data: number, dataLength: number): void {
  link.tunnel = readTunnelData(link.kind, bytes, data, dataLength);
  readLinkData(link, bytes, data, dataLength);
}

/** Reads IFLA_STATS64. */
export function readCounters(bytes: Buffer, at: number, length: number): NonNullable<LinkDump['counters']> {
  const word = (index: number): number =>
    length >= nl.NLA_HDRLEN + 8 * (index + 1) ? Number(bytes.readBigUInt64LE(at + nl.NLA_HDRLEN + 8 * index)) : 0;
  return {
    rxPackets: word(STATS.rxPackets),
    txPackets: word(STATS.txPackets),
    rxBytes: word(STATS.rxBytes),
    txBytes: word(STATS.txBytes),
    rxDropped: word(STATS.rxDropped),
    txDropped: word(STATS.txDropped),
    rxErrors: word(STATS.rxErrors),
    txErrors: word(STATS.txErrors),
  };
}
