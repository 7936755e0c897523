import { INSTRUCTION_BYTES } from '../../src/capture/filter.ts';
import * as libc from '../libc.ts';
import { SOL_SOCKET } from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import * as k from './constants.ts';

/** How many sockets are closed at the same time: each takes a thread for as long as the kernel waits. */
const CLOSED_AT_ONCE = 256;

export interface Device {
  readonly ifindex: number;
  /** ARPHRD_ value (linux/if_arp.h). */
  readonly hardwareType: number;
  readonly mac: Uint8Array;
  readonly isUp: boolean;
}

const request = Buffer.alloc(k.REQUEST.bytes);

/** A device of a socket's namespace (netdevice(7)). Throws SystemFault: ENODEV where there is none. */
export function deviceOf(fd: number, dev: string): Device {
  const ifindex = ask(fd, dev, k.SIOCGIFINDEX).readInt32LE(k.REQUEST.value);
  const isUp = (ask(fd, dev, k.SIOCGIFFLAGS).readUInt16LE(k.REQUEST.value) & k.IFF_UP) !== 0;
  const address = ask(fd, dev, k.SIOCGIFHWADDR);
  const hardwareType = address.readUInt16LE(k.REQUEST.value);
  const macAt = k.REQUEST.value + 2;
  return { ifindex, hardwareType, mac: Uint8Array.from(address.subarray(macAt, macAt + 6)), isUp };
}

function ask(fd: number, dev: string, what: number): Buffer {
  request.fill(0);
  request.write(dev, 0, k.REQUEST.value - 1, 'utf8');
  const asked = libc.ioctl(fd, what, request);
  if (asked < 0) throw new SystemFault('bind', dev, -asked);
  return request;
}

/** Whether a socket's namespace has the device. */
export function hasDevice(fd: number, ifindex: number): boolean {
  request.fill(0);
  request.writeInt32LE(ifindex, k.REQUEST.value);
  return libc.ioctl(fd, k.SIOCGIFNAME, request) !== -ERRNO.ENODEV;
}

/** Has a socket take only what a program lets through. Packets that it has stay. Throws SystemFault. */
export function attach(fd: number, program: Uint8Array): void {
  // struct sock_fprog: the number of instructions, and where they are.
  const instructions = new ArrayBuffer(program.length);
  new Uint8Array(instructions).set(program);
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(program.length / INSTRUCTION_BYTES, 0);
  fprog.writeBigUInt64LE(libc.addressOf(instructions), 8);
  setOption(fd, SOL_SOCKET, k.SO_ATTACH_FILTER, 'SO_ATTACH_FILTER', fprog);
}

/** Throws SystemFault. */
export function setOption(fd: number, level: number, name: number, subject: string, value: Uint8Array): void {
  const done = libc.setsockopt(fd, level, name, value);
  if (done < 0) throw new SystemFault('setsockopt', subject, -done);
}

/** Captures on a device from now on; on all of the namespace where `ifindex` is 0. Throws SystemFault. */
export function bindTo(fd: number, subject: string, ifindex: number): void {
  const address = Buffer.alloc(k.ADDRESS.bytes);
  address.writeUInt16LE(k.AF_PACKET, 0);
  address.writeUInt16LE(k.ALL_PROTOCOLS, k.ADDRESS.protocol);
  address.writeInt32LE(ifindex, k.ADDRESS.ifindex);
  const bound = libc.bind(fd, address);
  if (bound < 0) throw new SystemFault('bind', subject, -bound);
}

/** Numbers of 32 bits. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, index * 4);
  });
  return bytes;
}

/** Closes sockets that capture, all together: the kernel waits tens of milliseconds for each. */
export function closeSockets(fds: readonly number[]): void {
  for (let from = 0; from < fds.length; from += CLOSED_AT_ONCE) {
    libc.closeTogether(fds.slice(from, from + CLOSED_AT_ONCE));
  }
}
