/**
 * `check/` tries whether addresses are reached from namespaces: by echo requests, and by connections. No program in the node is
 * needed. What to try and what comes of it is decided in `src/check/`.
 *
 * This file: socket addresses of IP (ip(7), ipv6(7)).
 */
import { addressBytes, type Family } from '../../src/net/address.ts';

/** sys/socket.h. */
export const AF_INET = 2;
export const AF_INET6 = 10;
/** struct sockaddr_in and struct sockaddr_in6 (linux/in.h, linux/in6.h). */
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

/** `port` 0 where there is none. */
export function socketAddress(address: string, port: number): Buffer {
  const isFour = familyOf(address) === 4;
  const bytes = Buffer.alloc(isFour ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES);
  bytes.writeUInt16LE(isFour ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(addressBytes(address), isFour ? 4 : 8);
  return bytes;
}
