/** `tunnels/` carries out what is done to tunnels: devices of their own, and trunks. This file: trunks and their wires. */
import type { TrunkAdd, TrunkCut, TrunkTie } from '../../../src/wire/ops/switch.ts';
import { TRUNK_PROGRAM } from '../../../src/wire/trunk.ts';
import { remove, update } from '../../bpf/call.ts';
import { mapsOf, TrunkMaps } from '../../bpf/trunk-maps.ts';
import { keyOf, outValue } from '../../bpf/trunk-program.ts';
import { failureOf } from '../../failure.ts';
import type { Namespace } from '../../namespaces.ts';
import * as nl from '../../netlink/constants.ts';
import { ERRNO } from '../../netlink/errors.ts';
import { SystemFault } from '../../netlink/fault.ts';
import type { MessageBatch } from '../../netlink/message.ts';
import { sendEach, sendOne } from '../../netlink/send-each.ts';
import type { Nack } from '../../netlink/socket.ts';
import { HomeLost } from '../../netns.ts';
import { programFilter } from '../../rtnl/filter.ts';
import { createIngress, deleteIngress } from '../../rtnl/qdisc.ts';
import { changeVnis, createTrunk, rangesOf } from '../../rtnl/tunnels/trunk.ts';
import type { JobContext, Placed } from '../context.ts';
import { changePorts } from '../port.ts';
import { afterRefusal, sendableIndex } from '../taken.ts';

/** Makes trunks, each whole or not at all: the device, its program, its mark; then it is raised. */
export function addTrunk(context: JobContext, { at, op }: Placed<TrunkAdd>): void {
  const ifindex = context.attempt(at, () => createDevice(context, { at, op }));
  if (ifindex === null) return;
  try {
    using maps = TrunkMaps.make(op.wiresMax);
    const { socket } = context.space;
    const write = (batch: MessageBatch): void => {
      createIngress(batch, ifindex);
      programFilter(batch, ifindex, maps.program.fd, TRUNK_PROGRAM);
    };
    const nack = sendOne(socket, write);
    if (nack) throw new SystemFault('RTM_NEWTFILTER', `${op.dev} (cls_bpf)`, nack.errno, nack.message);
    const settings = {
      at,
      dev: op.dev,
      ifindex,
      master: 'none',
      alias: op.alias,
      mtuBytes: null,
      raise: true,
    } as const;
    const [refused] = changePorts(context, [settings]);
    if (refused) throw new SystemFault('RTM_NEWLINK', op.dev, refused.nack.errno, raisedNot(op, refused.nack));
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    context.failures.push({ ...failureOf(at, error), leftBehind: context.undo({ ifindex }, op.dev) });
  }
}

/** Why a trunk did not come up. */
function raisedNot({ dstPort }: TrunkAdd, { errno, message }: Nack): string {
  return errno === ERRNO.EADDRINUSE ? `a tunnel of another kind, or another program, has UDP port ${dstPort}` : message;
}

/** The index of a new device of a trunk, down; null: it was refused, and the failure is recorded. Throws SystemFault. */
function createDevice(context: JobContext, { at, op }: Placed<TrunkAdd>): number | null {
  const here = context.space;
  const underlay = context.spaces.get(op.underlay);
  const isHere = underlay.inode === here.inode;
  const from: Namespace = isHere ? here : underlay;
  const targetFd = isHere ? null : here.fd;
  const create = (batch: MessageBatch, index: number | null): void => createTrunk(batch, op, index, targetFd);
  const ifindex = sendableIndex(context, op.ifindex, from);
  const nack = sendOne(from.socket, (batch) => create(batch, ifindex));
  if (!nack) return ifindex ?? context.indexOf(op.dev);
  return afterRefusal(context, { at, dev: op.dev, ifindex, group: op.group, peer: null, from }, nack, create);
}

/** A tie with the index of its port. */
interface Tie extends Placed<TrunkTie> {
  readonly port: number;
}

/**
 * Ties ports to a trunk: the VNIs, the entries of the maps, then the program on each port. A port that fails is in no wire. Ports that failed
 * earlier in this job are left out, since that failure is recorded.
 */
export function tieToTrunk(context: JobContext, ops: readonly Placed<TrunkTie>[]): void {
  const whole = ops.filter(({ op }) => !context.undone.has(op.dev));
  const ties = whole.flatMap(({ at, op }): Tie[] => {
    const port = context.attempt(at, () => context.indexOf(op.dev));
    return port === null ? [] : [{ at, op, port }];
  });
  const byTrunk = new Map<string, Tie[]>();
  for (const tie of ties) byTrunk.set(tie.op.trunk, [...(byTrunk.get(tie.op.trunk) ?? []), tie]);
  for (const [dev, own] of byTrunk) tieTo(context, dev, own);
}

function tieTo(context: JobContext, dev: string, ties: readonly Tie[]): void {
  const { socket } = context.space;
  try {
    const trunk = context.indexOf(dev);
    using maps = mapsOf(socket, dev, trunk);
    const heard = hear(context, trunk, ties);
    const entered = heard.filter((tie) => enterTie(context, maps, trunk, tie));
    attachProgram(context, maps, entered);
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    for (const tie of ties) giveUp(context, tie, error);
  }
}

