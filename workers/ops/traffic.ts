import type { QdiscNetem, QdiscTbf, WireCut, WirePatch } from '../../src/wire/ops/traffic.ts';
import { failure } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { type Refused, sendEach } from '../netlink/send-each.ts';
import type { Nack } from '../netlink/socket.ts';
import { deleteIngressFilters, MATCH_ALL_KINDS, type MatchAllKind, redirectAll } from '../rtnl/filter.ts';
import { createIngress, deleteIngress, deleteRootQdisc, setNetem, setTbf } from '../rtnl/qdisc.ts';
import type { JobContext, Placed, Setting } from './context.ts';

/** The kernel's errors on deleting a qdisc where there is none, or where another one is. */
const NOTHING_THERE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.EINVAL]);

/**
 * Sets or removes the impairments of devices, all in one batch. Without an impairment a device has the kernel's default qdisc
 * again. If the kernel refuses a new impairment the old one stays. A device that this job made for it is deleted again.
 */
export function setImpairments(context: JobContext, ops: readonly Placed<QdiscNetem>[]): void {
  setQdiscs(context, ops, netemSetting);
}

/** Limits the rate of devices, all in one batch. */
export function setShapers(context: JobContext, ops: readonly Placed<QdiscTbf>[]): void {
  setQdiscs(context, ops, tbfSetting);
}

function setQdiscs<T extends QdiscNetem | QdiscTbf>(
  context: JobContext,
  ops: readonly Placed<T>[],
  { write, onRefused }: Setting<T>,
): void {
  const known = ops.flatMap(({ at, op }) => {
    const ifindex = context.resolve(at, op);
    return ifindex === null ? [] : [{ at, op, ifindex }];
  });
  const refusals = sendEach(context.space.socket, known, (batch, { op, ifindex }) => write(batch, op, ifindex));
  for (const { item, nack } of refusals) onRefused(context, item, item.ifindex, nack);
}

export const netemSetting: Setting<QdiscNetem> = {
  write: (batch, op, ifindex) => {
    if (op.netem === null) deleteRootQdisc(batch, ifindex, op.handle);
    else setNetem(batch, ifindex, op.netem, op.by);
  },
  onRefused: (context, { at, op }, ifindex, nack) => {
    if (op.netem === null && NOTHING_THERE.has(nack.errno)) return;
    const subject = `${op.dev}: netem${nack.errno === ERRNO.ENOENT ? ' (sch_netem)' : ''}`;
    const call = op.netem === null ? 'RTM_DELQDISC' : 'RTM_NEWQDISC';
    refused(context, at, call, subject, nack, op.undo ? context.undo({ ifindex }, op.dev) : null);
  },
};

export const tbfSetting: Setting<QdiscTbf> = {
  write: (batch, op, ifindex) => setTbf(batch, ifindex, op),
  onRefused: (context, { at, op }, _ifindex, nack) => {
    const subject = `${op.dev}: tbf${nack.errno === ERRNO.ENOENT ? ' (sch_tbf)' : ''}`;
    refused(context, at, 'RTM_NEWQDISC', subject, nack, null);
  },
};

/** The op of a wire, with the indexes of its two ends. */
interface Wire extends Placed<WirePatch> {
  readonly ends: readonly [number, number];
}

/** One of the messages that connect a wire's ends. */
interface WireCall {
  readonly wire: Wire;
  readonly call: 'RTM_DELQDISC' | 'RTM_NEWQDISC' | 'RTM_NEWTFILTER';
  readonly write: (batch: MessageBatch) => void;
}

/** The kernel module that has each kind of qdisc or filter. */
const MODULES: Readonly<Record<string, string>> = {
  RTM_NEWQDISC: 'sch_ingress',
  RTM_NEWTFILTER: 'act_mirred, and cls_u32 or cls_matchall',
};

/** The classifier to use. If the kernel lacks it, the other one is taken for the rest of the thread's life. */
let classifier: MatchAllKind = 'u32';

/**
 * Connects pairs of devices. An earlier connection is deleted with its ingress qdisc. A wire that fails in part is disconnected
 * again, and the devices that this job made for it are deleted. A wire whose device failed earlier in this job is left out,
 * since that failure is recorded.
 */
