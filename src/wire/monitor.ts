/** Messages to and from the monitor's thread. Plain data, like everything in this folder. */
import type { NsId } from '../net/ns-id.ts';
import type { Netem } from '../topology/values.ts';
import type { OpFailure } from './failure.ts';

/** A namespace that the monitor listens to. */
export interface HeardNs {
  readonly ns: NsId;
  /** `switch`: only changes of devices are reported; `node`: also changes of addresses and routes. */
  readonly role: 'node' | 'switch';
  /** Names of devices of others whose coming and going is reported too. Default: none. */
  readonly devices?: readonly string[];
}

/** What the monitor's thread is started with. */
export interface MonitorStart {
  /** A group number of the lab. Changes of devices in other groups are not reported, but for those that `HeardNs` names. */
  readonly group: number;
  /** Whether it also reports what it sees of each device (`seen`). */
  readonly details: boolean;
}

/** An order to the monitor. After posting it, the sender has to write a byte to the monitor's `wakeFd`. */
export type MonitorOrder =
  | { readonly order: 'listen'; readonly namespaces: readonly HeardNs[] }
  | { readonly order: 'end' };

/** Something changed in a namespace, whoever changed it. */
export interface Heard {
  readonly ns: NsId;
  readonly what: 'device' | 'address' | 'route' | 'impairment';
  /** The device's alias. null: the device has none, or something other than a device changed. */
  readonly alias: string | null;
}

/** A device of the lab as the kernel describes it. */
export interface SeenDevice {
  readonly ifindex: number;
  readonly ifname: string;
  readonly kind: string;
  readonly group: number;
  readonly alias: string;
  readonly mac: string;
  readonly mtuBytes: number;
  /** IFF_UP. */
  readonly up: boolean;
  /** IFF_LOWER_UP. */
  readonly hasCarrier: boolean;
  readonly operstate: string;
  /** Index of its bridge. 0: none. */
  readonly master: number;
  /** IFLA_LINK: the index of the peer or parent. 0: none. */
  readonly peerIndex: number;
}

/** The qdisc at a device's root; null for one that is no impairment (neither netem nor tbf). */
export interface SeenImpairment {
  readonly ifindex: number;
  readonly root: { readonly kind: 'netem' | 'tbf'; readonly handle: number; readonly netem: Netem | null } | null;
}

export interface SeenAddress {
  readonly ifindex: number;
  /** A canonical prefix. */
  readonly address: string;
}

/** What the monitor saw in a namespace. */
export type Seen =
  /** All that the lab has in a namespace, when the monitor begins to listen there, or after an overrun. */
  | {
      readonly seen: 'namespace';
      readonly ns: NsId;
      /** null: there is no such namespace any more. */
      readonly inode: number | null;
      readonly devices: readonly SeenDevice[];
      readonly addresses: readonly SeenAddress[];
      readonly impairments: readonly SeenImpairment[];
    }
  | { readonly seen: 'device'; readonly ns: NsId; readonly device: SeenDevice }
  | { readonly seen: 'gone'; readonly ns: NsId; readonly ifindex: number }
  | { readonly seen: 'address'; readonly ns: NsId; readonly address: SeenAddress; readonly isGone: boolean }
  | { readonly seen: 'impairment'; readonly ns: NsId; readonly impairment: SeenImpairment };

/** A report from the monitor. */
export type MonitorReport =
  | { readonly report: 'ready'; readonly wakeFd: number }
  /** So many orders to listen have been carried out since the last such report, and what was seen then has been reported. */
  | { readonly report: 'listening'; readonly orders: number }
  /** `seen` is empty unless the monitor was started with `details`. */
  | { readonly report: 'heard'; readonly changes: readonly Heard[]; readonly seen: readonly Seen[] }
  /** The kernel sent more than the socket could hold, so anything may have changed. */
  | { readonly report: 'overrun' }
  /** The monitor can't listen to this namespace. If `ns` is null, it can't listen to any. */
  | { readonly report: 'deaf'; readonly ns: NsId | null; readonly failure: OpFailure };
