import { randomInt } from 'node:crypto';
import { isLinuxBridge } from '../../src/kinds/bridge-modes.ts';
import { isMade } from '../../src/wire/device-ref.ts';
import type { LinkDel } from '../../src/wire/ops/links.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { ERRNO } from '../netlink/errors.ts';
import { sendEach, sendOne } from '../netlink/send-each.ts';
import { dumpLinks, lookUp } from '../rtnl/dump.ts';
import { changeLink, deleteLink, UNCHANGED } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';

interface Doomed {
  readonly at: number;
  readonly dev: string;
  readonly ifindex: number;
  readonly isBridge: boolean;
}

/**
 * The most bridges that one message deletes. Kernels before 6.12.111 and 6.1.192 wait some 17 ms for each (br_multicast_dev_del,
 * rcu_barrier), with RTNL held over all of a message.
 */
const BRIDGES_PER_MESSAGE = 12;

/**
 * Deletes devices. The kernel waits 16 ms for each deletion, so several devices are first put into a group of their own and then
 * deleted by one message with one wait. The group's number is random and checked to be unused. It is no failure if a device is
 * gone, if its index belongs to another name by now, or if its marks have changed.
 */
export function deleteLinks(context: JobContext, ops: readonly Placed<LinkDel>[]): void {
  if (ops.length === 1) {
    deleteSingly(
      context,
      ops.flatMap(({ at, op }) => lookedUp(context, at, op)),
    );
    return;
  }
  const links = dumpLinks(context.space.socket, false);
  const byIndex = new Map(links.map((link) => [link.ifindex, link]));
  const byName = new Map(links.map((link) => [link.ifname, link]));
  const doomed = ops.flatMap(({ at, op }) =>
    doomedOf(at, op, isMade(op.ifindex) ? byName.get(op.dev) : byIndex.get(op.ifindex)),
  );
  const group = unusedGroup(links);
  for (const some of portions(doomed)) if (!deleteTogether(context, some, group)) deleteSingly(context, some);
}

/** The devices in portions, none of which holds RTNL for long. */
function portions(doomed: readonly Doomed[]): readonly (readonly Doomed[])[] {
  const bridges = doomed.filter(({ isBridge }) => isBridge);
  const others = doomed.filter(({ isBridge }) => !isBridge);
  const result = others.length > 0 ? [others] : [];
  for (let from = 0; from < bridges.length; from += BRIDGES_PER_MESSAGE)
    result.push(bridges.slice(from, from + BRIDGES_PER_MESSAGE));
  return result;
}

function lookedUp(context: JobContext, at: number, op: LinkDel): Doomed[] {
  const key = isMade(op.ifindex) ? { ifname: op.dev } : { ifindex: op.ifindex };
  return context.attempt(at, () => doomedOf(at, op, lookUp(context.space.socket, key) ?? undefined)) ?? [];
}

function doomedOf(at: number, op: LinkDel, link: LinkDump | undefined): Doomed[] {
  const { group, alias } = op.seen;
  const isSame =
    link?.ifname === op.dev && (group === null || link.group === group) && (alias === null || link.alias === alias);
  return isSame ? [{ at, dev: op.dev, ifindex: link.ifindex, isBridge: isLinuxBridge(link) }] : [];
}

function unusedGroup(links: readonly LinkDump[]): number {
  const used = new Set(links.map((link) => link.group));
  for (;;) {
    const group = randomInt(1, 2 ** 31);
    if (!used.has(group)) return group;
  }
}

/** Deletes the devices as one group. False: not all of them could be deleted this way. */
function deleteTogether(context: JobContext, doomed: readonly Doomed[], group: number): boolean {
  const { socket } = context.space;
  const refused = sendEach(socket, doomed, (batch, { ifindex }) =>
    changeLink(batch, { ifindex }, { ...UNCHANGED, group }),
  );
  const nack = sendOne(socket, (batch) => deleteLink(batch, { group }));
  return [...refused.map((one) => one.nack), nack].every((one) => one === null || one.errno === ERRNO.ENODEV);
}

function deleteSingly(context: JobContext, doomed: readonly Doomed[]): void {
  const refused = sendEach(context.space.socket, doomed, (batch, { ifindex }) => deleteLink(batch, { ifindex }));
  for (const { item, nack } of refused) {
    if (nack.errno !== ERRNO.ENODEV) context.fail(item.at, 'RTM_DELLINK', item.dev, nack);
  }
}
