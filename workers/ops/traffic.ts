import type { QdiscNetem, WirePatch } from '../../src/plan/op.ts';
import { failure } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { Nack } from '../netlink/socket.ts';
import { redirectAll } from '../rtnl/filter.ts';
import { createIngress, deleteIngress, deleteRootQdisc, setNetem } from '../rtnl/qdisc.ts';
import { batch, type JobContext, type Placed } from './context.ts';

/**
 * Impairs devices, all in one batch, in place of what is at their root; without an impairment that is the kernel's own
 * default again. Where the new one is refused the device has none.
 */
export function setImpairments(context: JobContext, ops: readonly Placed<QdiscNetem>[]): void {
  const known = ops.flatMap((placed) => {
    const ifindex = placed.op.ifindex || context.attempt(placed.at, () => context.indexOf(placed.op.dev));
    return ifindex ? [{ placed, ifindex }] : [];
  });
  batch.reset();
  const messages = known.flatMap(({ placed: { at, op }, ifindex }) => {
    deleteRootQdisc(batch, ifindex);
    const messagesOfIt = [{ at, call: 'RTM_DELQDISC', subject: op.dev }];
    if (op.netem === null) return messagesOfIt;
    setNetem(batch, ifindex, op.netem);
    return [...messagesOfIt, { at, call: 'RTM_NEWQDISC', subject: `${op.dev}: netem` }];
  });
  for (const nack of context.space.socket.transact(batch)) {
    const message = messages[nack.index];
    const wasDefault = message?.call === 'RTM_DELQDISC' && nack.errno === ERRNO.ENOENT;
    if (message && !wasDefault) refused(context, message.at, message.call, message.subject, nack);
  }
}

/** The messages that make one direction of a wire, in order. */
const DIRECTION_CALLS = ['RTM_DELQDISC', 'RTM_NEWQDISC', 'RTM_NEWTFILTER'] as const;

interface Wire {
  readonly at: number;
  readonly op: WirePatch;
  readonly ends: readonly [number, number];
}

/** Ties devices together. An earlier tie goes with its ingress qdisc; a wire that fails in part is untied again. */
export function tieWires(context: JobContext, ops: readonly Placed<WirePatch>[]): void {
  const wires = ops.flatMap(({ at, op }): Wire[] => {
    const ends = context.attempt(at, () => [context.indexOf(op.devA), context.indexOf(op.devB)] as const);
    return ends === null ? [] : [{ at, op, ends }];
  });
  batch.reset();
  for (const { ends } of wires) {
    const [a, b] = ends;
    for (const [from, to] of [[a, b] as const, [b, a] as const]) {
      deleteIngress(batch, from);
      createIngress(batch, from);
      redirectAll(batch, from, to);
    }
  }
  const failed = new Map<Wire, Nack>();
  for (const nack of context.space.socket.transact(batch)) {
    const wire = wires[Math.floor(nack.index / (2 * DIRECTION_CALLS.length))];
    if (wire && !failed.has(wire) && !isNothingThere(nack)) failed.set(wire, nack);
  }
  for (const [wire, nack] of failed) {
    const call = DIRECTION_CALLS[nack.index % DIRECTION_CALLS.length] ?? 'RTM_NEWTFILTER';
    refused(context, wire.at, call, `${wire.op.devA} ↔ ${wire.op.devB}`, nack);
  }
  untie(context, [...failed.keys()]);
}

/** The refusal to delete what is not there. */
function isNothingThere({ index, errno }: Nack): boolean {
  const isDeletion = index % DIRECTION_CALLS.length === 0;
  return isDeletion && (errno === ERRNO.ENOENT || errno === ERRNO.EINVAL);
}

function untie(context: JobContext, wires: readonly Wire[]): void {
  if (wires.length === 0) return;
  batch.reset();
  for (const end of wires.flatMap(({ ends }) => ends)) deleteIngress(batch, end);
  context.space.socket.transact(batch);
}

/** ENOENT on creation means here: of a kind that the kernel has not. */
function refused(context: JobContext, at: number, call: string, subject: string, nack: Nack): void {
  const code = nack.errno === ERRNO.ENOENT ? 'E_FEATURE' : '';
  context.failures.push(failure(at, call, subject, nack.errno, { extAck: nack.message, code }));
}
