import type { QdiscNetem, WireCut, WirePatch } from '../../src/wire/op.ts';
import { failure } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { Nack } from '../netlink/socket.ts';
import { MATCH_ALL_KINDS, type MatchAllKind, redirectAll } from '../rtnl/filter.ts';
import { createIngress, deleteIngress, deleteRootQdisc, setNetem } from '../rtnl/qdisc.ts';
import { batch, type JobContext, type Placed } from './context.ts';

/** What the kernel says of a qdisc that is to be deleted where there is none, or another. */
const NOTHING_THERE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.EINVAL]);

/**
 * Impairs devices, all in one batch, or relieves them: without an impairment there is the kernel's own default again. Where
 * a new one is refused the old one stays; a device that was made for it goes.
 */
export function setImpairments(context: JobContext, ops: readonly Placed<QdiscNetem>[]): void {
  const known = ops.flatMap(({ at, op }) => {
    const ifindex = op.ifindex || context.attempt(at, () => context.indexOf(op.dev));
    return ifindex ? [{ at, op, ifindex }] : [];
  });
  batch.reset();
  for (const { op, ifindex } of known) {
    if (op.netem === null) deleteRootQdisc(batch, ifindex, op.handle);
    else setNetem(batch, ifindex, op.netem);
  }
  for (const nack of context.space.socket.transact(batch)) {
    const refusedOne = known[nack.index];
    if (!refusedOne) continue;
    const { at, op, ifindex } = refusedOne;
    if (op.netem === null && NOTHING_THERE.has(nack.errno)) continue;
    const subject = `${op.dev}: netem${nack.errno === ERRNO.ENOENT ? ' (sch_netem)' : ''}`;
    const call = op.netem === null ? 'RTM_DELQDISC' : 'RTM_NEWQDISC';
    refused(context, at, call, subject, nack, op.undo ? context.undo({ ifindex }, op.dev) : '');
  }
}

/** A wire, and the indexes of its ends. */
interface Wire extends Placed<WirePatch> {
  readonly ends: readonly [number, number];
}

interface RefusedCall {
  readonly wire: Wire;
  readonly call: string;
  readonly nack: Nack;
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
    const again = failed.filter(lacksClassifier).map(({ wire }) => wire);
    failed = [...failed.filter((one) => !lacksClassifier(one)), ...tie(context, again)];
  }
  untie(
    context,
    failed.flatMap(({ wire }) => wire.ends),
  );
  for (const { wire, call, nack } of failed) {
    const { at, op } = wire;
    const left = op.undo.map((dev) => context.undo({ ifname: dev }, dev)).filter((text) => text !== '');
    const modules = nack.errno === ERRNO.ENOENT ? ` (${MODULES[call]})` : '';
    refused(context, at, call, `${op.devA} ↔ ${op.devB}${modules}`, nack, left.join(', '));
  }
}

function lacksClassifier({ call, nack }: RefusedCall): boolean {
  return call === 'RTM_NEWTFILTER' && nack.errno === ERRNO.ENOENT;
}

/** Sends all that makes the wires; returns those that were refused, each with the first refusal. */
function tie(context: JobContext, wires: readonly Wire[]): readonly RefusedCall[] {
  const messages: { readonly wire: Wire; readonly call: string }[] = [];
  batch.reset();
  for (const wire of wires) {
    const [a, b] = wire.ends;
    for (const [from, to] of [[a, b] as const, [b, a] as const]) {
      deleteIngress(batch, from);
      createIngress(batch, from);
      redirectAll(batch, from, to, classifier);
      for (const call of ['RTM_DELQDISC', 'RTM_NEWQDISC', 'RTM_NEWTFILTER']) messages.push({ wire, call });
    }
  }
  const failed = new Map<Wire, RefusedCall>();
  for (const nack of context.space.socket.transact(batch)) {
    const message = messages[nack.index];
    if (!message || failed.has(message.wire)) continue;
    if (message.call === 'RTM_DELQDISC' && NOTHING_THERE.has(nack.errno)) continue;
    failed.set(message.wire, { ...message, nack });
  }
  return [...failed.values()];
}

function untie(context: JobContext, ends: readonly number[]): readonly Nack[] {
  batch.reset();
  for (const end of ends) deleteIngress(batch, end);
  return context.space.socket.transact(batch).filter(({ errno }) => !NOTHING_THERE.has(errno));
}

/** Unties devices from whatever they are tied to. */
export function cutWires(context: JobContext, ops: readonly Placed<WireCut>[]): void {
  const refusals = untie(
    context,
    ops.map(({ op }) => op.ifindex),
  );
  for (const nack of refusals) {
    const placed = ops[nack.index];
    if (placed) context.fail(placed.at, 'RTM_DELQDISC', `${placed.op.dev}: ingress`, nack);
  }
}

/** ENOENT on creation means here: of a kind that the kernel has not. */
function refused(context: JobContext, at: number, call: string, subject: string, nack: Nack, leftBehind: string): void {
  const code = nack.errno === ERRNO.ENOENT ? 'E_FEATURE' : '';
  context.failures.push(failure(at, call, subject, nack.errno, { extAck: nack.message, code, leftBehind }));
}
