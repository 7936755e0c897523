import type { Job, JobResult } from '../../src/wire/apply.ts';
import type { OpFailure } from '../../src/wire/failure.ts';
import type { Op } from '../../src/wire/op.ts';
import type { LinkSet } from '../../src/wire/ops/links.ts';
import type { QdiscNetem, QdiscTbf } from '../../src/wire/ops/traffic.ts';
import { failureOf } from '../failure.ts';
import type { Namespaces } from '../namespaces.ts';
import { MessageBatch } from '../netlink/message.ts';
import { type RowSent, sendRow } from '../netlink/send-row.ts';
import { endOfSend, type Nack, type NetlinkSocket } from '../netlink/socket.ts';
import { HomeLost } from '../netns.ts';
import { JobContext } from '../ops/context.ts';
import { linkSetting } from '../ops/link-set.ts';
import { netemSetting, tbfSetting } from '../ops/traffic.ts';
import { beforeOthers } from '../priority.ts';
import { checkIdentity, fromEpoch, nowMs } from './begin.ts';

/** So many messages take a tenth of a second at most. More would keep others from a CPU for longer than they should wait. */
const BRIEF = 1000;

/** An op that is one message to a device whose index is known. */
type SettingOp = LinkSet | QdiscNetem | QdiscTbf;

/** A job whose messages are written: those from `first` up to `next` in the batch of all, one for each op. */
interface Written {
  readonly context: JobContext;
  readonly ops: readonly SettingOp[];
  readonly socket: NetlinkSocket;
  readonly first: number;
  readonly next: number;
}

/** Messages of a job that are sent at once: those from `first` up to `next` in the batch of all. */
interface Part {
  readonly job: Written;
  readonly first: number;
  readonly next: number;
}

/** Whether each op of these jobs is one message, so that nothing has to be asked or sent in between. */
export function areSettings(jobs: readonly Job[]): jobs is readonly (Job & { readonly ops: readonly SettingOp[] })[] {
  return jobs.every(({ ops }) => ops.length > 0 && ops.every(isSetting));
}

function isSetting(op: Op): op is SettingOp {
  if (op.op === 'qdisc.tbf') return typeof op.ifindex === 'number';
  if (op.op === 'qdisc.netem') return typeof op.ifindex === 'number' && !op.undo;
  if (op.op !== 'link.set' || typeof op.ifindex !== 'number' || op.settings.txChecksumOff || op.data !== null)
    return false;
  return op.linkLocal === undefined && op.addAddresses.length + op.addRoutes.length === 0;
}

/**
 * Carries out jobs that only set devices. All namespaces are entered and all messages written before the first is sent; then each
 * namespace has one send, one right after the other, or each message where wires are set down. So the links change as close to each other
 * in time as the kernel can change them. The time of a job is that of its messages. Throws only HomeLost.
 */
export function settleTogether(
  spaces: Namespaces,
  jobs: readonly (Job & { readonly ops: readonly SettingOp[] })[],
  isCancelled: () => boolean,
): readonly JobResult[] {
  const batch = new MessageBatch();
  const written = jobs.map((job) => write(spaces, job, batch));
  const inRow = rowOf(written, batch);
  const parts = byWire(inRow) ?? inRow.map((job) => ({ job, first: job.first, next: job.next }));
  const row = parts.map(({ job, first, next }) => ({ socket: job.socket, messages: batch.slice(first, next) }));
  const send = (): readonly RowSent[] => sendRow(row, isCancelled);
  const sent = batch.count <= BRIEF ? beforeOthers(send) : send();
  const sends = new Map<Written, PartSent[]>(inRow.map((job) => [job, []]));
  for (const [at, part] of parts.entries()) sends.get(part.job)?.push({ ...part, how: sent[at] });
  const results = new Map([...sends].map(([job, own]) => [job, rowResult(job, own, batch)]));
  return written.map((one) => ('socket' in one ? (results.get(one) ?? sendAlone(one, batch, isCancelled)) : one));
}

/** Enters the job's namespace, and writes its messages. Throws only HomeLost. */
function write(
  spaces: Namespaces,
  job: Job & { readonly ops: readonly SettingOp[] },
  batch: MessageBatch,
): Written | JobResult {
  const context = new JobContext(job.ns, spaces);
  try {
    checkIdentity(job, context);
    if (context.failures.length > 0) return unsent(context.failures, null);
    const { socket } = context.space;
    const first = batch.count;
    for (const op of job.ops) writeOp(batch, op);
    return { context, ops: job.ops, socket, first, next: batch.count };
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    return unsent([failureOf(null, error)], null);
  }
}

