/** What crosses to and from the monitor's thread; plain data, as all of this room. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';

/** A namespace that the monitor listens to. */
export interface HeardNs {
  readonly ns: NsId;
  /** `switch`: only its devices matter; `node`: also the addresses and routes in it. */
  readonly role: 'node' | 'switch';
}

/** What the monitor's thread is started with. */
export interface MonitorStart {
  /** A group number of the lab: devices of other groups are not told of. */
  readonly group: number;
}

/** To the monitor; after posting it, a byte has to be written to its `wakeFd`. */
export type MonitorOrder =
  | { readonly order: 'listen'; readonly namespaces: readonly HeardNs[] }
  | { readonly order: 'end' };

/** Something changed in a namespace, whoever did it. */
export interface Heard {
  readonly ns: NsId;
  readonly what: 'device' | 'address' | 'route' | 'impairment';
  /** The device's alias; null: the device has none, or what changed is no device. */
  readonly alias: string | null;
}

/** From the monitor. */
export type MonitorReport =
  | { readonly report: 'ready'; readonly wakeFd: number }
  | { readonly report: 'heard'; readonly changes: readonly Heard[] }
  /** The kernel had more to say than the socket held: anything may have changed. */
  | { readonly report: 'overrun' }
  /** A namespace can't be listened to, or (`ns` null) nothing can. */
  | { readonly report: 'deaf'; readonly ns: NsId | null; readonly failure: OpFailure };
