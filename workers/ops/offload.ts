import * as libc from '../libc.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';

/** linux/sockios.h, linux/ethtool.h. */
const SIOCETHTOOL = 0x8946;
const SIOCGIFINDEX = 0x8933;
const ETHTOOL_STXCSUM = 0x17;

/** struct ifreq (40 bytes: the name, then a pointer) and behind it the struct ethtool_value that it points to. */
const memory = new ArrayBuffer(64);
const bytes = Buffer.from(memory);
const NAME_BYTES = 16;
const VALUE_OFFSET = 40;
bytes.writeBigUInt64LE(libc.addressOf(memory) + BigInt(VALUE_OFFSET), NAME_BYTES);

/** A struct ifreq that the kernel writes the answer into. */
const request = Buffer.from(new ArrayBuffer(40));

/**
 * Switches transmit checksum offload of a device off, as `ethtool --offload DEV tx off` does: a veth leaves checksums
 * unfinished, and programs that read packets raw take them for damage. Any socket of the namespace serves (dev_ioctl).
 * Needs CAP_NET_ADMIN. Throws SystemFault.
 */
export function switchTxChecksumOff(socket: NetlinkSocket, dev: string): void {
  bytes.fill(0, 0, NAME_BYTES);
  bytes.write(dev, 0, NAME_BYTES - 1, 'utf8');
  bytes.writeUInt32LE(ETHTOOL_STXCSUM, VALUE_OFFSET);
  bytes.writeUInt32LE(0, VALUE_OFFSET + 4);
  const result = libc.ioctl(socket.fd, SIOCETHTOOL, bytes);
  if (result < 0) throw new SystemFault('SIOCETHTOOL', `${dev}: tx checksum offload`, -result);
}

/** Index of a device by its name (netdevice(7)): no lock and no answer to take apart, unlike RTM_GETLINK. 0: the kernel gives none. */
export function quickIndexOf(socket: NetlinkSocket, dev: string): number {
  request.fill(0);
  request.write(dev, 0, NAME_BYTES - 1, 'utf8');
  return libc.ioctl(socket.fd, SIOCGIFINDEX, request) < 0 ? 0 : request.readInt32LE(NAME_BYTES);
}
