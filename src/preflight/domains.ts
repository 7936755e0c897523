/** Broadcast domains: the links that hear each other. */

import { grouped } from '../grouped.ts';
import { type BridgeModeTraits, traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import type { BridgeSpec, Link, Network } from '../topology/topology.ts';

export interface Domain {
  readonly bridge: BridgeSpec;
  readonly traits: BridgeModeTraits;
  readonly links: readonly Link[];
}

export function domainsOf({ bridges, links, refused }: Network): readonly Domain[] {
  const byBridge = grouped(links, ({ spec }) => bridgeOf(spec));
  return bridges.map((bridge) => {
    const own = byBridge.get(bridge.name) ?? [];
    return {
      bridge,
      traits: traitsOf(bridge),
      links: refused.size === 0 ? own : own.filter((link) => !refused.has(link)),
    };
  });
}
