/** Values that links and tunnels are given as text, once they are parsed (text/). Absent ones are `null`. */

/** A parsed route of `ip route add`. `dst` is a canonical prefix (`0.0.0.0/0` or `::/0` for the default route). */
export interface Route {
  readonly family: 4 | 6;
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';
  readonly dst: string;
  /** The gateway's address. null: the route is on-link. */
  readonly via: string | null;
  /** Another device of the node. null: the link's own device. */
  readonly dev: string | null;
  readonly src: string | null;
  readonly metric: number | null;
  readonly table: number | null;
  readonly scope: 'global' | 'link' | 'host' | null;
  readonly mtuBytes: number | null;
  readonly advmssBytes: number | null;
  readonly onlink: boolean;
  /** The route as written, for messages. */
  readonly text: string;
}

/** A published port (conlink's `forward`): the port on conlink's side, and the one in the container. */
export interface Forward {
  readonly outerPort: number;
  readonly innerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/**
 * An impairment of a link's egress, parsed from `impair` or from netem strings (tc-netem(8)). Times are in
 * microseconds, probabilities in 0…1, rates in bits per second. A `null` field was not asked for.
 */
export interface Netem {
  readonly delayUs: number | null;
  readonly jitterUs: number | null;
  readonly delayCorrelation: number | null;
  readonly distribution: string | null;
  readonly limitPackets: number | null;
  readonly loss: number | null;
  readonly lossCorrelation: number | null;
  readonly lossState: readonly number[] | null;
  readonly lossGemodel: readonly number[] | null;
  readonly ecn: boolean;
  readonly duplicate: number | null;
  readonly duplicateCorrelation: number | null;
  readonly corrupt: number | null;
  readonly corruptCorrelation: number | null;
  readonly reorder: number | null;
  readonly reorderCorrelation: number | null;
  readonly gap: number | null;
  readonly rateBitsPerSec: number | null;
  readonly ratePacketOverheadBytes: number | null;
  readonly rateCellSizeBytes: number | null;
  readonly rateCellOverheadBytes: number | null;
  readonly slot: {
    readonly minUs: number;
    readonly maxUs: number;
    readonly distribution: string | null;
    readonly delayUs: number | null;
    readonly jitterUs: number | null;
    readonly packets: number | null;
    readonly bytes: number | null;
  } | null;
  readonly seed: string | null;
}

/**
 * One setting of ethtool(8): a feature that the kernel has a name for, or any other setting as the program's arguments.
 */
export type EthtoolSetting =
  | { readonly kind: 'offload'; readonly name: string; readonly on: boolean; readonly text: string }
  | {
      readonly kind: 'program';
      /** The option that stands before the device's name, such as `--coalesce`. */
      readonly option: string;
      readonly words: readonly string[];
      readonly text: string;
    };
