/** Ops on the addresses and routes of nodes. */
import type { Route } from '../../topology/values.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { OpBase } from './base.ts';

/** A foreign address or route, saved so that it can be made again as it was. */
export interface Saved {
  /** The address or the route's destination, for people: `10.9.0.0/16`. */
  readonly prefix: string;
  /** The payload of the kernel's message about the address or route, in hexadecimal. */
  readonly payload: string;
  /**
   * The devices that the payload names, which may have other indexes by now. `dev` is null if the device was not
   * observed.
   */
  readonly devices: readonly { readonly ifindex: number; readonly dev: string | null }[];
  /** The address or route exists, but differs from before, so it is replaced. */
  readonly isAltered: boolean;
}

/**
 * Remove routes and addresses before the plan adds anything in the namespace. Those that do not exist any more are no
 * failure.
 */
export interface IpDel extends OpBase {
  readonly op: 'ip.del';
  /** The device of the addresses and routes. null: the routes have no device. */
  readonly dev: string | null;
  readonly ifindex: number | null;
  readonly routes: readonly Route[];
  readonly addresses: readonly string[];
  /** Foreign addresses that the removal would change. An `ip.restore` puts them back later. */
  readonly otherAddresses: readonly Saved[];
}

/**
 * Add routes to a node, after all its devices and addresses exist. A route that exists already is no failure, if it is
 * linkloom's and the same.
 */
export interface IpAdd extends OpBase {
  readonly op: 'ip.add';
  /** The device of routes that name none themselves. */
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly routes: readonly Route[];
}

/**
 * Put back foreign addresses and routes that the kernel removed because of the plan's changes, as far as that is still
 * possible.
 */
export interface IpRestore extends OpBase {
  readonly op: 'ip.restore';
  readonly addresses: readonly Saved[];
  readonly routes: readonly Saved[];
}

/**
 * Add or remove routes through a device that belongs to no node. Routes that exist already, or that are gone already
 * (with their device, too), are no failure.
 */
export interface RouteSet extends OpBase {
  readonly op: 'route.set';
  readonly dev: string;
  readonly add: readonly Route[];
  readonly del: readonly Route[];
}
