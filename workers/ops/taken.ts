import type { NsId } from '../../src/topology/topology.ts';
import { failure } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { Nack } from '../netlink/socket.ts';
import { lookUp } from '../rtnl/dump.ts';
import { batch, type JobContext } from './context.ts';

/** A creation that was refused. */
export interface Refused {
  readonly at: number;
  readonly dev: string;
  /** The chosen index; 0: the kernel's choice. */
  readonly ifindex: number;
  readonly group: number | null;
  /** The other end, whose name may be the one that is taken. */
  readonly peer: { readonly ns: NsId; readonly dev: string } | null;
}

/**
 * What follows a refused creation: EEXIST says that the index, the name or the peer's name is taken, and not which.
 * Looks, and where it was the index creates again by `create` (which writes one message with index 0) and returns the
 * index that the kernel chose. Otherwise records the failure and returns 0.
 */
export function afterRefusal(context: JobContext, refused: Refused, nack: Nack, create: () => void): number {
  const { at, dev } = refused;
  const isTaken = nack.errno === ERRNO.EEXIST || nack.errno === ERRNO.EBUSY;
  if (isTaken && isNameTaken(context, refused, nack)) return 0;
  if (isTaken && refused.ifindex !== 0 && isIndexTaken(context, refused.ifindex, nack)) {
    batch.reset();
    create();
    const [again] = context.space.socket.transact(batch);
    if (!again) return context.indexOf(dev);
    return afterRefusal(context, { ...refused, ifindex: 0 }, again, create);
  }
  const subject = nack.errno === ERRNO.EEXIST && refused.peer ? `${refused.peer.dev} in ${refused.peer.ns}` : dev;
  context.fail(at, 'RTM_NEWLINK', subject, nack);
  return 0;
}

/** Whether the namespace has a device of the name already; if so, the failure is recorded, as a stranger's name if the device is not of the group. */
export function isNameTaken(
  context: JobContext,
  { at, dev, group }: Pick<Refused, 'at' | 'dev' | 'group'>,
  { errno, message }: Pick<Nack, 'errno' | 'message'>,
): boolean {
  const namesake = context.find(dev);
  if (!namesake) return false;
  const code = namesake.group === group ? '' : 'E_FOREIGN_DEVICE';
  context.failures.push(failure(at, 'RTM_NEWLINK', dev, errno, { extAck: message, code }));
  return true;
}

function isIndexTaken(context: JobContext, ifindex: number, nack: Nack): boolean {
  return nack.errno === ERRNO.EBUSY || lookUp(context.space.socket, { ifindex }) !== null;
}
