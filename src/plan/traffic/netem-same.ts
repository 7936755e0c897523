/** Decides when two netems are the same to the kernel, given its defaults, its limits and its precision. */
import { NETEM_LIMIT_PACKETS } from '../../net/netem-qdisc.ts';
import type { Netem } from '../../topology/values.ts';

/** The kernel cuts jitter off beyond this (netem_change, get_slot). */
const JITTER_MAX_NS = 2 ** 31 - 1;
/** The kernel keeps probabilities in 32 bits; linkloom reads them with nine digits. */
const SHARE_PRECISION = 2e-9;

/**
 * Whether an observed netem is the one that was asked for. A seed counts only if one was asked for and the kernel
 * reports it (Linux 6.6).
 */
export function isSameNetem(wanted: Netem, found: Netem): boolean {
  if (wanted.seed !== null && found.seed !== null && wanted.seed !== found.seed) return false;
  if (distributions(wanted) !== distributions(found)) return false;
  const [counts, foundCounts] = [countsOf(wanted), countsOf(found)];
  if (counts.some((count, index) => count !== foundCounts[index])) return false;
  const [shares, foundShares] = [sharesOf(wanted), sharesOf(found)];
  return (
    shares.length === foundShares.length &&
    shares.every((share, index) => Math.abs(share - (foundShares[index] ?? 0)) <= SHARE_PRECISION)
  );
}

function distributions({ distribution, slot }: Netem): string {
  const named = (name: string | null | undefined): string => (name === 'uniform' ? '' : (name ?? ''));
  return `${named(distribution)} ${isSlotted(slot) ? named(slot?.distribution) : ''}`;
}

/** A netem's times in nanoseconds, and its counts of bytes, packets, and bytes per second. */
function countsOf(netem: Netem): readonly number[] {
  const isPaced = netem.rateBitsPerSec !== null;
  return [
    nanoseconds(netem.delayUs),
    jitter(netem.jitterUs),
    netem.limitPackets ?? NETEM_LIMIT_PACKETS,
    netem.ecn ? 1 : 0,
    netem.reorder && (netem.gap ?? 0) > 1 ? (netem.gap ?? 0) : 0,
    Math.floor((netem.rateBitsPerSec ?? 0) / 8),
    ...[netem.ratePacketOverheadBytes, netem.rateCellSizeBytes, netem.rateCellOverheadBytes].map((bytes) =>
      isPaced ? (bytes ?? 0) : 0,
    ),
    ...slotCounts(netem.slot),
  ];
}

function slotCounts(slot: Netem['slot']): readonly number[] {
  if (slot === null || !isSlotted(slot)) return [0, 0, 0, 0, 0, 0];
  const { minUs, maxUs, delayUs, jitterUs, packets, bytes } = slot;
  return [nanoseconds(minUs), nanoseconds(maxUs), nanoseconds(delayUs), jitter(jitterUs), most(packets), most(bytes)];
}

/** Whether a netem has slots. Without any of these fields it has none (get_slot). */
function isSlotted(slot: Netem['slot']): boolean {
  return slot !== null && (slot.minUs !== 0 || slot.maxUs !== 0 || (slot.jitterUs ?? 0) !== 0);
}

/** A count in 31 bits. The greatest value means that there is no limit. */
function most(count: number | null): number {
  return count === null || count >= JITTER_MAX_NS ? 0 : count;
}

/** A netem's probabilities. The length of each list comes before it, so that different models never compare equal. */
function sharesOf(netem: Netem): readonly number[] {
  const { lossState, lossGemodel } = netem;
  return [
    ...[netem.loss, netem.lossCorrelation, netem.delayCorrelation],
    ...[netem.duplicate, netem.duplicateCorrelation, netem.corrupt, netem.corruptCorrelation],
    ...[netem.reorder, netem.reorderCorrelation],
    ...[lossState?.length ?? 0, ...(lossState ?? []), lossGemodel?.length ?? 0, ...(lossGemodel ?? [])],
  ].map((share) => share ?? 0);
}

function nanoseconds(timeUs: number | null): number {
  return Math.round((timeUs ?? 0) * 1000);
}

function jitter(timeUs: number | null): number {
  return Math.min(nanoseconds(timeUs), JITTER_MAX_NS);
}