/** Has the trunk hear the VNIs, all at once, and one by one if that fails. Returns the ties whose VNI it hears. */
function hear(context: JobContext, trunk: number, ties: readonly Tie[]): readonly Tie[] {
  const { socket } = context.space;
  const ranges = rangesOf(ties.map(({ op }) => op.vni));
  const nack = sendOne(socket, (batch) => changeVnis(batch, nl.RTM_NEWTUNNEL, trunk, ranges));
  if (nack === null) return ties;
  const refused = sendEach(socket, ties, (batch, { op }) =>
    changeVnis(batch, nl.RTM_NEWTUNNEL, trunk, [[op.vni, op.vni]]),
  );
  const lost = new Set(refused.map(({ item }) => item));
  for (const { item, nack: why } of refused) {
    const more = why.errno === ERRNO.EEXIST ? 'another tunnel of this host has the VNI' : why.message;
    giveUp(context, item, new SystemFault('RTM_NEWTUNNEL', `${item.op.trunk} VNI ${item.op.vni}`, why.errno, more));
  }
  return ties.filter((tie) => !lost.has(tie));
}

/** Writes both entries of a wire. False: it failed, and the failure is recorded. */
function enterTie(context: JobContext, maps: TrunkMaps, trunk: number, tie: Tie): boolean {
  const { op, port } = tie;
  try {
    update(maps.out, op.dev, keyOf(port), outValue({ ...op, trunk }));
    update(maps.in, op.dev, keyOf(op.vni), keyOf(port));
    return true;
  } catch (error) {
    giveUp(context, tie, error);
    return false;
  }
}

/**
 * Gives each port the program. Nothing is attached to new ports, whose qdiscs are all made before their filters, since a qdisc after a
 * filter waits for RCU; of the others what is attached is taken off first.
 */
function attachProgram(context: JobContext, maps: TrunkMaps, ties: readonly Tie[]): void {
  const { fd } = maps.program;
  const filter = (batch: MessageBatch, { port }: Tie): void => programFilter(batch, port, fd, TRUNK_PROGRAM);
  const fresh = ties.filter(({ op }) => op.isNew);
  const others = ties.filter(({ op }) => !op.isNew);
  const steps = [
    ...others.flatMap((tie) => [
      { tie, isWanted: false, write: (batch: MessageBatch) => deleteIngress(batch, tie.port) },
      { tie, isWanted: true, write: (batch: MessageBatch) => createIngress(batch, tie.port) },
      { tie, isWanted: true, write: (batch: MessageBatch) => filter(batch, tie) },
    ]),
    ...fresh.map((tie) => ({ tie, isWanted: true, write: (batch: MessageBatch) => createIngress(batch, tie.port) })),
    ...fresh.map((tie) => ({ tie, isWanted: true, write: (batch: MessageBatch) => filter(batch, tie) })),
  ];
  const failed = new Map<Tie, Nack>();
  for (const { item, nack } of sendEach(context.space.socket, steps, (batch, { write }) => write(batch)))
    if (item.isWanted && !failed.has(item.tie)) failed.set(item.tie, nack);
  for (const [tie, nack] of failed) {
    leave(maps, tie);
    giveUp(context, tie, new SystemFault('RTM_NEWTFILTER', `${tie.op.dev} (cls_bpf)`, nack.errno, nack.message));
  }
}

/** Takes the entries of a tie that failed out again. */
function leave(maps: TrunkMaps, { op, port }: Tie): void {
  remove(maps.out, op.dev, keyOf(port));
  remove(maps.in, op.dev, keyOf(op.vni));
}

/** Records why a port could not be tied, and deletes it if this plan made it. */
function giveUp(context: JobContext, { at, op, port }: Tie, error: unknown): void {
  const leftBehind = op.isNew ? context.undo({ ifindex: port }, op.dev) : null;
  context.failures.push({ ...failureOf(at, error), leftBehind });
}

/** Takes entries out of trunks. */
export function cutFromTrunk(context: JobContext, { at, op }: Placed<TrunkCut>): void {
  context.attempt(at, () => clear(context, op));
  // One by one: of a range the kernel deletes none behind one that is not there.
  const refused = sendEach(context.space.socket, op.vnis, (batch, vni) =>
    changeVnis(batch, nl.RTM_DELTUNNEL, op.ifindex, [[vni, vni]]),
  );
  for (const { item, nack } of refused)
    if (!isGone(nack)) context.fail(at, 'RTM_DELTUNNEL', `${op.dev} VNI ${item}`, nack);
}

function clear({ space: { socket } }: JobContext, { dev, ifindex, ports, vnis }: TrunkCut): void {
  try {
    using maps = mapsOf(socket, dev, ifindex);
    for (const port of ports) remove(maps.out, dev, keyOf(port));
    for (const vni of vnis) remove(maps.in, dev, keyOf(vni));
  } catch (error) {
    if (!(error instanceof SystemFault) || !isGone(error)) throw error;
  }
}

function isGone({ errno }: { readonly errno: number }): boolean {
  return errno === ERRNO.ENOENT || errno === ERRNO.ENODEV;
}
