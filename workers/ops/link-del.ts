import { randomInt } from 'node:crypto';
import { isLinuxBridge } from '../../src/kinds/bridge-modes.ts';
import { isMade } from '../../src/wire/device-ref.ts';
import type { LinkDel } from '../../src/wire/ops/links.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { ERRNO } from '../netlink/errors.ts';
import { sendAtOnce, sendEach } from '../netlink/send-each.ts';
import { dumpLinks, lookUp } from '../rtnl/dump.ts';
import { changeLink, deleteLink, UNCHANGED } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';

/** The most devices of a group: a message for each, of some 50 bytes, and one that deletes them go in one send. */
const GROUP_MAX = 1000;

interface Doomed {
  readonly at: number;
  readonly dev: string;
  readonly ifindex: number;
  readonly isBridge: boolean;
}

/**
 * The most bridges that one message deletes, and how many the first one does. Kernels before 6.12.111 and 6.1.192 wait for each
 * (br_multicast_dev_del, rcu_barrier), with RTNL held over all of a message: some 17 ms, and on a busy machine twice that and more.
 */
const BRIDGES_PER_MESSAGE = 12;
const BRIDGES_AT_FIRST = 8;
/** How long a message should take. Others wait for RTNL as long. */
const MESSAGE_MS = 200;

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
  const remove = (some: readonly Doomed[]): void => {
    if (!deleteTogether(context, some, group)) deleteSingly(context, some);
  };
  const others = doomed.filter(({ isBridge }) => !isBridge);
  if (others.length > 0) remove(others);
  removeBridges(
    doomed.filter(({ isBridge }) => isBridge),
    remove,
  );
}

/** Removes them in portions, none of which holds RTNL for long: the kernel tells only by how long it takes. */
function removeBridges(bridges: readonly Doomed[], remove: (some: readonly Doomed[]) => void): void {
  let size = BRIDGES_AT_FIRST;
  for (let from = 0; from < bridges.length; ) {
    const some = bridges.slice(from, from + size);
    const startedMs = performance.now();
    remove(some);
    from += some.length;
    size = nextPortion(some.length, performance.now() - startedMs);
  }
}

/** How many bridges the next message deletes, if the last one deleted so many in that time: 1 to 12. */
export function nextPortion(bridges: number, tookMs: number): number {
  const fitting = Math.floor((bridges * MESSAGE_MS) / Math.max(tookMs, 1));
  return Math.max(1, Math.min(BRIDGES_PER_MESSAGE, fitting));
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

/**
 * Deletes the devices as groups. False: not all of them could be deleted this way. A group is made and deleted by one send, which the kernel
 * carries out before a signal can end this process: a device that was left in such a group would be nobody's.
 */
function deleteTogether(context: JobContext, doomed: readonly Doomed[], group: number): boolean {
  const refused: number[] = [];
  for (let from = 0; from < doomed.length; from += GROUP_MAX) {
    const some = [...doomed.slice(from, from + GROUP_MAX), null];
    const answers = sendAtOnce(context.space.socket, some, (batch, one) =>
      one === null
        ? deleteLink(batch, { group })
        : changeLink(batch, { ifindex: one.ifindex }, { ...UNCHANGED, group }),
    );
    refused.push(...answers.map(({ nack }) => nack.errno));
  }
  return refused.every((errno) => errno === ERRNO.ENODEV);
}

function deleteSingly(context: JobContext, doomed: readonly Doomed[]): void {
  const refused = sendEach(context.space.socket, doomed, (batch, { ifindex }) => deleteLink(batch, { ifindex }));
  for (const { item, nack } of refused) {
    if (nack.errno !== ERRNO.ENODEV) context.fail(item.at, 'RTM_DELLINK', item.dev, nack);
  }
}
