/** Reads addresses and routes with all their attributes, and makes them again from those. Most are of others. */

import type { Saved } from '../../src/wire/ops/ip.ts';
import type { OtherDump } from '../../src/wire/seen.ts';
import { dump } from '../netlink/ask.ts';
import { eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { readAddress } from './address-dump.ts';
import { askAddresses } from './dump.ts';
import { readRoute } from './route-dump.ts';

/** Sizes of struct ifaddrmsg and struct rtmsg, and the offset of the flags in struct rtmsg. */
const IFADDRMSG_BYTES = 8;
const RTMSG_BYTES = 12;
const RTM_FLAGS = 8;

/** Protocols of routes that are not restored: the kernel makes such routes again by itself. */
const KERNELS_ROUTES: ReadonlySet<number> = new Set([nl.RTPROT_REDIRECT, nl.RTPROT_KERNEL, nl.RTPROT_RA]);

/** All such addresses and routes of a namespace in the kernel's order, addresses first. Throws SystemFault. */
export function dumpOthers(socket: NetlinkSocket): readonly OtherDump[] {
  return [...otherAddresses(socket), ...[nl.AF_INET, nl.AF_INET6].flatMap((family) => otherRoutes(socket, family))];
}

function otherAddresses(socket: NetlinkSocket): readonly OtherDump[] {
  return dump(socket, 'RTM_GETADDR', askAddresses, (bytes, start, end): OtherDump | null => {
    const read = readAddress(bytes, start, end);
    if (read === null) return null;
    const family = read.address.includes(':') ? 6 : 4;
    if (read.protocol > 0 && read.protocol <= nl.IFAPROT_KERNEL_LL) return null;
    if (family === 6 && (bytes.readUInt8(start + 2) & nl.IFA_F_TEMPORARY) !== 0) return null;
    const { address, ifindex, protocol } = read;
    const payload = bytes.toString('hex', start, end);
    return {
      ...{ what: 'address', family, ifindexes: [ifindex], prefix: address },
      ...{ src: null, mtuBytes: null, protocol, payload },
    };
  });
}

function otherRoutes(socket: NetlinkSocket, family: number): readonly OtherDump[] {
  return dump(
    socket,
    'RTM_GETROUTE',
    (request) => {
      request.begin(nl.RTM_GETROUTE, nl.NLM_F_DUMP);
      request.u32(family);
      request.u32(0);
      request.u32(0);
      request.end();
    },
    (bytes, start, end): OtherDump | null => {
      const read = readRoute(bytes, start, end);
      if (read === null || KERNELS_ROUTES.has(read.protocol)) return null;
      const payload = bytes.toString('hex', start, end);
      const { dst, src, mtuBytes, protocol } = read;
      const ifindexes: number[] = [];
      eachIndex(Buffer.from(payload, 'hex'), RTMSG_BYTES, (at, message) => ifindexes.push(message.readInt32LE(at)));
      return { what: 'route', family: read.family, ifindexes, prefix: dst, src, mtuBytes, protocol, payload };
    },
  );
}

/** RTM_NEWADDR with the attributes that the kernel reported. Returns false if a device is gone; nothing is written then. */
export function recreateAddress(batch: MessageBatch, saved: Saved, indexOf: IndexOf): boolean {
  return write(batch, nl.RTM_NEWADDR, nl.NLM_F_CREATE | nl.NLM_F_EXCL, addressMessage(saved, indexOf));
}

export function removeAddress(batch: MessageBatch, saved: Saved, indexOf: IndexOf): boolean {
  return write(batch, nl.RTM_DELADDR, 0, addressMessage(saved, indexOf));
}

/**
 * RTM_NEWROUTE with the attributes that the kernel reported. It replaces a route that was altered, and otherwise only adds one
 * that is missing. Returns false if a device is gone; nothing is written then.
 */
export function recreateRoute(batch: MessageBatch, saved: Saved, indexOf: IndexOf): boolean {
  const how = saved.isAltered ? nl.NLM_F_REPLACE : nl.NLM_F_EXCL;
  return write(batch, nl.RTM_NEWROUTE, nl.NLM_F_CREATE | how, routeMessage(saved, indexOf));
}

/** The present index of a device by name; null: there is no such device. */
export type IndexOf = (dev: string) => number | null;

/** Writes one message. `payload` null: a device is gone, so nothing is written and the answer is false. */
function write(batch: MessageBatch, type: number, flags: number, payload: Buffer | null): boolean {
  if (payload === null) return false;
  batch.begin(type, flags);
  batch.raw(payload);
  batch.end();
  return true;
}

function addressMessage(saved: Saved, indexOf: IndexOf): Buffer | null {
  const message = Buffer.from(saved.payload, 'hex');
  const dev = saved.devices[0]?.dev ?? null;
  const ifindex = dev === null ? null : indexOf(dev);
  if (ifindex === null) return null;
  message.writeInt32LE(ifindex, IFADDRMSG_BYTES - 4);
  return message;
}

/**
 * The payload with present indexes, without the flags that report a route's state (dead, offloaded): the kernel refuses those.
 * Null: a device is gone.
 */
function routeMessage(saved: Saved, indexOf: IndexOf): Buffer | null {
  const message = Buffer.from(saved.payload, 'hex');
  const names = new Map(saved.devices.map(({ ifindex, dev }) => [ifindex, dev]));
  message.writeUInt32LE(message.readUInt32LE(RTM_FLAGS) & nl.RTNH_F_ONLINK, RTM_FLAGS);
  let isWhole = true;
  eachIndex(message, RTMSG_BYTES, (at, _message, isNexthop) => {
    const dev = names.get(message.readInt32LE(at)) ?? null;
    const ifindex = dev === null ? null : indexOf(dev);
    if (ifindex === null) isWhole = false;
    else message.writeInt32LE(ifindex, at);
    // struct rtnexthop: length, flags, hops, index.
    if (isNexthop) message.writeUInt8(message.readUInt8(at - 2) & nl.RTNH_F_ONLINK, at - 2);
  });
  return isWhole ? message : null;
}

/** Visits each device index in a route's payload: the route's own, or one for each of its next hops. */
function eachIndex(
  message: Buffer,
  start: number,
  visit: (at: number, message: Buffer, isNexthop: boolean) => void,
): void {
  eachAttribute(message, start, message.length, (type, at, length) => {
    if (type === nl.RTA_OIF) visit(at + nl.NLA_HDRLEN, message, false);
    if (type !== nl.RTA_MULTIPATH) return;
    for (let hop = at + nl.NLA_HDRLEN; hop + nl.RTNEXTHOP_BYTES <= at + length; ) {
      visit(hop + 4, message, true);
      hop += Math.max(nl.RTNEXTHOP_BYTES, (message.readUInt16LE(hop) + 3) & ~3);
    }
  });
}
