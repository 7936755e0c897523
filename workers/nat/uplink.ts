import type { UplinkRename } from '../../src/wire/ops/extras.ts';
import { dump } from '../netlink/ask.ts';
import { attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendEach, sendOne } from '../netlink/send-each.ts';
import type { Nack, NetlinkSocket } from '../netlink/socket.ts';
import type { JobContext, Placed } from '../ops/context.ts';
import { changeLink, renameLink, UNCHANGED } from '../rtnl/link.ts';

/** Sizes of struct rtmsg and struct ifaddrmsg. */
const RTMSG_BYTES = 12;
const IFADDRMSG_BYTES = 8;
const RTN_UNICAST = 1;
const RT_TABLE_LOCAL = 255;
const RT_SCOPE_LINK = 253;
/** A route can need another one, such as the one to its gateway. A second round adds those. */
const ROUNDS = 2;

/** Renames a device, and sets or removes its mark, which is its alias. The kernel removes an alias that is set to an empty text. */
export function renameUplink(context: JobContext, { at, op }: Placed<UplinkRename>): void {
  context.attempt(at, () => {
    const { socket } = context.space;
    if (!renameAwake(socket, op)) renameAsleep(socket, op);
    send(socket, op.to, (batch) => changeLink(batch, { ifindex: op.ifindex }, { ...UNCHANGED, alias: op.alias ?? '' }));
  });
}

/** Renames a device that is up, which keeps its addresses and routes. False: the kernel refuses, as before Linux 6.2. */
function renameAwake(socket: NetlinkSocket, op: Pick<UplinkRename, 'ifindex' | 'to' | 'dev'>): boolean {
  const nack = sendOne(socket, (batch) => renameLink(batch, op.ifindex, op.to));
  if (nack && nack.errno !== ERRNO.EBUSY) throw faultOf(nack, op.dev);
  return nack === null;
}

/**
 * Sets the device down, renames it, raises it, and restores what it lost while it was down: its routes and IPv6 addresses. Both
 * are sent back to the kernel exactly as it reported them, like `ip route save` and `ip route restore` do.
 */
export function renameAsleep(socket: NetlinkSocket, op: Pick<UplinkRename, 'ifindex' | 'to' | 'dev'>): void {
  const key = { ifindex: op.ifindex };
  const addresses = saved(socket, nl.RTM_GETADDR, nl.AF_INET6, (bytes, start) => {
    return bytes.readUInt32LE(start + 4) === op.ifindex && bytes[start + 3] !== RT_SCOPE_LINK;
  });
  const routes = [nl.AF_INET, nl.AF_INET6].flatMap((family) =>
    saved(socket, nl.RTM_GETROUTE, family, (bytes, start, end) => isRouteOf(op.ifindex, bytes, start, end)),
  );
  send(socket, op.dev, (batch) => changeLink(batch, key, { ...UNCHANGED, up: false }));
  const [refused] = sendEach(socket, [op], (batch) => {
    renameLink(batch, op.ifindex, op.to);
    changeLink(batch, key, { ...UNCHANGED, up: true });
  });
  restore(socket, nl.RTM_NEWADDR, addresses);
  const left = restore(socket, nl.RTM_NEWROUTE, routes);
  if (refused) throw faultOf(refused.nack, op.dev);
  if (left) throw faultOf(left, `${op.to}: routes`, 'RTM_NEWROUTE');
}

type Filter = (bytes: Buffer, start: number, end: number) => boolean;

/** The payloads of those messages of a dump that the filter accepts. */
function saved(socket: NetlinkSocket, type: number, family: number, filter: Filter): Buffer[] {
  const size = type === nl.RTM_GETADDR ? IFADDRMSG_BYTES : RTMSG_BYTES;
  const write = (batch: MessageBatch): void => {
    batch.begin(type, nl.NLM_F_DUMP);
    batch.u32(family);
    for (let word = 1; word < size / 4; word++) batch.u32(0);
    batch.end();
  };
  const read = (bytes: Buffer, start: number, end: number): Buffer | null =>
    filter(bytes, start, end) ? Buffer.from(bytes.subarray(start, end)) : null;
  // What is missing in it would be lost with the device's state.
  return dump(socket, type === nl.RTM_GETADDR ? 'RTM_GETADDR' : 'RTM_GETROUTE', write, read, 'fault');
}

/** Whether the message is a route of the device that somebody added. The kernel makes the routes of addresses itself. */
function isRouteOf(ifindex: number, bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start + 7] !== RTN_UNICAST || bytes[start + 4] === RT_TABLE_LOCAL) return false;
  let oif = 0;
  eachAttribute(bytes, start + RTMSG_BYTES, end, (type, at, length) => {
    if (type === nl.RTA_OIF) oif = attrU32(bytes, at, length);
  });
  return oif === ifindex;
}

/** Sends payloads back to the kernel. Returns the first refusal, if any. EEXIST is no refusal: the object is there. */
function restore(socket: NetlinkSocket, type: number, payloads: readonly Buffer[]): Nack | undefined {
  let left = payloads;
  for (let round = 1; ; round++) {
    const refused = sendEach(socket, left, (batch, payload) => {
      batch.begin(type, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
      batch.raw(payload);
      batch.end();
    }).filter(({ nack }) => nack.errno !== ERRNO.EEXIST);
    if (refused.length === 0 || round === ROUNDS) return refused[0]?.nack;
    left = refused.map(({ item }) => item);
  }
}

function send(socket: NetlinkSocket, subject: string, write: (batch: MessageBatch) => void): void {
  const nack = sendOne(socket, write);
  if (nack) throw faultOf(nack, subject);
}

function faultOf({ errno, message }: Nack, subject: string, call = 'RTM_NEWLINK'): SystemFault {
  return new SystemFault(call, subject, errno, message);
}
