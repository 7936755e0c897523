/** Makes specs of links for tests of the pure stages, from what differs from a plain veth. */
import { type LinkType, partOf } from '../../../src/kinds/links/link-kinds.ts';
import type { LinkSpec, Selector, VethSpec } from '../../../src/topology/topology.ts';

/** What differs from a plain veth. Keys that have no meaning for the link's kind are left out. */
export interface Wish extends Partial<Omit<VethSpec, 'type' | 'bridge'>> {
  readonly type?: LinkType;
  readonly bridge?: string;
  /** Whose namespace the parent is in. */
  readonly base?: 'host' | 'local';
  readonly mode?: string;
  readonly vlanId?: number;
}

export function linkSpec(selector: Selector, wish: Wish = {}): LinkSpec {
  const { type = 'veth', bridge, outerDev, base, mode, vlanId, ...more } = wish;
  const written = { bridge, 'outer-dev': outerDev ?? undefined, base, mode, vlanid: vlanId };
  const part = partOf(type, written);
  if (part === null) throw new Error(`${selector.name}: a ${type} needs more than ${JSON.stringify(written)}`);
  return {
    selector,
    dev: 'eth0',
    mac: null,
    addresses: [],
    mtuBytes: 65_535,
    routes: [],
    state: 'up',
    queues: 1,
    nat: null,
    forwards: [],
    netem: null,
    netemText: [],
    ethtool: [],
    numbers: {},
    txChecksumOff: true,
    where: () => undefined,
    ...more,
    ...part,
  };
}
