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

/** A device whose creation was refused. */
export interface RefusedName {
  readonly at: number;
  readonly dev: string;
  /** The index that was asked for; null: the kernel's choice. */
  readonly ifindex: number | null;
  readonly group: number | null;
  /** The veth's peer; its name may be the one that is taken. */
  readonly peer: { readonly ns: NsId; readonly dev: string } | null;
  /** The namespace in which the message was sent: that of the device's parent or underlay, or the job's. */
  readonly from: Namespace;
}

/** The range of the indexes that linkloom chooses, without `end`. */
const INDEXES = { first: 2 ** 20, end: 2 ** 30 } as const;

/**
 * The index to ask for. A message that is sent in another namespace than the device's needs one. Without an index the kernel
 * looks for the name where the message was sent, and refuses if a device there has the name (a parent `eth0`, say).
 */
export function sendableIndex(context: JobContext, chosen: number | null, from: Namespace): number | null {
  return chosen === null && from !== context.space ? randomInt(INDEXES.first, INDEXES.end) : chosen;
}

/**
 * Handles a refused creation. EEXIST does not say whether the index, the name or the peer's name is taken, so this looks. If it
 * was the index, creates the device with another index by `create`, which writes one message, and returns the new index.
 * Otherwise records the failure and returns null.
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

/** Whether the namespace has a device of that name. If so, records the failure, which says whether the device is the lab's by its group. */
function isNameTaken(context: JobContext, { at, dev, group }: RefusedName, { errno, message }: Nack): boolean {
  const namesake = context.find(dev);
  if (!namesake) return false;
  const code = namesake.group === group ? null : 'E_FOREIGN_DEVICE';
  context.failures.push(failure(at, 'RTM_NEWLINK', dev, errno, { extAck: message, code }));
  return true;
}

/**
 * Whether the index is taken: in the device's namespace, or in the one where the message was sent, since the kernel looks
 * there too (NLM_F_EXCL). EBUSY can also come from the parent.
 */
function isIndexTaken(context: JobContext, ifindex: number, from: Namespace, nack: Nack): boolean {
  const here = context.space;
  if (from === here) return nack.errno === ERRNO.EBUSY || lookUp(here.socket, { ifindex }) !== null;
  return [here, from].some(({ socket }) => lookUp(socket, { ifindex }) !== null);
}
