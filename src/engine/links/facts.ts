/** What a link is like, for those who hear that it is made or gone. */
import type { LinkFacts } from '../../events.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { outerDevOf, placedParent } from '../../topology/links.ts';
import { tunnelDev } from '../../topology/names.ts';
import type { Link, Network, TunnelSpec } from '../../topology/topology.ts';
import { remoteText } from '../../topology/tunnels.ts';

export function factsOf(link: Link): LinkFacts {
  const { spec, addresses } = link;
  const outerDev = outerDevOf(link) ?? placedParent(link)?.dev ?? null;
  return { type: spec.type, addresses, outerDev, bridge: bridgeOf(spec), remote: null };
}

/** Of the tunnels of a network. Nothing is done until the first is asked for. */
export class TunnelFacts {
  readonly #network: Network | null;
  #tunnels: ReadonlyMap<string, TunnelSpec> | null = null;

  constructor(network: Network | null) {
    this.#network = network;
  }

  /** By its device; null: it is none of the network's. */
  of(dev: string): LinkFacts | null {
    this.#tunnels ??= new Map(this.#network?.tunnels.map((spec) => [tunnelDev(spec), spec]));
    const tunnel = this.#tunnels.get(dev);
    if (!tunnel) return null;
    const { type, bridge } = tunnel;
    return { type, addresses: [], outerDev: null, bridge, remote: remoteText(tunnel) };
  }
}
