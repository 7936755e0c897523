/**
 * `overrides/` is about what was set by hand. An override is marked on the device that has it, and the value is the one that the
 * device has. `diff` leaves overrides as they are, unless the plan resets them.
 *
 * This file: what of which device is left as it is.
 */

import { followsParent } from '../../kinds/links/link-kinds.ts';
import { isOverridden, type Overridden, overriddenOn } from '../../net/override.ts';
import { placedParent } from '../../topology/links.ts';
import type { Link } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Observed } from '../observed.ts';

/** Which overrides a plan takes back: all, or those of these links (`NODE:DEV`). */
export type Resets = 'all' | ReadonlySet<string>;

export const NO_RESETS: Resets = new Set();

/** The smallest MTU with which the kernel keeps IPv6 on a device (IPV6_MIN_MTU, linux/ipv6.h). */
export const IPV6_MTU_MIN = 1280;

const NOTHING: Overridden = { state: false, mtu: false, traffic: false };

export class Overrides {
  readonly #observed: Observed;
  readonly #resets: Resets;
  /** Whether anything of the lab that was observed is overridden, or follows what is. */
  readonly #areAny: boolean;

  constructor(observed: Observed, resets: Resets) {
    this.#observed = observed;
    this.#resets = resets;
    this.#areAny = observed.hasOverrides;
  }

  isReset({ id }: Pick<Link, 'id'>): boolean {
    return this.#resets === 'all' || this.#resets.has(id);
  }

  /** What of an end of a link is left as it is: what was set by hand, and the state of a vlan whose parent was set down by hand. */
  of(link: Link, device: LinkDump): Overridden {
    if (!this.#areAny) return NOTHING;
    const own = this.isReset(link) ? NOTHING : overriddenOn(device);
    return !own.state && !device.up && this.#sleepsWithParent(link, device) ? { ...own, state: true } : own;
  }

  /** What was set by hand on the node end of a link, and is left as it is. */
  ofNodeEnd(link: Link): { readonly device: LinkDump; readonly set: Overridden } | null {
    if (!this.#areAny) return null;
    const device = this.#observed.namespaces.get(link.node.ns)?.byName.get(link.dev);
    if (device === undefined) return null;
    const set = this.of(link, device);
    return isOverridden(set) ? { device, set } : null;
  }

  #sleepsWithParent(link: Link, device: LinkDump): boolean {
    if (!followsParent(device)) return false;
    const place = placedParent(link);
    const parent = place === null ? undefined : this.#observed.namespaces.get(place.ns)?.byName.get(place.dev);
    if (place === null || parent === undefined || parent.up || !overriddenOn(parent).state) return false;
    if (this.#resets === 'all') return false;
    const suffix = `:${place.dev}`;
    const own = `${link.id.slice(0, -link.dev.length - 1)}${suffix}`;
    return !this.#resets.has(own);
  }
}
