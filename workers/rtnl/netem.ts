/** Writes a Netem as the attributes of a netem qdisc (linux/pkt_sched.h, `TCA_NETEM_*`). netem-dump.ts reads them. */
import { NETEM_LIMIT_PACKETS } from '../../src/net/netem-qdisc.ts';
import type { Netem } from '../../src/topology/values.ts';
import type { MessageBatch } from '../netlink/message.ts';
import * as tc from '../netlink/tc-constants.ts';
import { distributionTable } from './netem-tables.ts';

export const UINT32_MAX = 0xffffffff;
const INT32_MAX = 0x7fffffff;
/** One tick of the packet scheduler: 64 ns (PSCHED_SHIFT, include/net/pkt_sched.h). */
export const TICK_NS = 64;

/**
 * Writes TCA_OPTIONS of a netem qdisc. An option that is not asked for is written as zero: on a change, the kernel keeps most
 * options that the message leaves out (netem_change). Throws RangeError for an unknown distribution.
 */
export function netemOptions(batch: MessageBatch, netem: Netem): void {
  const options = batch.nest(tc.TCA_OPTIONS);
  qopt(batch, netem);
  correlations(batch, netem);
  pair(batch, tc.TCA_NETEM_REORDER, netem.reorder, netem.reorderCorrelation);
  pair(batch, tc.TCA_NETEM_CORRUPT, netem.corrupt, netem.corruptCorrelation);
  lossModel(batch, netem);
  rate(batch, netem);
  batch.attrU32(tc.TCA_NETEM_ECN, netem.ecn ? 1 : 0);
  if (netem.delayUs !== null) int64(batch, tc.TCA_NETEM_LATENCY64, nanoseconds(netem.delayUs));
  if (netem.jitterUs !== null) int64(batch, tc.TCA_NETEM_JITTER64, nanoseconds(netem.jitterUs));
  table(batch, tc.TCA_NETEM_DELAY_DIST, netem.distribution);
  slot(batch, netem.slot);
  if (netem.seed !== null) int64(batch, tc.TCA_NETEM_PRNG_SEED, BigInt(netem.seed));
  batch.nestEnd(options);
}

/** struct tc_netem_qopt. */
function qopt(batch: MessageBatch, netem: Netem): void {
  batch.u32(ticks(netem.delayUs));
  batch.u32(netem.limitPackets ?? NETEM_LIMIT_PACKETS);
  batch.u32(probability(netem.loss));
  // netem considers every packet for reordering (gap 1) unless a gap is asked for.
  batch.u32(netem.gap ?? (netem.reorder ? 1 : 0));
  batch.u32(probability(netem.duplicate));
  batch.u32(ticks(netem.jitterUs));
}

/** struct tc_netem_corr. */
function correlations(batch: MessageBatch, netem: Netem): void {
  const { delayCorrelation, lossCorrelation, duplicateCorrelation } = netem;
  words(batch, tc.TCA_NETEM_CORR, [delayCorrelation, lossCorrelation, duplicateCorrelation].map(probability));
}

/** struct tc_netem_reorder, struct tc_netem_corrupt: a probability and its correlation. */
function pair(batch: MessageBatch, type: number, value: number | null, correlation: number | null): void {
  words(batch, type, [probability(value), probability(correlation)]);
}

/** struct tc_netem_gimodel or struct tc_netem_gemodel. `lossGemodel` holds 1−h, as in tc-netem(8). */
function lossModel(batch: MessageBatch, { lossState, lossGemodel }: Netem): void {
  if (lossState === null && lossGemodel === null) return;
  const nested = batch.nest(tc.TCA_NETEM_LOSS);
  if (lossState !== null) {
    const [p13 = 0, p31 = 0, p32 = 0, p23 = 0, p14 = 0] = lossState;
    words(batch, tc.NETEM_LOSS_GI, [p13, p31, p32, p14, p23].map(probability));
  } else if (lossGemodel !== null) {
    const [p = 0, r = 0, lossInBad = 1, lossInGood = 0] = lossGemodel;
    words(batch, tc.NETEM_LOSS_GE, [p, r, 1 - lossInBad, lossInGood].map(probability));
  }
  batch.nestEnd(nested);
}

/** struct tc_netem_rate, in bytes per second. A rate above 32 bits goes into TCA_NETEM_RATE64. */
function rate(batch: MessageBatch, netem: Netem): void {
  const bytesPerSec = Math.floor((netem.rateBitsPerSec ?? 0) / 8);
  const isWide = bytesPerSec > UINT32_MAX;
  if (isWide) int64(batch, tc.TCA_NETEM_RATE64, BigInt(bytesPerSec));
  const { ratePacketOverheadBytes, rateCellSizeBytes, rateCellOverheadBytes } = netem;
  const cells = [ratePacketOverheadBytes, rateCellSizeBytes, rateCellOverheadBytes].map((bytes) => bytes ?? 0);
  words(batch, tc.TCA_NETEM_RATE, [isWide ? UINT32_MAX : bytesPerSec, ...cells]);
}

/** struct tc_netem_slot. The kernel takes a limit of 0 packets or bytes for no limit. */
function slot(batch: MessageBatch, value: Netem['slot']): void {
  const bytes = Buffer.alloc(40);
  if (value === null) return batch.attrBytes(tc.TCA_NETEM_SLOT, bytes);
  bytes.writeBigInt64LE(nanoseconds(value.minUs), 0);
  bytes.writeBigInt64LE(nanoseconds(value.maxUs), 8);
  bytes.writeInt32LE(Math.min(value.packets ?? 0, INT32_MAX), 16);
  bytes.writeInt32LE(Math.min(value.bytes ?? 0, INT32_MAX), 20);
  bytes.writeBigInt64LE(nanoseconds(value.delayUs ?? 0), 24);
  bytes.writeBigInt64LE(nanoseconds(value.jitterUs ?? 0), 32);
  batch.attrBytes(tc.TCA_NETEM_SLOT, bytes);
  table(batch, tc.TCA_NETEM_SLOT_DIST, value.distribution);
}

function table(batch: MessageBatch, type: number, name: string | null): void {
  const values = name === null ? null : distributionTable(name);
  if (values !== null) batch.attrBytes(type, values);
}

function words(batch: MessageBatch, type: number, values: readonly number[]): void {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  batch.attrBytes(type, bytes);
}

function int64(batch: MessageBatch, type: number, value: bigint): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  batch.attrBytes(type, bytes);
}

/** A probability in the kernel's unit, 1/(2³² − 1). A half is rounded to the even number, like tc's rint(3). */
function probability(value: number | null): number {
  const exact = (value ?? 0) * UINT32_MAX;
  const whole = Math.floor(exact);
  const rest = exact - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}

function nanoseconds(timeUs: number): bigint {
  return BigInt(Math.round(timeUs * 1000));
}

/** A time in the packet scheduler's ticks, the only unit before Linux 4.15. */
function ticks(timeUs: number | null): number {
  return Math.min(Math.round(((timeUs ?? 0) * 1000) / TICK_NS), UINT32_MAX);
}
