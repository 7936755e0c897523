/** Goals that take back: an end as it was observed earlier, or as configured. */
import { distributionsIn, isHandleOfHand } from '../../net/netem-qdisc.ts';
import { overriddenOn, settingsByHand } from '../../net/override.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { SettableEnd } from './ends.ts';
import type { EndGoal, TrafficGoal } from './goals.ts';

/** As the device was, with what was set by hand then. */
export function goalAsWas(target: SettableEnd, was: LinkDump): EndGoal {
  const { device } = target;
  return {
    target,
    up: was.up === device.up ? null : was.up,
    mtuBytes: was.mtuBytes === device.mtuBytes ? null : was.mtuBytes,
    traffic: isOurs(device) && isOurs(was) ? trafficOf(was) : null,
    byHand: settingsByHand(was.alias),
  };
}

/** As configured, with nothing set by hand. An MTU that is not configured is the one that the device had. null: nobody knows what is configured. */
export function goalAsConfigured(target: SettableEnd, was: LinkDump): EndGoal | null {
  const { device, configured } = target;
  if (configured === null) return null;
  const up = configured.state === 'up';
  const mtuBytes = configured.mtuBytes ?? (overriddenOn(was).mtu ? device.mtuBytes : was.mtuBytes);
  const { netem } = configured;
  return {
    target,
    up: up === device.up ? null : up,
    mtuBytes: mtuBytes === device.mtuBytes ? null : mtuBytes,
    traffic: !isOurs(device) ? null : netem === null ? { kind: 'none' } : { kind: 'netem', netem, by: 'configuration' },
    byHand: new Set(),
  };
}

/** Whether the root qdisc is linkloom's, or none that anybody has set. */
function isOurs({ netem, tbf }: LinkDump): boolean {
  const handle = netem?.handle ?? tbf?.handle ?? null;
  return handle === null || distributionsIn(handle) !== null;
}

function trafficOf({ netem, tbf }: LinkDump): TrafficGoal {
  if (netem !== null) {
    return { kind: 'netem', netem: netem.netem, by: isHandleOfHand(netem.handle) ? 'hand' : 'configuration' };
  }
  return tbf === null ? { kind: 'none' } : { kind: 'tbf', rateBitsPerSec: tbf.rateBitsPerSec };
}
