/** Goals → the ops that set ends by hand. */

import { isHandleOfHand, netemHandle, TBF_HANDLE } from '../../net/netem-qdisc.ts';
import { withSettingsByHand } from '../../net/override.ts';
import { printRateBits } from '../../net/units.ts';
import type { LinkSet } from '../../wire/ops/links.ts';
import type { QdiscNetem, QdiscTbf } from '../../wire/ops/traffic.ts';
import type { LinkDump } from '../../wire/seen.ts';
import { NO_SETTINGS } from '../links/settings.ts';
import { isSameNetem } from '../traffic/netem-same.ts';
import { toldNetem } from '../traffic/told.ts';
import type { EndGoal, GoalFault, TrafficGoal } from './goals.ts';

/** The ops for one end. Empty: it is as it is to be. */
export interface EndOps {
  readonly device: LinkSet | null;
  readonly traffic: QdiscNetem | QdiscTbf | null;
  /** What changes, for people. */
  readonly causes: readonly string[];
}

/** Ethernet's header with two tags, which a packet has in addition to the MTU (linux/if_vlan.h). */
const HEADERS_BYTES = 22;
/** The bucket holds what may leave in this time, so that a timer that comes late does not lower the rate. */
const BURST_MS = 10;
/** The kernel keeps a bucket as the time in which it fills, and so rounds its size. */
const ROUNDING = 0.01;
/** How long a packet waits at most for its turn. */
const QUEUE_MS = 50;

/** Plans one end. A fault: its mark has no room for what is to be noted. */
export function endOps(goal: EndGoal): EndOps | GoalFault {
  const { target, up, mtuBytes, byHand } = goal;
  const { device, ns, link, wire } = target;
  const marked = withSettingsByHand(target.mark === '' ? device.alias : markWithWords(target.mark, device), byHand);
  if (marked === null) return { message: 'has a mark without room for what is set by hand', hint: 'shorten its name' };
  const wanted = byHand.size === 0 && !target.isMarkedAnyway ? '' : marked;
  const alias = wanted === device.alias ? null : wanted;
  const causes = [
    ...(up === null ? [] : [`state ${up ? 'down → up' : 'up → down'}`]),
    ...(mtuBytes === null ? [] : [`mtu ${device.mtuBytes} → ${mtuBytes}`]),
  ];
  const traffic = goal.traffic === null ? null : trafficOp(goal, goal.traffic);
  if (traffic !== null && !isSameRate(device, goal.traffic)) causes.push(traffic.cause);
  const isChanged = up !== null || mtuBytes !== null || alias !== null;
  const op = { op: 'link.set', ns, link, cause: causes.join(', ') || 'set by hand' } as const;
  const settings = { ...NO_SETTINGS, up, mtuBytes, alias };
  const { ifname: dev, ifindex } = device;
  return {
    device: isChanged
      ? { ...op, dev, ifindex, settings, addAddresses: [], addRoutes: [], data: null, ...(up === false && { wire }) }
      : null,
    traffic,
    causes,
  };
}

/** The device once these ops are carried out. */
export function deviceAfter({ target: { device } }: EndGoal, { device: set, traffic }: EndOps): LinkDump {
  const { up, mtuBytes, alias } = set?.settings ?? NO_SETTINGS;
  const after: LinkDump = {
    ...device,
    ...{ up: up ?? device.up, mtuBytes: mtuBytes ?? device.mtuBytes, alias: alias ?? device.alias },
  };
  if (traffic === null) return after;
  if (traffic.op === 'qdisc.tbf') {
    const { rateBitsPerSec, burstBytes } = traffic;
    return { ...after, qdisc: 'tbf', netem: null, tbf: { handle: TBF_HANDLE, rateBitsPerSec, burstBytes } };
  }
  const { netem, by } = traffic;
  // The kernel's own choice, whichever that is.
  if (netem === null) return { ...after, qdisc: 'noqueue', netem: null, tbf: null };
  const handle = netemHandle({ ...netem, slotDistribution: netem.slot?.distribution ?? null }, by);
  return { ...after, qdisc: 'netem', tbf: null, netem: { handle, netem } };
}

/** The mark with the further words that the device's own has. */
function markWithWords(mark: string, { alias }: LinkDump): string {
  return alias === mark || alias.startsWith(`${mark} `) ? alias : mark;
}

function trafficOp({ target, mtuBytes }: EndGoal, goal: TrafficGoal): QdiscNetem | QdiscTbf | null {
  const { device, ns, link } = target;
  const handle = device.netem?.handle ?? device.tbf?.handle ?? null;
  const place = { ns, link, dev: device.ifname, ifindex: device.ifindex };
  const how = { undo: false, stacked: false } as const;
  const was = trafficText(device);
  switch (goal.kind) {
    case 'none':
      if (handle === null) return null;
      return { op: 'qdisc.netem', ...place, ...how, cause: `${was} → none`, netem: null, by: 'hand', handle };
    case 'tbf': {
      const { rateBitsPerSec } = goal;
      const packetBytes = (mtuBytes ?? device.mtuBytes) + HEADERS_BYTES;
      if (isSameRate(device, goal) && (device.tbf?.burstBytes ?? 0) >= packetBytes * (1 - ROUNDING)) return null;
      const perMs = rateBitsPerSec / 8 / 1000;
      const burstBytes = Math.max(packetBytes, Math.ceil(perMs * BURST_MS));
      const limitBytes = burstBytes + Math.max(packetBytes, Math.ceil(perMs * QUEUE_MS));
      const cause = `${was} → rate ${printRateBits(rateBitsPerSec)}`;
      return { op: 'qdisc.tbf', ...place, cause, rateBitsPerSec, burstBytes, limitBytes };
    }
    case 'netem': {
      const { netem, by } = goal;
      if (isThere(device, goal)) return null;
      return { op: 'qdisc.netem', ...place, ...how, cause: `${was} → ${toldNetem(netem, netem)}`, netem, by, handle };
    }
    default:
      return goal satisfies never;
  }
}

/** Whether a token bucket that was set by hand has the rate already. Its bucket may be too small for another MTU. */
function isSameRate({ tbf }: LinkDump, goal: TrafficGoal | null): boolean {
  if (tbf === null || goal?.kind !== 'tbf') return false;
  return isHandleOfHand(tbf.handle) && tbf.rateBitsPerSec === goal.rateBitsPerSec;
}

function isThere({ netem }: LinkDump, goal: Extract<TrafficGoal, { kind: 'netem' }>): boolean {
  if (netem === null || !isSameNetem(goal.netem, netem.netem)) return false;
  return isHandleOfHand(netem.handle) === (goal.by === 'hand');
}

function trafficText({ netem, tbf }: LinkDump): string {
  if (netem !== null) return toldNetem(netem.netem, null);
  return tbf === null ? 'none' : `rate ${printRateBits(tbf.rateBitsPerSec)}`;
}
