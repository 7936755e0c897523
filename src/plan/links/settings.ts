/** Compares a device of this lab with what is wanted of it: the differences, and the op that removes them. */
import { kindChange } from '../../kinds/links/link-kinds.ts';
import { NO_NUMBERS, numberDifferences } from '../../net/link-numbers.ts';
import { keepSettingsByHand, type Overridden, settingsByHand } from '../../net/override.ts';
import type { Link } from '../../topology/topology.ts';
import type { DeviceSettings, LinkSet } from '../../wire/ops/links.ts';
import type { Context } from '../context.ts';
import { compareAddresses } from '../ip/addresses.ts';
import { linkLocalWith } from '../ip/link-local.ts';
import { routeOfDump } from '../ip/route-of-dump.ts';
import type { Found } from '../observed.ts';
import { IPV6_MTU_MIN } from '../overrides/overrides.ts';

/** Settings that change nothing. */
export const NO_SETTINGS: DeviceSettings = {
  mac: null,
  mtuBytes: null,
  up: null,
  alias: null,
  group: null,
  numbers: NO_NUMBERS,
  txChecksumOff: false,
};

interface Differences {
  readonly causes: string[];
  readonly settings: DeviceSettings;
  readonly data: LinkSet['data'];
}

function compareDevice(link: Link, found: Found['link'], alias: string | null, set: Overridden): Differences {
  const { spec } = link;
  const causes: string[] = [];
  let settings = NO_SETTINGS;
  if (link.mac !== null && found.mac !== link.mac) {
    causes.push(`mac ${found.mac} → ${link.mac}`);
    settings = { ...settings, mac: link.mac };
  }
  if (!set.mtu && spec.mtuBytes !== null && found.mtuBytes !== spec.mtuBytes) {
    causes.push(`mtu ${found.mtuBytes} → ${spec.mtuBytes}`);
    settings = { ...settings, mtuBytes: spec.mtuBytes };
  }
  const differing = numberDifferences(spec.numbers, found.numbers);
  if (differing.causes.length > 0) {
    causes.push(...differing.causes);
    settings = { ...settings, numbers: differing.numbers };
  }
  if (!set.state && found.up !== (spec.state === 'up')) {
    causes.push(`state ${found.up ? 'up' : 'down'} → ${spec.state}`);
    settings = { ...settings, up: spec.state === 'up' };
  }
  if (alias !== null && found.alias !== alias) {
    const wasByHand = settingsByHand(found.alias).size > 0;
    if (!wasByHand) causes.push('mark missing');
    else if (causes.length === 0) causes.push(NO_MORE_BY_HAND);
    settings = { ...settings, alias };
  }
  const change = kindChange(spec, found);
  if (change !== null) causes.push(change.cause);
  return { causes, settings, data: change?.data ?? null };
}

/** The cause of a change that leaves a device as it is, but for the mark that something was set by hand. */
export const NO_MORE_BY_HAND = 'set by hand';

/**
 * The mark that a device is to have. null: it stays as it is. `alias`: the mark without what was set by hand; null if the device
 * needs no mark of its own.
 */
function markFor(context: Context, link: Link, found: Found['link'], alias: string | null): string | null {
  if (!context.overrides.isReset(link)) return alias === null ? null : keepSettingsByHand(alias, found.alias);
  return alias ?? (settingsByHand(found.alias).size > 0 ? '' : null);
}

/** With an MTU this small the kernel keeps no IPv6 on a device, so addresses of IPv6 are not missing. */
function withoutIpv6(link: Link): Link {
  return { ...link, addresses: link.addresses.filter((address) => !address.includes(':')) };
}

/**
 * Plans the ops that give a node end of this lab its wanted settings: one op removes addresses, one changes the device.
 * An op without work is left out. Returns all differences. Differences of routes are only named here; the routes are
 * planned with those of the node. `alias`: the mark that the device itself must carry. null: its port carries the mark.
 */
export function mendDevice(
  context: Context,
  link: Link,
  found: Found['link'],
  alias: string | null,
): readonly string[] {
  const view = context.observed.namespaces.get(link.node.ns);
  if (!view) return [];
  const set = context.overrides.of(link, found);
  const { causes, settings, data } = compareDevice(link, found, markFor(context, link, found, alias), set);
  const fit = set.mtu && found.mtuBytes < IPV6_MTU_MIN ? withoutIpv6(link) : link;
  const addresses = compareAddresses(fit, view, found.ifindex, context.observed, settings.up === false);
  causes.push(...addresses.causes);
  const { missingOf, unwantedOf } = context.routesOf(link.node.ns);
  for (const { route } of missingOf(link)) causes.push(`route ${route.text} missing`);
  for (const { route } of unwantedOf(found.ifindex))
    causes.push(`route ${routeOfDump(route, link.dev).text} not in the configuration`);
  context.draft.notes.push(...addresses.notes);
  const common = { ns: link.node.ns, link: link.id, cause: causes.join(', '), dev: link.dev, ifindex: found.ifindex };
  if (addresses.del.length > 0)
    context.draft.ops.push({
      ...{ op: 'ip.del', ...common, cause: addresses.causes.join(', '), routes: [], addresses: addresses.del },
      ...{ otherAddresses: addresses.others },
    });
  if (settings !== NO_SETTINGS || data !== null || addresses.add.length > 0) {
    context.draft.ops.push({
      ...{ op: 'link.set', ...common, settings, addAddresses: addresses.add, addRoutes: [], data },
      ...linkLocalWith(settings.up === true ? link.addresses : addresses.add, link, false),
    });
  }
  return causes;
}
