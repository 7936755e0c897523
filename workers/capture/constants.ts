/**
 * `capture/` reads what devices send and receive, from rings that the kernel shares with this process.
 *
 * This file: numbers of packet(7), from linux/if_packet.h, linux/if_ether.h, linux/filter.h and bits/mman-linux.h.
 */

export const AF_PACKET = 17;
export const SOL_PACKET = 263;

export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_AUXDATA = 8;
export const PACKET_VERSION = 10;
export const TPACKET_V3 = 2;

export const SO_ERROR = 4;
export const SO_ATTACH_FILTER = 26;
export const SO_TIMESTAMPNS = 35;

/** ETH_P_ALL in network byte order. */
export const ALL_PROTOCOLS = 0x0300;
export const ETH_P_8021Q = 0x8100;

/** `struct sockaddr_ll`. */
export const ADDRESS = { bytes: 20, protocol: 2, ifindex: 4, hardwareType: 8, packetType: 10 } as const;

/** `struct tpacket_block_desc` with `struct tpacket_hdr_v1`, in words of 32 bits. */
export const BLOCK_WORD = { status: 2, packets: 3, firstPacket: 4 } as const;
export const TP_STATUS_KERNEL = 0;
export const TP_STATUS_USER = 1;

/** `struct tpacket3_hdr`, in words of 32 bits. */
export const PACKET_WORD = {
  next: 0,
  seconds: 1,
  nanoseconds: 2,
  captured: 3,
  original: 4,
  status: 5,
  offsets: 6,
  tci: 8,
  tpid: 9,
} as const;
/** The `struct sockaddr_ll` behind it, in bytes. */
export const PACKET_ADDRESS = 48;
export const TP_STATUS_VLAN_VALID = 1 << 4;
export const TP_STATUS_VLAN_TPID_VALID = 1 << 6;

/**
 * What comes with a packet of a socket without a ring: `struct timespec` (SCM_TIMESTAMPNS) and `struct tpacket_auxdata`, each behind a
 * `struct cmsghdr` of 16 bytes, in this order (packet_recvmsg); in bytes.
 */
export const CONTROL = {
  ...{ bytes: 96, seconds: 16, nanoseconds: 24 },
  ...{ auxLevel: 40, auxType: 44, status: 48, original: 52, tci: 64, tpid: 66 },
} as const;

/** linux/sockios.h. */
export const SIOCGIFNAME = 0x8910;
export const SIOCGIFFLAGS = 0x8913;
export const SIOCGIFHWADDR = 0x8927;
export const SIOCGIFINDEX = 0x8933;
/** `struct ifreq`, whose value stands behind the name. */
export const REQUEST = { bytes: 40, value: 16 } as const;
export const IFF_UP = 1;
