/**
 * The program of a trunk. All ports of the trunk's wires have it, and the trunk itself: what a port receives goes out through the trunk
 * with the VNI and to the host that its entry says; what the trunk receives goes to the port of its VNI. What has no entry is dropped.
 */
import { addressBytes, addressText } from '../../src/net/address.ts';
import type { TrunkOut } from '../../src/wire/seen.ts';
import { TC_ACT_SHOT } from '../netlink/tc-constants.ts';
import type { MapShape } from './call.ts';
import { assemble, call, exit, ifEqual, ifOther, label, load32, loadMap, move, set, store32 } from './instructions.ts';

/** From the index of a port to where its frames go. */
export const OUT: MapShape = { name: 'linkloom_out', keyBytes: 4, valueBytes: 52 };
/** From a VNI to the index of its port. */
export const IN: MapShape = { name: 'linkloom_in', keyBytes: 4, valueBytes: 4 };

/** linux/bpf.h, enum bpf_func_id. */
const HELPER = { map_lookup_elem: 1, skb_get_tunnel_key: 20, skb_set_tunnel_key: 21, redirect: 23 } as const;

/** struct __sk_buff: the offset of `ifindex`. */
const SKB_IFINDEX = 40;

/**
 * struct bpf_tunnel_key: tunnel_id, remote (4 or 16 bytes), tos, ttl, two bytes, label, local (4 or 16 bytes). The local address is a part
 * of it since Linux 6.0. IPv4 addresses are numbers of this machine, IPv6 addresses are in network byte order.
 */
const KEY = { bytes: 44, id: 0, remote: 4, local: 28 } as const;
/** The same without the local address, which is enough to read a VNI. */
const SHORT_KEY_BYTES = 28;
/** What follows the key in an entry of `OUT`: flags of skb_set_tunnel_key, and the index of the trunk. */
const VALUE = { flags: KEY.bytes, trunk: KEY.bytes + 4 } as const;

/** Flags of skb_set_tunnel_key and skb_get_tunnel_key. */
const BPF_F_TUNINFO_IPV6 = 1;
/** RFC 7348 has outer UDP packets without a checksum over IPv4. Over IPv6 receivers drop those. */
const BPF_F_ZERO_CSUM_TX = 2;

/** The program for two maps, by their descriptors. */
export function trunkProgram(outFd: number, inFd: number): ArrayBuffer {
  return assemble([
    ...move(6, 1),
    load32(2, 6, SKB_IFINDEX),
    store32(10, -4, 2),
    ...move(2, 10, -4),
    ...loadMap(1, outFd),
    call(HELPER.map_lookup_elem),
    ifEqual(0, 0, 'received'),
    ...move(7, 0),
    ...move(1, 6),
    ...move(2, 7),
    set(3, KEY.bytes),
    load32(4, 7, VALUE.flags),
    call(HELPER.skb_set_tunnel_key),
    ifOther(0, 0, 'drop'),
    load32(1, 7, VALUE.trunk),
    set(2, 0),
    call(HELPER.redirect),
    exit(),
    label('received'),
    ...getKey(0),
    ifEqual(0, 0, 'known'),
    ...getKey(BPF_F_TUNINFO_IPV6),
    ifOther(0, 0, 'drop'),
    label('known'),
    ...move(2, 10, -SHORT_KEY_BYTES + KEY.id),
    ...loadMap(1, inFd),
    call(HELPER.map_lookup_elem),
    ifEqual(0, 0, 'drop'),
    load32(1, 0, 0),
    set(2, 0),
    call(HELPER.redirect),
    exit(),
    label('drop'),
    set(0, TC_ACT_SHOT),
    exit(),
  ]);
}

/** Reads the key of a received frame to the end of the stack. It fails for one of the other family, or without a key. */
function getKey(flags: number) {
  return [
    ...move(1, 6),
    ...move(2, 10, -SHORT_KEY_BYTES),
    set(3, SHORT_KEY_BYTES),
    set(4, flags),
    call(HELPER.skb_get_tunnel_key),
  ];
}

/** A key of either map. */
export function keyOf(number: number): ArrayBuffer {
  return Uint32Array.of(number).buffer;
}

/** An entry of `OUT`. */
export function outValue({ vni, remote, local, trunk }: Omit<TrunkOut, 'port'>): ArrayBuffer {
  const value = new DataView(new ArrayBuffer(OUT.valueBytes));
  value.setUint32(KEY.id, vni, true);
  putAddress(value, KEY.remote, remote);
  if (local !== null) putAddress(value, KEY.local, local);
  value.setUint32(VALUE.flags, remote.includes(':') ? BPF_F_TUNINFO_IPV6 : BPF_F_ZERO_CSUM_TX, true);
  value.setUint32(VALUE.trunk, trunk, true);
  return value.buffer;
}

/** Reads an entry of `OUT`. */
export function readOut(key: Buffer, value: Buffer): TrunkOut {
  const size = (value.readUInt32LE(VALUE.flags) & BPF_F_TUNINFO_IPV6) === 0 ? 4 : 16;
  const local = addressAt(value, KEY.local, size);
  return {
    port: key.readUInt32LE(0),
    vni: value.readUInt32LE(KEY.id),
    remote: addressAt(value, KEY.remote, size),
    local: local === '0.0.0.0' || local === '::' ? null : local,
    trunk: value.readUInt32LE(VALUE.trunk),
  };
}

function putAddress(value: DataView, at: number, address: string): void {
  const bytes = addressBytes(address);
  if (bytes.length === 4) value.setUint32(at, Buffer.from(bytes).readUInt32BE(0), true);
  else for (const [n, byte] of bytes.entries()) value.setUint8(at + n, byte);
}

function addressAt(value: Buffer, at: number, size: 4 | 16): string {
  if (size === 16) return addressText(value, at, size);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value.readUInt32LE(at));
  return addressText(bytes, 0, 4);
}
