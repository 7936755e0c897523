/** Ops on what passes: impairments, and the redirection of one device's packets to another. */
import type { Netem } from '../../topology/topology.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { OpBase } from './base.ts';

/**
 * Impair what leaves a device (netem at its root), or no longer. A netem of ours is changed in place and keeps the packets
 * it holds; anything else at the root is replaced.
 */
export interface QdiscNetem extends OpBase {
  readonly op: 'qdisc.netem';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /** null: the kernel's own default again. */
  readonly netem: Netem | null;
  /** Of the qdisc that is to go; null: whichever there is. */
  readonly handle: number | null;
  /** The device was made by this plan: it goes if it can't be impaired. */
  readonly undo: boolean;
  /** Likewise, on a parent, after all others. */
  readonly stacked: boolean;
}

/**
 * Tie two devices of a namespace together: whatever one receives leaves by the other, both ways. Takes the place of an
 * earlier tie of either.
 */
export interface WirePatch extends OpBase {
  readonly op: 'wire.patch';
  /** The link at the other end, which fails with this one. */
  readonly otherLink: string;
  readonly devA: string;
  readonly devB: string;
  /** Those of the two that were made by this plan: they go if they can't be tied. */
  readonly undo: readonly string[];
}

/** Untie a device from what it is tied to: what it receives is its own again. */
export interface WireCut extends OpBase {
  readonly op: 'wire.cut';
  readonly dev: string;
  readonly ifindex: number;
}
