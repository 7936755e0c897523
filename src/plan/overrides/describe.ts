/** Describes overrides for people and programs: what is wanted, and what the device has. */

import { overriddenOn } from '../../net/override.ts';
import { printRateBits } from '../../net/units.ts';
import type { Link, Network } from '../../topology/topology.ts';
import type { Netem } from '../../topology/values.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Observed } from '../observed.ts';
import type { LinkOverride, Override } from '../plan.ts';
import { aliasOfLink } from '../switch/placement.ts';
import { toldNetem } from '../traffic/told.ts';
import type { Overrides } from './overrides.ts';

/** What the configuration says of an end. null: there is no configuration to ask. */
export interface ConfiguredEnd {
  readonly state: 'up' | 'down';
  /** null: the kernel chooses. */
  readonly mtuBytes: number | null;
  readonly netem: Netem | null;
}

/** What is configured of the node end of a link, and of its port. A port is up, and never impaired. */
export function configuredOf({ spec }: Pick<Link, 'spec'>, end: Override['end']): ConfiguredEnd {
  const { state, mtuBytes, netem } = spec;
  return end === 'node' ? { state, mtuBytes, netem } : { state: 'up', mtuBytes, netem: null };
}

/** The overrides of one device. */
export function overridesOfDevice(
  device: LinkDump,
  end: Override['end'],
  configured: ConfiguredEnd | null,
): readonly Override[] {
  const set = overriddenOn(device);
  const found: Override[] = [];
  if (set.state)
    found.push({ end, setting: 'state', wanted: configured?.state ?? null, actual: device.up ? 'up' : 'down' });
  if (set.mtu) {
    const wanted = configured?.mtuBytes ?? null;
    found.push({
      end,
      setting: 'mtu',
      wanted: wanted === null ? null : String(wanted),
      actual: String(device.mtuBytes),
    });
  }
  if (set.traffic) {
    const wanted = configured && (configured.netem === null ? 'none' : toldNetem(configured.netem, null));
    found.push({ end, setting: 'impair', wanted, actual: trafficOn(device) });
  }
  return found;
}

function trafficOn({ netem, tbf }: LinkDump): string {
  if (netem !== null) return toldNetem(netem.netem, null);
  return tbf === null ? 'none' : `rate ${printRateBits(tbf.rateBitsPerSec)} (tbf)`;
}

/** The port of a link, where it has one that was observed. */
function portOfLink(network: Pick<Network, 'lab'>, observed: Observed, link: Link): LinkDump | null {
  const marked = observed.byAlias.get(aliasOfLink(network.lab, link));
  const isNodeEnd = marked?.ns === link.node.ns && marked.link.ifname === link.dev;
  return marked === undefined || isNodeEnd || !('outerDev' in link) ? null : marked.link;
}

/** All overrides of a network's links that stay. */
export function overridesOfLinks(network: Network, observed: Observed, overrides: Overrides): readonly LinkOverride[] {
  if (!observed.hasOverrides) return [];
  return network.links.flatMap((link) => {
    if (overrides.isReset(link)) return [];
    const device = observed.namespaces.get(link.node.ns)?.byName.get(link.dev);
    const port = portOfLink(network, observed, link);
    const found = [
      ...(device ? overridesOfDevice(device, 'node', configuredOf(link, 'node')) : []),
      ...(port ? overridesOfDevice(port, 'port', configuredOf(link, 'port')) : []),
    ];
    return found.map((one) => ({ link: link.id, ...one }));
  });
}
