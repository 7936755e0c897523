/** The mode of bridges that others made is what they are found to be. */

import { foundMode } from '../../kinds/bridge-modes.ts';
import type { BridgeSpec } from '../../topology/topology.ts';
import type { Observed } from '../observed.ts';

/** The same bridges, those of others with the mode that they have. */
export function asFound(bridges: readonly BridgeSpec[], { systemOvs }: Observed): ReadonlyMap<string, BridgeSpec> {
  return new Map(
    bridges.map((bridge) => {
      if (!bridge.isExternal) return [bridge.name, bridge];
      return [bridge.name, { ...bridge, mode: foundMode(systemOvs?.bridgeOf(bridge.name) !== undefined) }];
    }),
  );
}
