/** What a link is like, for those who hear that it is made or gone. */
import type { LinkFacts } from '../../events.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { outerDevOf, placedParent } from '../../topology/links.ts';
import { tunnelDev } from '../../topology/names.ts';
import type { Link, Network } from '../../topology/topology.ts';

export function factsOf(link: Link): LinkFacts {
  const { spec, addresses } = link;
  const outerDev = outerDevOf(link) ?? placedParent(link)?.dev ?? null;
  return { type: spec.type, addresses, outerDev, bridge: bridgeOf(spec), remote: null };
}

/** Of the links and tunnels of a network. Nothing is done until the first is asked for. */
export class Facts {
  readonly #network: Network | null;
  #links: ReadonlyMap<string, Link> | null = null;

  constructor(network: Network | null) {
    this.#network = network;
  }

  /** null: it is none of the network's. */
  of(link: string): LinkFacts | null {
    if (this.#network === null) return null;
    this.#links ??= new Map(this.#network.links.map((one) => [one.id, one]));
    const found = this.#links.get(link);
    if (found) return factsOf(found);
    const tunnel = this.#network.tunnels.find((spec) => link === `tunnel ${tunnelDev(spec)}`);
    if (!tunnel) return null;
    const { type, bridge, remote } = tunnel;
    return { type, addresses: [], outerDev: null, bridge, remote };
  }
}
