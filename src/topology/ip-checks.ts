/**
 * Checks the addresses, routes and MTUs of one node's links for conflicts. The kernel would report these only after
 * half of the work is done.
 */
import type { Diagnostics } from '../config/diagnose.ts';
import { grouped } from '../grouped.ts';
import { parentOf } from '../kinds/links/link-kinds.ts';
import { networkOf } from '../net/offset.ts';
import type { LinkSpec } from './topology.ts';
import type { Route } from './values.ts';

/** IPV6_MIN_MTU (linux/ipv6.h): with a smaller MTU the kernel switches IPv6 off on the device. */
const IPV6_MTU_MIN = 1280;
/**
 * RT_TABLE_MAIN (linux/rtnetlink.h). METRIC: the metrics of a route that names none, and of the route that comes with
 * an address (linux/ipv6_route.h).
 */
const TABLE_MAIN = 254;
const METRIC = { 4: { default: 0, connected: 0 }, 6: { default: 1024, connected: 256 } } as const;

/** Checks the links of each selector. A node of the selector has all of them. */
export function checkIp(links: readonly LinkSpec[], diagnostics: Diagnostics): void {
  for (const own of grouped(links, ({ selector }) => `${selector.kind} ${selector.name}`).values()) {
    for (const link of own) {
      checkTwice(link, diagnostics);
      checkMtu(link, own, diagnostics);
    }
    if (own.some(({ routes }) => routes.length > 0)) checkRoutes(own, diagnostics);
  }
}

function checkTwice(link: LinkSpec, diagnostics: Diagnostics): void {
  const seen = new Set<string>();
  for (const prefix of link.addresses) {
    const [address = ''] = prefix.split('/');
    const message = `${labelOf(link)}: the address ${address} is given twice`;
    if (seen.has(address))
      diagnostics.add('address-twice', message, { where: link.where, hint: 'leave one of them out' });
    seen.add(address);
  }
}

function checkMtu(link: LinkSpec, own: readonly LinkSpec[], diagnostics: Diagnostics): void {
  const mtuBytes = mtuOf(link, own, new Set());
  if (mtuBytes === null || mtuBytes >= IPV6_MTU_MIN) return;
  const what =
    link.addresses.find((address) => address.includes(':')) ??
    link.routes.find(({ family, type, dev }) => family === 6 && type === 'unicast' && (dev ?? link.dev) === link.dev)
      ?.text;
  if (what === undefined) return;
  const message = `${labelOf(link)}: IPv6 needs an mtu of at least ${IPV6_MTU_MIN}, and ${mtuBytes} is given for "${what}"`;
  const hint = `raise the mtu to ${IPV6_MTU_MIN}, or leave IPv6 out: the kernel takes it off a device of less`;
  diagnostics.add('ipv6-mtu', message, { where: link.where, hint });
}

/** A link's MTU. A child device without an `mtu` has its parent's. null: not known at this stage. */
function mtuOf(link: LinkSpec, own: readonly LinkSpec[], seen: Set<LinkSpec>): number | null {
  const below = parentOf(link);
  if (link.mtuBytes !== null || below?.base !== 'local' || seen.has(link)) return link.mtuBytes;
  const parent = own.find(({ dev }) => dev === below.dev);
  return parent ? mtuOf(parent, own, seen.add(link)) : null;
}

/**
 * Reports two routes of one destination, metric and table. The kernel keeps one such route, and answers EEXIST to a
 * second.
 */
function checkRoutes(own: readonly LinkSpec[], diagnostics: Diagnostics): void {
  const up = own.filter(({ state }) => state === 'up');
  const down = new Set(own.filter(({ state }) => state === 'down').map(({ dev }) => dev));
  const holders = new Map<string, string>();
  for (const link of up) {
    for (const address of link.addresses) {
      const key = connectedKey(address);
      if (key !== null) holders.set(key, `the one that comes with the address ${address} of ${labelOf(link)}`);
    }
  }
  for (const link of up) {
    for (const route of link.routes) {
      if (route.type === 'unicast' && down.has(route.dev ?? link.dev)) continue;
      const key = keyOf(route);
      const holder = holders.get(key);
      if (holder === undefined) holders.set(key, `"${route.text}" of ${labelOf(link)}`);
      else {
        const message = `${labelOf(link)}: the route "${route.text}" has the destination, the metric and the table of ${holder}`;
        const hint = 'a node has one such route: leave one out, or give one of them another metric';
        diagnostics.add('route-twice', message, { where: link.where, hint });
      }
    }
  }
}

function keyOf({ family, dst, metric, table }: Route): string {
  // For IPv6 a metric of 0 means the default metric.
  const asked = family === 6 && metric === 0 ? null : metric;
  return `${dst} ${table ?? TABLE_MAIN} ${asked ?? METRIC[family].default}`;
}

/** The key of the route that the kernel makes for an address. null: it makes none (IPv4's /32). */
function connectedKey(address: string): string | null {
  if (address.endsWith('/32') && !address.includes(':')) return null;
  const family = address.includes(':') ? 6 : 4;
  return `${networkOf(address)} ${TABLE_MAIN} ${METRIC[family].connected}`;
}

function labelOf({ selector, dev }: LinkSpec): string {
  return `${selector.name}:${dev}`;
}
