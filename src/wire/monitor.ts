/** Messages to and from the monitor's thread. Plain data, like everything in this folder. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';

/** A namespace that the monitor listens to. */
export interface HeardNs {
  readonly ns: NsId;
  /** `switch`: only changes of devices are reported; `node`: also changes of addresses and routes. */
  readonly role: 'node' | 'switch';
}

/** What the monitor's thread is started with. */
export interface MonitorStart {
  /** A group number of the lab. Changes of devices in other groups are not reported. */
  readonly group: number;
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

/** A report from the monitor. */
export type MonitorReport =
  | { readonly report: 'ready'; readonly wakeFd: number }
  | { readonly report: 'heard'; readonly changes: readonly Heard[] }
  /** The kernel sent more than the socket could hold, so anything may have changed. */
  | { readonly report: 'overrun' }
  /** The monitor can't listen to this namespace. If `ns` is null, it can't listen to any. */
  | { readonly report: 'deaf'; readonly ns: NsId | null; readonly failure: OpFailure };
