/** Reads the attributes of a netem qdisc as a Netem. The distribution, which the kernel does not report, and a gap of one are null. */
import type { Netem } from '../../src/topology/values.ts';
import { align4, attrU32, eachAttribute } from '../netlink/attributes.ts';
import { NLA_HDRLEN } from '../netlink/constants.ts';
import * as tc from '../netlink/tc-constants.ts';
import { TICK_NS, UINT32_MAX } from './netem.ts';

type Draft = { -readonly [K in keyof Netem]: Netem[K] };

const NOTHING: Netem = {
  ...{ delayUs: null, jitterUs: null, delayCorrelation: null, distribution: null, limitPackets: null },
  ...{ loss: null, lossCorrelation: null, lossState: null, lossGemodel: null, ecn: false },
  ...{ duplicate: null, duplicateCorrelation: null, corrupt: null, corruptCorrelation: null },
  ...{ reorder: null, reorderCorrelation: null, gap: null },
  ...{ rateBitsPerSec: null, ratePacketOverheadBytes: null, rateCellSizeBytes: null, rateCellOverheadBytes: null },
  ...{ slot: null, seed: null },
};

/** Size of struct tc_netem_qopt. */
const QOPT_BYTES = 24;
/** Size of struct tc_netem_slot in the oldest kernels that have it, and in present ones. */
const SLOT_BYTES = 24;
const SLOT_WITH_DISTRIBUTION_BYTES = 40;
const INT32_MAX = 0x7fffffff;

/**
 * Reads TCA_OPTIONS of a netem qdisc from `start` (after the attribute's header) to `end`. A payload that is too short reads
 * as a netem without options.
 */
export function readNetem(bytes: Buffer, start: number, end: number): Netem {
  const draft: Draft = { ...NOTHING };
  if (start + QOPT_BYTES > end) return draft;
  readQopt(draft, bytes, start);
  eachAttribute(bytes, align4(start + QOPT_BYTES), end, (type, at, length) => {
    const word = (index: number): number =>
      length >= NLA_HDRLEN + 4 * (index + 1) ? bytes.readUInt32LE(at + NLA_HDRLEN + 4 * index) : 0;
    readAttribute(draft, bytes, { type, at, length, word });
  });
  return draft;
}

interface Attribute {
  readonly type: number;
  readonly at: number;
  readonly length: number;
  readonly word: (index: number) => number;
}

function readQopt(draft: Draft, bytes: Buffer, start: number): void {
  const word = (index: number): number => bytes.readUInt32LE(start + 4 * index);
  draft.delayUs = someUs(word(0) * TICK_NS);
  draft.limitPackets = word(1);
  draft.loss = some(word(2));
  draft.gap = word(3) > 1 ? word(3) : null;
  draft.duplicate = some(word(4));
  draft.jitterUs = someUs(word(5) * TICK_NS);
}

function readAttribute(draft: Draft, bytes: Buffer, attribute: Attribute): void {
  const { type, at, length, word } = attribute;
  switch (type) {
    case tc.TCA_NETEM_CORR:
      [draft.delayCorrelation, draft.lossCorrelation, draft.duplicateCorrelation] = [0, 1, 2].map((index) =>
        some(word(index)),
      ) as [number | null, number | null, number | null];
      break;
    case tc.TCA_NETEM_REORDER:
      [draft.reorder, draft.reorderCorrelation] = [some(word(0)), some(word(1))];
      break;
    case tc.TCA_NETEM_CORRUPT:
      [draft.corrupt, draft.corruptCorrelation] = [some(word(0)), some(word(1))];
      break;
    case tc.TCA_NETEM_LOSS:
      readLossModel(draft, bytes, at, length);
      break;
    case tc.TCA_NETEM_ECN:
      draft.ecn = word(0) !== 0;
      break;
    case tc.TCA_NETEM_LATENCY64:
      draft.delayUs = someUs(Number(int64(bytes, at, length)));
      break;
    case tc.TCA_NETEM_JITTER64:
      draft.jitterUs = someUs(Number(int64(bytes, at, length)));
      break;
    case tc.TCA_NETEM_PRNG_SEED:
      draft.seed = String(BigInt.asUintN(64, int64(bytes, at, length)));
      break;
    case tc.TCA_NETEM_SLOT:
      readSlot(draft, bytes, at, length);
      break;
    default:
      readRate(draft, bytes, attribute);
  }
}

/** The kernel writes TCA_NETEM_RATE64, if it does, ahead of TCA_NETEM_RATE. */
function readRate(draft: Draft, bytes: Buffer, { type, at, length, word }: Attribute): void {
  if (type === tc.TCA_NETEM_RATE64) draft.rateBitsPerSec = Number(int64(bytes, at, length)) * 8;
  if (type !== tc.TCA_NETEM_RATE) return;
  if (word(0) !== 0) draft.rateBitsPerSec ??= word(0) * 8;
  draft.ratePacketOverheadBytes = word(1) | 0 || null;
  draft.rateCellSizeBytes = word(2) || null;
  draft.rateCellOverheadBytes = word(3) | 0 || null;
}

function readLossModel(draft: Draft, bytes: Buffer, nested: number, nestedLength: number): void {
  eachAttribute(bytes, nested + NLA_HDRLEN, nested + nestedLength, (type, at, length) => {
    const share = (index: number): number =>
      length >= NLA_HDRLEN + 4 * (index + 1) ? shareOf(bytes.readUInt32LE(at + NLA_HDRLEN + 4 * index)) : 0;
    // struct tc_netem_gimodel has p14 before p23. struct tc_netem_gemodel has h where tc-netem(8) has 1−h.
    if (type === tc.NETEM_LOSS_GI) draft.lossState = [share(0), share(1), share(2), share(4), share(3)];
    if (type === tc.NETEM_LOSS_GE) draft.lossGemodel = [share(0), share(1), rounded(1 - share(2)), share(3)];
  });
}

function readSlot(draft: Draft, bytes: Buffer, at: number, length: number): void {
  const start = at + NLA_HDRLEN;
  if (length < NLA_HDRLEN + SLOT_BYTES) return;
  const isWhole = length >= NLA_HDRLEN + SLOT_WITH_DISTRIBUTION_BYTES;
  const timeUs = (offset: number): number => Number(bytes.readBigInt64LE(start + offset)) / 1000;
  const limit = (offset: number): number | null => {
    const value = bytes.readInt32LE(start + offset);
    return value === 0 || value === INT32_MAX ? null : value;
  };
  // A netem without any of these times has no slots (get_slot).
  if (timeUs(0) === 0 && timeUs(8) === 0 && !(isWhole && timeUs(32) !== 0)) return;
  draft.slot = {
    minUs: timeUs(0),
    maxUs: timeUs(8),
    distribution: null,
    delayUs: isWhole ? timeUs(24) || null : null,
    jitterUs: isWhole ? timeUs(32) || null : null,
    packets: limit(16),
    bytes: limit(20),
  };
}

function int64(bytes: Buffer, at: number, length: number): bigint {
  return length >= NLA_HDRLEN + 8 ? bytes.readBigInt64LE(at + NLA_HDRLEN) : BigInt(attrU32(bytes, at, length));
}

function someUs(timeNs: number): number | null {
  return timeNs === 0 ? null : timeNs / 1000;
}

function some(value: number): number | null {
  return value === 0 ? null : shareOf(value);
}

function shareOf(value: number): number {
  return rounded(value / UINT32_MAX);
}

/** Rounds to nine digits: the kernel keeps 32 bits, so a probability of up to nine digits reads back as it was written. */
function rounded(probability: number): number {
  return Number(probability.toFixed(9));
}
