/** Ops on packets: impairments, and the redirection of one device's packets to another. */
import type { SetBy } from '../../net/netem-qdisc.ts';
import type { Netem } from '../../topology/values.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { OpBase } from './base.ts';

/**
 * Impair what leaves a device (netem at its root), or end the impairment. A netem of linkloom's is changed in place and
 * keeps the packets that it holds; any other qdisc at the root is replaced.
 */
export interface QdiscNetem extends OpBase {
  readonly op: 'qdisc.netem';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /** null: back to the kernel's default qdisc. */
  readonly netem: Netem | null;
  /** Who asked for it, which the qdisc's handle says. */
  readonly by: SetBy;
  /** Handle of the qdisc to remove. null: whichever qdisc is there. */
  readonly handle: number | null;
  /** This plan made the device, so the device is deleted if it can't be impaired. */
  readonly undo: boolean;
  /** The device is a child device that this plan made. It is impaired after all others. */
  readonly stacked: boolean;
}

/**
 * Limit the rate of what leaves a device by a token bucket (tc-tbf(8)), where the kernel has no netem. It is always set by hand. An
 * earlier one of linkloom's is changed in place; any other qdisc at the root is replaced.
 */
export interface QdiscTbf extends OpBase {
  readonly op: 'qdisc.tbf';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly rateBitsPerSec: number;
  /** Bytes that may leave at once. A packet that is larger than this is dropped. */
  readonly burstBytes: number;
  /** Bytes that wait at most. */
  readonly limitBytes: number;
}

/**
 * Redirect all packets that either of two devices of a namespace receives to the other. Earlier redirections of either
 * device are replaced.
 */
export interface WirePatch extends OpBase {
  readonly op: 'wire.patch';
  /** The link at the other end, which fails together with this one. */
  readonly otherLink: string;
  readonly devA: string;
  readonly devB: string;
  /** Which of the two devices this plan made. They are deleted if the redirection fails. */
  readonly undo: readonly string[];
}

/** Remove a device's redirection, so that the device keeps the packets that it receives. */
export interface WireCut extends OpBase {
  readonly op: 'wire.cut';
  readonly dev: string;
  readonly ifindex: number;
  /** The device is about to be removed, and its empty ingress qdisc may go with it: the kernel waits for RCU to take that from a device that is up. */
  readonly goes: boolean;
}
