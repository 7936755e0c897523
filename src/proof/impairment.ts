/** How long a probe may take, how often it has to be sent, and which of them make no sense, by the configured impairments. */
import type { Netem } from '../topology/values.ts';

/** A frame that takes longer than this at the configured rate is not sent. */
const SLOWEST_MS = 500;
/** How far beyond its mean a delay goes: of a normal distribution one in 15,000 is further. */
const JITTERS = 4;
/** How likely it may be that any link of a lab is found at fault by chance. */
const CHANCE = 1e-3;
/** The loss that is assumed where its model is not a single number. */
const MODELLED_LOSS = 0.5;

/** How long a frame of `bytes` takes to leave through these impairments at most, in milliseconds. */
export function leavesWithinMs(impairments: readonly Netem[], bytes: number): number {
  return impairments.reduce((sum, netem) => sum + delayMs(netem) + timeAtRateMs(netem, bytes), 0);
}

/** Whether a frame of `bytes` would take too long to be sent for a proof. */
export function isTooSlow(impairments: readonly Netem[], bytes: number): boolean {
  return impairments.reduce((sum, netem) => sum + timeAtRateMs(netem, bytes), 0) > SLOWEST_MS;
}

/** The share of frames that do not arrive whole: lost, or damaged. */
export function lossOf({ loss, lossState, lossGemodel, corrupt }: Netem): number {
  const isModelled = lossState !== null || lossGemodel !== null;
  const lost = Math.max(loss ?? 0, isModelled ? MODELLED_LOSS : 0);
  return 1 - (1 - lost) * (1 - (corrupt ?? 0));
}

/** How often a probe is sent before its loss counts as a fault, in a lab of so many links. */
export function triesOf(impairments: readonly Netem[], links: number): number {
  const passes = impairments.reduce((share, netem) => share * (1 - lossOf(netem)), 1);
  const loss = 1 - passes;
  return loss <= 0 ? 1 : Math.ceil(Math.log(CHANCE / Math.max(1, links)) / Math.log(loss));
}

function delayMs({ delayUs, jitterUs, slot }: Netem): number {
  const slotUs = slot === null ? 0 : Math.max(slot.maxUs, (slot.delayUs ?? 0) + JITTERS * (slot.jitterUs ?? 0));
  return ((delayUs ?? 0) + JITTERS * (jitterUs ?? 0) + slotUs) / 1000;
}

function timeAtRateMs({ rateBitsPerSec }: Netem, bytes: number): number {
  return rateBitsPerSec === null || rateBitsPerSec <= 0 ? 0 : (bytes * 8 * 1000) / rateBitsPerSec;
}
