import { isLinuxBridge } from '../../src/kinds/bridge-modes.ts';
import { PROTOCOL, sameLab } from '../../src/net/mark.ts';
import type { Heard, HeardNs } from '../../src/wire/monitor.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { attrText, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import * as tc from '../netlink/tc-constants.ts';
import { readAddress } from '../rtnl/address-dump.ts';
import { readLink } from '../rtnl/link-dump.ts';
import { readRoute } from '../rtnl/route-dump.ts';

/** What a notification is about. Two notifications about one device with the same `state` say the same. */
export interface Change extends Pick<Heard, 'what' | 'alias'> {
  /** Index of the device; null: a route without an output device. */
  readonly ifindex: number | null;
  /**
   * The settings of a device that can drift, as text, without its carrier. Null: the device is gone, or the change is about an
   * address or a route.
   */
  readonly state: string | null;
}

const LINK_LOCAL = /^fe[89ab]/i;

/** What is listened for in a namespace. */
export interface Listening {
  readonly group: number;
  readonly role: HeardNs['role'];
  /** Whether a device of others matters to the lab. */
  readonly concerns: (link: Pick<LinkDump, 'ifname' | 'ifindex'>) => boolean;
}

export function isLinkLocal(address: string): boolean {
  return LINK_LOCAL.test(address);
}

/**
 * Reads a notification of rtnetlink. Null if it does not concern a lab: a device or route of others, a link-local address, or
 * an address or route that was added. Accepts any bytes.
 */
export function readChange(type: number, bytes: Buffer, start: number, end: number, heard: Listening): Change | null {
  const isNode = heard.role === 'node';
  switch (type) {
    case nl.RTM_NEWLINK:
    case nl.RTM_DELLINK:
      return ofDevice(type, bytes, start, end, heard);
    case nl.RTM_DELADDR:
      return isNode ? ofAddress(bytes, start, end) : null;
    case nl.RTM_DELROUTE:
      return isNode ? ofRoute(bytes, start, end) : null;
    case tc.RTM_NEWQDISC:
    case tc.RTM_DELQDISC:
      return ofQdisc(type, bytes, start, end, heard);
    default:
      return null;
  }
}

function ofDevice(type: number, bytes: Buffer, start: number, end: number, heard: Listening): Change | null {
  const link = readLink(bytes, start, end, false);
  if (link === null) return null;
  const { ifindex, ifname, mac, mtuBytes, up, master, alias, kind } = link;
  const isGone = type === nl.RTM_DELLINK;
  if (!sameLab(link.group, heard.group)) {
    // What others set of their device is theirs.
    const state = isGone ? null : `${ifname} ${kind}`;
    return heard.concerns(link) ? { what: 'device', alias: null, ifindex, state } : null;
  }
  // A bridge takes its MAC and its MTU from its ports, so they change with every port that comes or goes.
  const own = isLinuxBridge(link) ? [] : [mac, mtuBytes, ...Object.values(link.numbers)];
  const state = isGone ? null : [ifname, ...own, up, master, alias].join(' ');
  return { what: 'device', alias: alias === '' ? null : alias, ifindex, state };
}

function ofAddress(bytes: Buffer, start: number, end: number): Change | null {
  const address = readAddress(bytes, start, end);
  if (address === null || isLinkLocal(address.address)) return null;
  return { what: 'address', alias: null, ifindex: address.ifindex, state: null };
}

function ofRoute(bytes: Buffer, start: number, end: number): Change | null {
  const route = readRoute(bytes, start, end);
  return route?.protocol === PROTOCOL ? { what: 'route', alias: null, ifindex: route.ifindex, state: null } : null;
}

/** What the wires of the switch side go by: the redirection of a patch, and the program of a trunk. They go with it. */
const INGRESS: ReadonlySet<string> = new Set(['ingress', 'clsact']);

function ofQdisc(type: number, bytes: Buffer, start: number, end: number, { role }: Listening): Change | null {
  if (start + tc.TCMSG_BYTES > end) return null;
  let kind = '';
  eachAttribute(bytes, start + tc.TCMSG_BYTES, end, (type, at, length) => {
    if (type === tc.TCA_KIND) kind = attrText(bytes, at, length);
  });
  const isCut = role === 'switch' && type === tc.RTM_DELQDISC && INGRESS.has(kind);
  return kind === 'netem' || isCut
    ? { what: 'impairment', alias: null, ifindex: bytes.readInt32LE(start + 4), state: null }
    : null;
}