function unsent(failures: readonly OpFailure[], cancelledAt: number | null): JobResult {
  const atMs = nowMs();
  return { failures, cancelledAt, startedMs: atMs, endedMs: atMs };
}

/** Jobs that one send is enough for, and whose socket no other job has: who reads the refusals of one would take those of the other. */
function rowOf(written: readonly (Written | JobResult)[], batch: MessageBatch): readonly Written[] {
  const jobs = written.flatMap((one) => ('socket' in one ? [one] : []));
  const uses = new Map<NetlinkSocket, number>();
  for (const { socket } of jobs) uses.set(socket, (uses.get(socket) ?? 0) + 1);
  return jobs.filter(({ socket, first, next }) => uses.get(socket) === 1 && endOfSend(batch, first, next) === next);
}

/**
 * One message a send, the ends of each wire one after the other. A kernel that finds an end without a carrier before that end is set down
 * takes its qdisc away, and then has to wait for an RCU grace period at the set-down (net/sched/sch_generic.c: dev_deactivate_many). null:
 * no wire has two ends here.
 */
function byWire(jobs: readonly Written[]): readonly Part[] | null {
  if (!jobs.some(({ ops }) => ops.some((op) => op.op === 'link.set' && op.wire !== undefined))) return null;
  const wires = new Map<unknown, Part[]>();
  let hasPair = false;
  for (const job of jobs) {
    for (const [at, op] of job.ops.entries()) {
      const [wire, first] = [(op.op === 'link.set' && op.wire) || op, job.first + at];
      const ends = wires.get(wire);
      hasPair ||= ends !== undefined;
      if (ends === undefined) wires.set(wire, [{ job, first, next: first + 1 }]);
      else ends.push({ job, first, next: first + 1 });
    }
  }
  return hasPair ? [...wires.values()].flat() : null;
}

/** `how` undefined: it was cancelled. */
interface PartSent extends Part {
  readonly how: RowSent | undefined;
}

function rowResult(job: Written, sends: readonly PartSent[], batch: MessageBatch): JobResult {
  const made = sends.flatMap(({ how, first, next }) => (how === undefined ? [] : [{ ...how, first, next }]));
  if (made.length === 0) return unsent([], 0);
  const startedMs = fromEpoch(Math.min(...made.map((send) => send.startedMs)));
  const endedMs = fromEpoch(Math.max(...made.map((send) => send.endedMs)));
  const inOrder = made.toSorted((a, b) => a.first - b.first);
  const nacks = made.some(({ isRefused }) => isRefused) ? job.socket.refusals(batch, inOrder) : [];
  const lost = sends.filter(({ how }) => how === undefined).map(({ first }) => first - job.first);
  return { ...told(job, nacks), cancelledAt: lost.length === 0 ? null : Math.min(...lost), startedMs, endedMs };
}

function sendAlone(job: Written, batch: MessageBatch, isCancelled: () => boolean): JobResult {
  if (isCancelled()) return unsent([], 0);
  const startedMs = nowMs();
  const nacks = job.socket.transact(batch, job.first, job.next);
  return { ...told(job, nacks), startedMs, endedMs: nowMs() };
}

function told({ context, ops, first }: Written, nacks: readonly Nack[]): Pick<JobResult, 'failures' | 'cancelledAt'> {
  for (const nack of nacks) onRefused(context, ops, nack.index - first, nack);
  return { failures: context.failures, cancelledAt: null };
}

function writeOp(batch: MessageBatch, op: SettingOp): void {
  const ifindex = Number(op.ifindex);
  if (op.op === 'link.set') linkSetting.write(batch, op, ifindex);
  else if (op.op === 'qdisc.netem') netemSetting.write(batch, op, ifindex);
  else tbfSetting.write(batch, op, ifindex);
}

function onRefused(context: JobContext, ops: readonly SettingOp[], at: number, nack: Nack): void {
  const op = ops[at];
  if (op === undefined) return;
  const ifindex = Number(op.ifindex);
  if (op.op === 'link.set') linkSetting.onRefused(context, { at, op }, ifindex, nack);
  else if (op.op === 'qdisc.netem') netemSetting.onRefused(context, { at, op }, ifindex, nack);
  else tbfSetting.onRefused(context, { at, op }, ifindex, nack);
}
