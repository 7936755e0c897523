import type { GroupSet } from '../../src/wire/ops/switch.ts';
import { ERRNO } from '../netlink/errors.ts';
import { sendEach, sendOne } from '../netlink/send-each.ts';
import { dumpLinks } from '../rtnl/dump.ts';
import { changeLink, UNCHANGED } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';

/**
 * Raises all devices of a group in one message, or sets them down. If the kernel refuses, it stops at the first device and does
 * not say which one that is. Then the devices are listed and changed one by one.
 */
export function setGroup(context: JobContext, { at, op }: Placed<GroupSet>): void {
  const { socket } = context.space;
  const change = { ...UNCHANGED, up: op.up };
  const whole = sendOne(socket, (batch) => changeLink(batch, { group: op.group }, change));
  if (!whole || whole.errno === ERRNO.ENODEV) return;
  const links = dumpLinks(socket, false).filter((link) => link.group === op.group && link.up !== op.up);
  const refused = sendEach(socket, links, (batch, { ifindex }) => changeLink(batch, { ifindex }, change));
  for (const { item, nack } of refused) {
    if (nack.errno !== ERRNO.ENODEV) context.fail(at, 'RTM_NEWLINK', item.ifname, nack);
  }
}
