import { randomInt } from 'node:crypto';
import type { NsId } from '../../src/net/ns-id.ts';
import { failure } from '../failure.ts';
import type { Namespace } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendOne } from '../netlink/send-each.ts';
import type { Nack } from '../netlink/socket.ts';
import { lookUp } from '../rtnl/dump.ts';
import type { JobContext } from './context.ts';

/** A creation that was refused. */
export interface RefusedName {
  readonly at: number;
  readonly dev: string;
  /** The index that was asked for; null: the kernel's choice. */
  readonly ifindex: number | null;
  readonly group: number | null;
  /** The other end, whose name may be the one that is taken. */
  readonly peer: { readonly ns: NsId; readonly dev: string } | null;
  /** The namespace in which the message was sent; of another than the job's the device's parent or underlay is. */
  readonly from: Namespace;
}

/** Where linkloom's own choice of indexes begins and ends. */
const INDEXES = { first: 2 ** 20, end: 2 ** 30 } as const;

/**
 * The index to ask for. A message that is sent in another namespace needs one: without it the kernel looks for the name in
 * that namespace, and takes a device of the same name there (a parent `eth0`) for the one that is to be made.
 */
export function sendableIndex(context: JobContext, chosen: number | null, from: Namespace): number | null {
  return chosen === null && from !== context.space ? randomInt(INDEXES.first, INDEXES.end) : chosen;
}

/**
 * What follows a refused creation: EEXIST says that the index, the name or the peer's name is taken, and not which.
 * Looks, and where it was the index creates again by `create` (which writes one message with the index that it is given)
 * and returns the index that the device then has. Otherwise records the failure and returns null.
 */
export function afterRefusal(
  context: JobContext,
  refused: RefusedName,
  nack: Nack,
  create: (batch: MessageBatch, ifindex: number | null) => void,
): number | null {
  const { at, dev, from } = refused;
  const isTaken = nack.errno === ERRNO.EEXIST || nack.errno === ERRNO.EBUSY;
  if (isTaken && isNameTaken(context, refused, nack)) return null;
  if (isTaken && refused.ifindex !== null && isIndexTaken(context, refused.ifindex, from, nack)) {
    const ifindex = sendableIndex(context, null, from);
    const again = sendOne(from.socket, (batch) => create(batch, ifindex));
    if (!again) return ifindex ?? context.indexOf(dev);
    return afterRefusal(context, { ...refused, ifindex }, again, create);
  }
  const subject = nack.errno === ERRNO.EEXIST && refused.peer ? `${refused.peer.dev} in ${refused.peer.ns}` : dev;
  context.fail(at, 'RTM_NEWLINK', subject, nack);
  return null;
}

/** Whether the namespace has a device of the name already; if so, the failure is recorded, as a stranger's name if the device is not of the group. */
function isNameTaken(context: JobContext, { at, dev, group }: RefusedName, { errno, message }: Nack): boolean {
  const namesake = context.find(dev);
  if (!namesake) return false;
  const code = namesake.group === group ? null : 'E_FOREIGN_DEVICE';
  context.failures.push(failure(at, 'RTM_NEWLINK', dev, errno, { extAck: message, code }));
  return true;
}

/** Taken where the device is to be or, looked for with NLM_F_EXCL, where the message was sent. There EBUSY can be the parent's word, too. */
function isIndexTaken(context: JobContext, ifindex: number, from: Namespace, nack: Nack): boolean {
  const here = context.space;
  if (from === here) return nack.errno === ERRNO.EBUSY || lookUp(here.socket, { ifindex }) !== null;
  return [here, from].some(({ socket }) => lookUp(socket, { ifindex }) !== null);
}
