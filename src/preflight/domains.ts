/** Broadcast domains: the links that hear each other. */

import { grouped } from '../grouped.ts';
import { type BridgeModeTraits, traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import type { BridgeSpec, Link, Network } from '../topology/topology.ts';
import type { Op } from '../wire/op.ts';

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

/** How many of the Linux bridges that a plan makes tie two links, each a veth, and nothing else. */
export function bridgesOfTwo(domains: readonly Domain[], ops: readonly Op[], { tunnels }: Network): number {
  const made = new Set(ops.flatMap((op) => (op.op === 'bridge.add' ? [op.dev] : [])));
  const tunnelled = new Set(tunnels.map(({ bridge }) => bridge));
  return domains.filter(
    ({ bridge, links }) =>
      made.has(bridge.name) && links.length === 2 && !bridge.isExternal && !tunnelled.has(bridge.name),
  ).length;
}
