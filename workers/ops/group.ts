import type { LinkDump } from '../../src/engine/protocol.ts';
import type { GroupDel, GroupSet } from '../../src/plan/op.ts';
import { ERRNO } from '../netlink/errors.ts';
import { dumpLinks } from '../rtnl/dump.ts';
import { changeLink, deleteLink, type LinkKey, UNCHANGED } from '../rtnl/link.ts';
import { batch, type JobContext, type Placed } from './context.ts';

/** Raises all of a group in one message, or sets it down. */
export function setGroup(context: JobContext, { at, op }: Placed<GroupSet>): void {
  const set = (key: LinkKey): void => changeLink(batch, key, { ...UNCHANGED, up: op.up });
  forGroup(context, { at, call: 'RTM_NEWLINK', group: op.group, wants: (link) => link.up !== op.up }, set);
}

/** Deletes all of a group in one message, with one wait of the kernel's. */
export function deleteGroup(context: JobContext, { at, op }: Placed<GroupDel>): void {
  forGroup(context, { at, call: 'RTM_DELLINK', group: op.group, wants: () => true }, (key) => deleteLink(batch, key));
}

interface Sweep {
  readonly at: number;
  readonly call: string;
  readonly group: number;
  readonly wants: (link: LinkDump) => boolean;
}

/** A refused group message doesn't say which device it was about, nor does it go on to the rest: look, and go on singly. */
function forGroup(context: JobContext, sweep: Sweep, write: (key: LinkKey) => void): void {
  const { socket } = context.space;
  batch.reset();
  write({ group: sweep.group });
  const [whole] = socket.transact(batch);
  if (!whole || whole.errno === ERRNO.ENODEV) return;
  const links = dumpLinks(socket, false).filter((link) => link.group === sweep.group && sweep.wants(link));
  batch.reset();
  for (const { ifindex } of links) write({ ifindex });
  for (const nack of socket.transact(batch)) {
    if (nack.errno !== ERRNO.ENODEV) context.fail(sweep.at, sweep.call, links[nack.index]?.ifname ?? '', nack);
  }
}
