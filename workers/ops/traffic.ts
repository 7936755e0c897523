import type { QdiscNetem, WireCut, WirePatch } from '../../src/wire/ops/traffic.ts';
import { failure } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { type Refused, sendEach } from '../netlink/send-each.ts';
import type { Nack } from '../netlink/socket.ts';
import { MATCH_ALL_KINDS, type MatchAllKind, redirectAll } from '../rtnl/filter.ts';
import { createIngress, deleteIngress, deleteRootQdisc, setNetem } from '../rtnl/qdisc.ts';
import type { JobContext, Placed } from './context.ts';

/** What the kernel says of a qdisc that is to be deleted where there is none, or another. */
const NOTHING_THERE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.EINVAL]);

/**
 * Impairs devices, all in one batch, or relieves them: without an impairment there is the kernel's own default again. Where
 * a new one is refused the old one stays; a device that was made for it goes.
 */
export function setImpairments(context: JobContext, ops: readonly Placed<QdiscNetem>[]): void {
  const known = ops.flatMap(({ at, op }) => {
    const ifindex = context.resolve(at, op);
    return ifindex === null ? [] : [{ at, op, ifindex }];
  });
  const refusals = sendEach(context.space.socket, known, (batch, { op, ifindex }) => {
    if (op.netem === null) deleteRootQdisc(batch, ifindex, op.handle);
    else setNetem(batch, ifindex, op.netem);
  });
  for (const { item, nack } of refusals) {
    const { at, op, ifindex } = item;
    if (op.netem === null && NOTHING_THERE.has(nack.errno)) continue;
    const subject = `${op.dev}: netem${nack.errno === ERRNO.ENOENT ? ' (sch_netem)' : ''}`;
    const call = op.netem === null ? 'RTM_DELQDISC' : 'RTM_NEWQDISC';
    refused(context, at, call, subject, nack, op.undo ? context.undo({ ifindex }, op.dev) : null);
  }
}

/** A wire, and the indexes of its ends. */
interface Wire extends Placed<WirePatch> {
  readonly ends: readonly [number, number];
}

/** One message of those that tie a wire's ends together. */
interface WireCall {
  readonly wire: Wire;
  readonly call: 'RTM_DELQDISC' | 'RTM_NEWQDISC' | 'RTM_NEWTFILTER';
  readonly write: (batch: MessageBatch) => void;
}

/** What a kernel lacks that does not know the kind. */
const MODULES: Readonly<Record<string, string>> = {
  RTM_NEWQDISC: 'sch_ingress',
  RTM_NEWTFILTER: 'act_mirred, and cls_u32 or cls_matchall',
};

/** The classifier that this kernel has. Found out once per thread. */
let classifier: MatchAllKind = 'u32';

/**
 * Ties devices together. An earlier tie goes with its ingress qdisc; a wire that fails in part is untied again, and its
 * devices that were made for it go. One whose device failed before in this job is left out: that link's failure is told.
 */
export function tieWires(context: JobContext, ops: readonly Placed<WirePatch>[]): void {
  const whole = ops.filter(({ op }) => !context.undone.has(op.devA) && !context.undone.has(op.devB));
  const wires = whole.flatMap(({ at, op }): Wire[] => {
    const ends = context.attempt(at, () => [context.indexOf(op.devA), context.indexOf(op.devB)] as const);
    return ends === null ? [] : [{ at, op, ends }];
  });
  let failed = tie(context, wires);
  if (failed.some(lacksClassifier)) {
    classifier = MATCH_ALL_KINDS.find((kind) => kind !== classifier) ?? classifier;
    const again = failed.filter(lacksClassifier).map(({ item }) => item.wire);
    failed = [...failed.filter((one) => !lacksClassifier(one)), ...tie(context, again)];
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

/** Sends all that makes the wires; returns those that were refused, each with the first refusal. */
function tie(context: JobContext, wires: readonly Wire[]): readonly Refused<WireCall>[] {
  const calls = wires.flatMap((wire) => {
    const [a, b] = wire.ends;
    return [...redirection(wire, a, b), ...redirection(wire, b, a)];
  });
  const failed = new Map<Wire, Refused<WireCall>>();
  for (const refusal of sendEach(context.space.socket, calls, (batch, { write }) => write(batch))) {
    const { call, wire } = refusal.item;
    if (call === 'RTM_DELQDISC' && NOTHING_THERE.has(refusal.nack.errno)) continue;
    if (!failed.has(wire)) failed.set(wire, refusal);
  }
  return [...failed.values()];
}

/** What sends all that comes in at one end out at the other; an earlier redirection goes with its qdisc. */
function redirection(wire: Wire, from: number, to: number): readonly WireCall[] {
  return [
    { wire, call: 'RTM_DELQDISC', write: (batch) => deleteIngress(batch, from) },
    { wire, call: 'RTM_NEWQDISC', write: (batch) => createIngress(batch, from) },
    { wire, call: 'RTM_NEWTFILTER', write: (batch) => redirectAll(batch, from, to, classifier) },
  ];
}

function untie<T>(context: JobContext, ends: readonly T[], ifindexOf: (end: T) => number): readonly Refused<T>[] {
  const refused = sendEach(context.space.socket, ends, (batch, end) => deleteIngress(batch, ifindexOf(end)));
  return refused.filter(({ nack }) => !NOTHING_THERE.has(nack.errno));
}

/** Unties devices from whatever they are tied to. */
export function cutWires(context: JobContext, ops: readonly Placed<WireCut>[]): void {
  for (const { item, nack } of untie(context, ops, ({ op }) => op.ifindex)) {
    context.fail(item.at, 'RTM_DELQDISC', `${item.op.dev}: ingress`, nack);
  }
}

/** ENOENT on creation means here: of a kind that the kernel has not. */
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
