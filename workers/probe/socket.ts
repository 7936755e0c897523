import * as libc from '../libc.ts';
import * as nl from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { PROBE_ETHERTYPE, PROBE_MAGIC } from './frame.ts';
import { outside, SOCKADDR_LL_BYTES } from './vector.ts';

/** sys/socket.h, linux/if_ether.h, linux/if_packet.h, asm-generic/socket.h. */
const AF_PACKET = 17;
const SOCK_NONBLOCK = 0o4000;
const ETH_P_ALL = 0x0003;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
const SO_SNDBUF = 7;
const SO_ATTACH_FILTER = 26;
const SO_TIMESTAMPNS = 35;
/** The default holds four probes of full size. */
const BUFFER_BYTES = 1 << 20;
/** Offset of the ethertype in a frame. */
const ETHERTYPE_AT = 12;

/** linux/bpf_common.h: load a word or half a word from an offset; jump if equal; return. */
const BPF_LD_W_ABS = 0x20;
const BPF_LD_H_ABS = 0x28;
const BPF_JEQ = 0x15;
const BPF_RET = 0x06;

/** What a socket receives. */
export type Hears =
  /** Probes that come to any device of the namespace, after all that can drop them there. */
  | { readonly kind: 'place' }
  /**
   * Probes that come to one device before its bridge takes them. Such a socket sees also what nft's netdev ingress drops then, so it
   * is for ports alone.
   */
  | { readonly kind: 'port'; readonly ifindex: number }
  /** IP packets to one device that have a probe at `offset`. */
  | { readonly kind: 'ip'; readonly ifindex: number; readonly ethertype: number; readonly offset: number };

/** Opens in the calling thread's present namespace. Needs CAP_NET_RAW. Close it with `closeTogether`. Throws SystemFault. */
export function openProbeSocket(hears: Hears): number {
  const protocol = hears.kind === 'place' ? swapped(PROBE_ETHERTYPE) : 0;
  const fd = libc.socket(AF_PACKET, nl.SOCK_RAW | SOCK_NONBLOCK | nl.SOCK_CLOEXEC, protocol);
  if (fd < 0) throw new SystemFault('socket', 'AF_PACKET', -fd);
  try {
    setBuffer(fd, nl.SO_RCVBUFFORCE, nl.SO_RCVBUF);
    setBuffer(fd, nl.SO_SNDBUFFORCE, SO_SNDBUF);
    libc.setsockopt(fd, nl.SOL_SOCKET, SO_TIMESTAMPNS, word(1));
    if (hears.kind !== 'place') narrow(fd, hears);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Receives only from one device, and only probes. The filter comes before the binding, so nothing slips in. */
function narrow(fd: number, hears: Exclude<Hears, { kind: 'place' }>): void {
  const isPort = hears.kind === 'port';
  const load = isPort ? [BPF_LD_H_ABS, ETHERTYPE_AT] : [BPF_LD_W_ABS, hears.offset];
  attach(fd, [
    [load[0] ?? 0, 0, 0, load[1] ?? 0],
    [BPF_JEQ, 0, 1, isPort ? PROBE_ETHERTYPE : PROBE_MAGIC],
    [BPF_RET, 0, 0, 0xffffffff],
    [BPF_RET, 0, 0, 0],
  ]);
  libc.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, word(1));
  const address = Buffer.alloc(SOCKADDR_LL_BYTES);
  writeAddress(address, isPort ? ETH_P_ALL : hears.ethertype, hears.ifindex);
  const bound = libc.bind(fd, address);
  if (bound < 0) throw new SystemFault('bind', 'AF_PACKET', -bound);
}

/** struct sock_fprog and its struct sock_filter (linux/filter.h). */
function attach(fd: number, program: readonly (readonly [number, number, number, number])[]): void {
  const filter = outside(program.length * 8);
  program.forEach(([code, jt, jf, k], index) => {
    filter.writeUInt16LE(code, index * 8);
    filter.writeUInt8(jt, index * 8 + 2);
    filter.writeUInt8(jf, index * 8 + 3);
    filter.writeUInt32LE(k, index * 8 + 4);
  });
  const described = Buffer.alloc(16);
  described.writeUInt16LE(program.length, 0);
  described.writeBigUInt64LE(libc.addressOf(filter.buffer as ArrayBuffer), 8);
  const attached = libc.setsockopt(fd, nl.SOL_SOCKET, SO_ATTACH_FILTER, described);
  if (attached < 0) throw new SystemFault('setsockopt', 'SO_ATTACH_FILTER', -attached);
}

/** Fills in the address of a device, for `bind` and for sending. */
export function writeAddress(address: Buffer, ethertype: number, ifindex: number): void {
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(ethertype, 2);
  address.writeInt32LE(ifindex, 4);
  address.writeUInt8(6, 11);
}

/** The device that a received message names. */
export function ifindexOf(address: Buffer): number {
  return address.readInt32LE(4);
}

function setBuffer(fd: number, force: number, option: number): void {
  if (libc.setsockopt(fd, nl.SOL_SOCKET, force, word(BUFFER_BYTES)) === -ERRNO.EPERM) {
    libc.setsockopt(fd, nl.SOL_SOCKET, option, word(BUFFER_BYTES));
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}
