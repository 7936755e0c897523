/**
 * `monitor/` listens for changes. Its thread sleeps in the kernel until something changes in one of a set of namespaces. It
 * changes nothing but the ids of these namespaces in a namespace of its own.
 */
import * as libc from '../libc.ts';
import { isMessage, sizeAt } from '../netlink/ack.ts';
import { align4 } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';

/** sys/socket.h. */
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

/** Room for the notifications of many devices that are deleted at once. */
const BUFFER_BYTES = 8 * 1024 * 1024;
const GROUPS =
  nl.RTMGRP_LINK |
  nl.RTMGRP_TC |
  nl.RTMGRP_IPV4_IFADDR |
  nl.RTMGRP_IPV4_ROUTE |
  nl.RTMGRP_IPV6_IFADDR |
  nl.RTMGRP_IPV6_ROUTE;

/** struct msghdr and struct iovec of 64-bit Linux; struct cmsghdr with an int, aligned. */
const MSGHDR_BYTES = 56;
const MSGHDR_FLAGS = 48;
const MSGHDR_CONTROL_BYTES = 40;
const CONTROL_BYTES = 24;
const CMSG_HEADER_BYTES = 16;

/** Takes one notification: the id of the namespace, the message's type, and the range of its payload in `bytes`. */
export type OnMessage = (nsid: number, type: number, bytes: Buffer, start: number, end: number) => void;

/**
 * A socket that receives the notifications of every namespace that has an id in the socket's own (NETLINK_LISTEN_ALL_NSID,
 * Linux 4.2). This needs CAP_NET_BROADCAST over these namespaces. The socket keeps none of them alive.
 */
export class MonitorSocket {
  readonly fd: number;
  readonly #bytes = Buffer.from(new ArrayBuffer(64 * 1024));
  readonly #control = Buffer.from(new ArrayBuffer(CONTROL_BYTES));
  readonly #vector = Buffer.from(new ArrayBuffer(16));
  readonly #message = Buffer.from(new ArrayBuffer(MSGHDR_BYTES));

  /** Opens in the calling thread's present namespace. Throws SystemFault. */
  constructor() {
    const fd = libc.socket(nl.AF_NETLINK, nl.SOCK_RAW | nl.SOCK_CLOEXEC, nl.NETLINK_ROUTE);
    if (fd < 0) throw new SystemFault('socket', 'AF_NETLINK', -fd);
    this.fd = fd;
    this.#vector.writeBigUInt64LE(libc.addressOf(this.#bytes.buffer as ArrayBuffer), 0);
    this.#vector.writeBigUInt64LE(BigInt(this.#bytes.length), 8);
    this.#message.writeBigUInt64LE(libc.addressOf(this.#vector.buffer as ArrayBuffer), 16);
    this.#message.writeBigUInt64LE(1n, 24);
    this.#message.writeBigUInt64LE(libc.addressOf(this.#control.buffer as ArrayBuffer), 32);
    try {
      this.#configure();
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    libc.close(this.fd);
  }

  /** Passes on all waiting notifications. False: the kernel had to drop some. Throws SystemFault. */
  drain(onMessage: OnMessage): boolean {
    let isWhole = true;
    for (;;) {
      this.#message.writeBigUInt64LE(BigInt(CONTROL_BYTES), MSGHDR_CONTROL_BYTES);
      const length = libc.recvmsg(this.fd, this.#message, MSG_DONTWAIT);
      if (length === -ERRNO.EAGAIN) return isWhole;
      if (length === -ERRNO.EINTR) continue;
      if (length === -ERRNO.ENOBUFS) isWhole = false;
      else if (length < 0) throw new SystemFault('recvmsg', 'AF_NETLINK', -length);
      else if (this.#message.readInt32LE(MSGHDR_FLAGS) & MSG_TRUNC) isWhole = false;
      else this.#read(length, onMessage);
    }
  }

  #read(length: number, onMessage: OnMessage): void {
    const nsid = this.#nsid();
    const bytes = this.#bytes;
    for (let at = 0; isMessage(bytes, at, length); at += align4(sizeAt(bytes, at))) {
      onMessage(nsid, bytes.readUInt16LE(at + 4), bytes, at + nl.NLMSG_HDRLEN, at + sizeAt(bytes, at));
    }
  }

  /** The id of the namespace of the message just received; -1: the socket's own. */
  #nsid(): number {
    const size = Number(this.#message.readBigUInt64LE(MSGHDR_CONTROL_BYTES));
    if (size < CMSG_HEADER_BYTES + 4) return -1;
    const isId =
      this.#control.readInt32LE(8) === nl.SOL_NETLINK && this.#control.readInt32LE(12) === nl.NETLINK_LISTEN_ALL_NSID;
    return isId ? this.#control.readInt32LE(CMSG_HEADER_BYTES) : -1;
  }

  #configure(): void {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(BUFFER_BYTES);
    if (libc.setsockopt(this.fd, nl.SOL_SOCKET, nl.SO_RCVBUFFORCE, number) < 0) {
      libc.setsockopt(this.fd, nl.SOL_SOCKET, nl.SO_RCVBUF, number);
    }
    number.writeUInt32LE(1);
    const listens = libc.setsockopt(this.fd, nl.SOL_NETLINK, nl.NETLINK_LISTEN_ALL_NSID, number);
    if (listens < 0) throw new SystemFault('setsockopt', 'NETLINK_LISTEN_ALL_NSID', -listens);
    // struct sockaddr_nl: family, pad, port id (0: the kernel's choice), groups.
    const address = Buffer.alloc(12);
    address.writeUInt16LE(nl.AF_NETLINK, 0);
    address.writeUInt32LE(GROUPS, 8);
    const bound = libc.bind(this.fd, address);
    if (bound < 0) throw new SystemFault('bind', 'AF_NETLINK', -bound);
  }
}
