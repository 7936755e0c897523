import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';

/** linux/sockios.h. */
const SIOCETHTOOL = 0x8946;
const SIOCGIFINDEX = 0x8933;

/** Features, by ethtool(8)'s name, that have commands of their own to read and to set (linux/ethtool.h, ETHTOOL_G… and ETHTOOL_S…). */
const COMMANDS: Readonly<Record<string, readonly [get: number, set: number]>> = {
  rx: [0x14, 0x15],
  tx: [0x16, 0x17],
  sg: [0x18, 0x19],
  tso: [0x1e, 0x1f],
  ufo: [0x21, 0x22],
  gso: [0x23, 0x24],
  gro: [0x2b, 0x2c],
};
/** All other features are bits of one word (ETHTOOL_GFLAGS, ETHTOOL_SFLAGS; enum ethtool_flags). */
const GET_FLAGS = 0x25;
/** ETHTOOL_GLINK. */
const GET_LINK = 0x0a;
const SET_FLAGS = 0x26;
const FLAGS: Readonly<Record<string, number>> = {
  txvlan: 1 << 7,
  rxvlan: 1 << 8,
  lro: 1 << 15,
  ntuple: 1 << 27,
  rxhash: 1 << 28,
};

/** A struct ifreq (40 bytes: the name, then a pointer), followed by the struct ethtool_value that it points to. */
const memory = new ArrayBuffer(64);
const bytes = Buffer.from(memory);
const NAME_BYTES = 16;
const VALUE_OFFSET = 40;
bytes.writeBigUInt64LE(libc.addressOf(memory) + BigInt(VALUE_OFFSET), NAME_BYTES);

/** A struct ifreq into which the kernel writes its answer. */
const request = Buffer.from(new ArrayBuffer(40));

/**
 * Switches off the transmit checksum offload of a device, as `ethtool --offload DEV tx off` does. With it a veth passes packets
 * on with unfinished checksums, which programs that read raw packets reject. Any socket of the namespace will do (dev_ioctl).
 * Needs CAP_NET_ADMIN. Throws SystemFault.
 */
export function switchTxChecksumOff(socket: NetlinkSocket, dev: string): void {
  ask(socket, dev, 'tx', COMMANDS['tx']?.[1] ?? 0, 0);
}

/** Whether a feature (by ethtool's short name) is on; null if the device does not have it. Throws SystemFault. */
export function readOffload(socket: NetlinkSocket, dev: string, name: string): boolean | null {
  try {
    const flag = FLAGS[name];
    const [get] = COMMANDS[name] ?? [GET_FLAGS];
    const value = ask(socket, dev, name, get, 0);
    return (flag === undefined ? value : value & flag) !== 0;
  } catch (error) {
    if (error instanceof SystemFault && error.errno === ERRNO.EOPNOTSUPP) return null;
    throw error;
  }
}

/**
 * Switches a feature on or off. Throws SystemFault; EOPNOTSUPP if the device can't change the feature, or keeps it because it
 * depends on others.
 */
export function writeOffload(socket: NetlinkSocket, dev: string, name: string, on: boolean): void {
  const flag = FLAGS[name];
  const [, set] = COMMANDS[name] ?? [];
  if (set !== undefined) ask(socket, dev, name, set, on ? 1 : 0);
  else {
    const flags = ask(socket, dev, name, GET_FLAGS, 0);
    ask(socket, dev, name, SET_FLAGS, on ? flags | (flag ?? 0) : flags & ~(flag ?? 0));
  }
  if (readOffload(socket, dev, name) === on) return;
  const why = `${name} stays ${on ? 'off' : 'on'}: the device has it not, or it depends on other features`;
  throw new SystemFault('SIOCETHTOOL', dev, ERRNO.EOPNOTSUPP, why);
}

/** Whether a device is up and has a carrier. Throws SystemFault. */
export function readCarrier(socket: NetlinkSocket, dev: string): boolean {
  return ask(socket, dev, 'link', GET_LINK, 0) !== 0;
}

/** Runs an ethtool command with a value. Returns the value afterwards. */
function ask(socket: NetlinkSocket, dev: string, name: string, command: number, value: number): number {
  bytes.fill(0, 0, NAME_BYTES);
  bytes.write(dev, 0, NAME_BYTES - 1, 'utf8');
  bytes.writeUInt32LE(command, VALUE_OFFSET);
  bytes.writeUInt32LE(value >>> 0, VALUE_OFFSET + 4);
  const result = libc.ioctl(socket.fd, SIOCETHTOOL, bytes);
  if (result < 0) throw new SystemFault('SIOCETHTOOL', `${dev}: ${name}`, -result);
  return bytes.readUInt32LE(VALUE_OFFSET + 4);
}

/**
 * Index of a device by its name (netdevice(7)); null: the kernel gives none. Unlike RTM_GETLINK this takes no kernel lock and
 * has no answer to parse.
 */
export function quickIndexOf(socket: NetlinkSocket, dev: string): number | null {
  request.fill(0);
  request.write(dev, 0, NAME_BYTES - 1, 'utf8');
  return libc.ioctl(socket.fd, SIOCGIFINDEX, request) < 0 ? null : request.readInt32LE(NAME_BYTES);
}
