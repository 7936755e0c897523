import type { GroupSet } from '../../src/wire/op.ts';
import { ERRNO } from '../netlink/errors.ts';
import { dumpLinks } from '../rtnl/dump.ts';
import { changeLink, type LinkKey, UNCHANGED } from '../rtnl/link.ts';
import { batch, type JobContext, type Placed } from './context.ts';

/**
 * Raises all of a group in one message, or sets it down. A refused group message doesn't say which device it was about, nor
 * does it go on to the rest: look, and go on singly.
 */
export function setGroup(context: JobContext, { at, op }: Placed<GroupSet>): void {
  const { socket } = context.space;
  const set = (key: LinkKey): void => changeLink(batch, key, { ...UNCHANGED, up: op.up });
  batch.reset();
  set({ group: op.group });
  const [whole] = socket.transact(batch);
  if (!whole || whole.errno === ERRNO.ENODEV) return;
  const links = dumpLinks(socket, false).filter((link) => link.group === op.group && link.up !== op.up);
  batch.reset();
  for (const { ifindex } of links) set({ ifindex });
  for (const nack of socket.transact(batch)) {
    if (nack.errno !== ERRNO.ENODEV) context.fail(at, 'RTM_NEWLINK', links[nack.index]?.ifname ?? '', nack);
  }
}