export function tieWires(context: JobContext, ops: readonly Placed<WirePatch>[]): void {
  const whole = ops.filter(({ op }) => !context.undone.has(op.devA) && !context.undone.has(op.devB));
  const wires = whole.flatMap(({ at, op }): Wire[] => {
    const ends = context.attempt(at, () => [context.indexOf(op.devA), context.indexOf(op.devB)] as const);
    return ends === null ? [] : [{ at, op, ends }];
  });
  let failed = tie(context, wires, isNew);
  if (failed.some(lacksClassifier)) {
    classifier = MATCH_ALL_KINDS.find((kind) => kind !== classifier) ?? classifier;
    const again = failed.filter(lacksClassifier).map(({ item }) => item.wire);
    failed = [...failed.filter((one) => !lacksClassifier(one)), ...tie(context, again, () => false)];
  }
  untie(
    context,
    failed.flatMap(({ item }) => item.wire.ends),
    (end) => end,
  );
  for (const { item, nack } of failed) {
    const { call } = item;
    const { at, op } = item.wire;
    const left = op.undo.map((dev) => context.undo({ ifname: dev }, dev)).filter((text) => text !== null);
    const modules = nack.errno === ERRNO.ENOENT ? ` (${MODULES[call]})` : '';
    refused(context, at, call, `${op.devA} ↔ ${op.devB}${modules}`, nack, left.join(', '));
  }
}

function lacksClassifier({ item, nack }: Refused<WireCall>): boolean {
  return item.call === 'RTM_NEWTFILTER' && nack.errno === ERRNO.ENOENT;
}

/** Whether both devices of a wire were made by this job, so that nothing is attached to them yet. */
function isNew({ op }: Wire): boolean {
  return op.undo.includes(op.devA) && op.undo.includes(op.devB);
}

/**
 * Sends all messages that connect the wires. Those of new devices go by kind, all qdiscs before all filters: a qdisc after a filter
 * waits for RCU (74 µs a port, 15 in this order). Others go end by end, since between the deletion of the old redirection and the new
 * one packets are lost. Returns each wire that was refused, with its first refusal.
 */
function tie(
  context: JobContext,
  wires: readonly Wire[],
  isFresh: (wire: Wire) => boolean,
): readonly Refused<WireCall>[] {
  const fresh = wires.filter(isFresh).flatMap(waysOf);
  const others = wires.filter((wire) => !isFresh(wire)).flatMap(waysOf);
  const calls = [
    ...others.flatMap((way) => [deletion(way), qdisc(way), filter(way)]),
    ...fresh.map(qdisc),
    ...fresh.map(filter),
  ];
  const failed = new Map<Wire, Refused<WireCall>>();
  for (const refusal of sendEach(context.space.socket, calls, (batch, { write }) => write(batch))) {
    const { call, wire } = refusal.item;
    if (call === 'RTM_DELQDISC' && NOTHING_THERE.has(refusal.nack.errno)) continue;
    if (!failed.has(wire)) failed.set(wire, refusal);
  }
  return [...failed.values()];
}

/** One direction of a wire: what is received at `from` goes to `to`. */
interface Way {
  readonly wire: Wire;
  readonly from: number;
  readonly to: number;
}

function waysOf(wire: Wire): readonly Way[] {
  const [a, b] = wire.ends;
  return [
    { wire, from: a, to: b },
    { wire, from: b, to: a },
  ];
}

/** Deletes an earlier redirection, with its qdisc. */
function deletion({ wire, from }: Way): WireCall {
  return { wire, call: 'RTM_DELQDISC', write: (batch) => deleteIngress(batch, from) };
}

function qdisc({ wire, from }: Way): WireCall {
  return { wire, call: 'RTM_NEWQDISC', write: (batch) => createIngress(batch, from) };
}

function filter({ wire, from, to }: Way): WireCall {
  return { wire, call: 'RTM_NEWTFILTER', write: (batch) => redirectAll(batch, from, to, classifier) };
}

function untie<T>(context: JobContext, ends: readonly T[], ifindexOf: (end: T) => number): readonly Refused<T>[] {
  const refused = sendEach(context.space.socket, ends, (batch, end) => deleteIngress(batch, ifindexOf(end)));
  return refused.filter(({ nack }) => !NOTHING_THERE.has(nack.errno));
}

/** Deletes the redirections of devices. */
export function cutWires(context: JobContext, ops: readonly Placed<WireCut>[]): void {
  const stay = ops.filter(({ op }) => !op.goes);
  for (const { item, nack } of untie(context, stay, ({ op }) => op.ifindex)) {
    context.fail(item.at, 'RTM_DELQDISC', `${item.op.dev}: ingress`, nack);
  }
  const go = ops.filter(({ op }) => op.goes);
  // Whatever is refused goes with its device.
  sendEach(context.space.socket, go, (batch, { op }) => deleteIngressFilters(batch, op.ifindex));
}

/** The failure of a refused creation. ENOENT means here that the kernel lacks the kind of qdisc or filter. */
function refused(
  context: JobContext,
  at: number,
  call: string,
  subject: string,
  nack: Nack,
  leftBehind: string | null,
): void {
  const code = nack.errno === ERRNO.ENOENT ? 'E_FEATURE' : null;
  context.failures.push(failure(at, call, subject, nack.errno, { extAck: nack.message, code, leftBehind }));
}
