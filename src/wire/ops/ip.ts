/** Ops on the addresses and routes of nodes. */
import type { Route } from '../../topology/topology.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { OpBase } from './base.ts';

/** An address or a route that linkloom did not make, to be made again as it was. */
export interface Saved {
  /** For people: `10.9.0.0/16`. */
  readonly prefix: string;
  /** The payload of the kernel's message about it, in hexadecimal. */
  readonly payload: string;
  /** The devices that it names, which may have other indexes by now; `dev` is null where the device was not seen. */
  readonly devices: readonly { readonly ifindex: number; readonly dev: string | null }[];
  /** It is there, but not as it was: it is replaced. */
  readonly isAltered: boolean;
}

/** Take routes and addresses away, before anything of the plan is given to the namespace. What is gone already is no failure. */
export interface IpDel extends OpBase {
  readonly op: 'ip.del';
  /** The device that has the addresses, and that the routes leave by; null for routes that leave by none. */
  readonly dev: string | null;
  readonly ifindex: number | null;
  readonly routes: readonly Route[];
  readonly addresses: readonly string[];
  /** What is not linkloom's and would not stay as it is: it follows in an `ip.restore`. */
  readonly otherAddresses: readonly Saved[];
}

/** Give a node routes once all its devices and addresses are there. There already is no failure, if it is ours and the same. */
export interface IpAdd extends OpBase {
  readonly op: 'ip.add';
  /** What a route without a device of its own leaves by. */
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly routes: readonly Route[];
}

/** Put back what the plan's changes took along and linkloom did not make, as far as it can still be. */
export interface IpRestore extends OpBase {
  readonly op: 'ip.restore';
  readonly addresses: readonly Saved[];
  readonly routes: readonly Saved[];
}

/** Add routes through a device that is no node's, or take some away; there already, or gone already (with the device, too), is no failure. */
export interface RouteSet extends OpBase {
  readonly op: 'route.set';
  readonly dev: string;
  readonly add: readonly Route[];
  readonly del: readonly Route[];
}
