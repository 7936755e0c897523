/** What each end is to be set to: from what was asked for, and from what the end has. */

import { distributionsIn, isHandleOfHand, NETEM_LIMIT_PACKETS, type SetBy } from '../../net/netem-qdisc.ts';
import { type OverriddenSetting, settingsByHand } from '../../net/override.ts';
import { type Fault, Faults, isFault } from '../../topology/text/fault.ts';
import { checkWhole, NO_NETEM } from '../../topology/text/netem.ts';
import type { AdminState } from '../../topology/topology.ts';
import type { Netem } from '../../topology/values.ts';
import type { LinkDump } from '../../wire/seen.ts';
import { isSameNetem } from '../traffic/netem-same.ts';
import type { ConfiguredEnd } from './describe.ts';
import type { SettableEnd } from './ends.ts';

/** The options of netem that can be set by hand. A value of 0 ends that impairment. */
export type ImpairChange = Readonly<
  Partial<
    Record<
      'delayUs' | 'jitterUs' | 'loss' | 'duplicate' | 'corrupt' | 'reorder' | 'rateBitsPerSec' | 'limitPackets',
      number
    >
  >
>;

/** What is asked for. Absent values stay as they are. */
export interface LinkSettings {
  readonly state?: AdminState | undefined;
  readonly mtuBytes?: number | undefined;
  readonly impair?: ImpairChange | undefined;
}

/** What an end's root qdisc is to be. */
export type TrafficGoal =
  | { readonly kind: 'netem'; readonly netem: Netem; readonly by: SetBy }
  | { readonly kind: 'tbf'; readonly rateBitsPerSec: number }
  | { readonly kind: 'none' };

/** What an end is to have. null: it stays as it is. */
export interface EndGoal {
  readonly target: SettableEnd;
  readonly up: boolean | null;
  readonly mtuBytes: number | null;
  readonly traffic: TrafficGoal | null;
  /** What the mark names as set by hand. */
  readonly byHand: ReadonlySet<OverriddenSetting>;
}

/** A reason why an end can't be set, for people. */
export interface GoalFault {
  readonly message: string;
  readonly hint: string;
}

/** Whether the kernel can do what `set` does to packets. */
export interface TrafficKinds {
  readonly netem: boolean;
  readonly tbf: boolean;
}

/**
 * The goal of one end. A value that is the configured one is not marked as set by hand. `kinds` null: the kernel was not asked, since
 * nothing is to be done to packets.
 */
export function goalOf(target: SettableEnd, asked: LinkSettings, kinds: TrafficKinds | null): EndGoal | GoalFault {
  const { device, configured } = target;
  const byHand = new Set(settingsByHand(device.alias));
  const note = (setting: OverriddenSetting, isConfigured: boolean): void => {
    if (isConfigured) byHand.delete(setting);
    else byHand.add(setting);
  };
  if (asked.state !== undefined) note('state', configured?.state === asked.state);
  if (asked.mtuBytes !== undefined) note('mtu', configured?.mtuBytes === asked.mtuBytes);
  const up = asked.state === undefined || device.up === (asked.state === 'up') ? null : asked.state === 'up';
  const mtuBytes = asked.mtuBytes === undefined || asked.mtuBytes === device.mtuBytes ? null : asked.mtuBytes;
  const impair = asked.impair ?? {};
  const traffic = Object.keys(impair).length === 0 ? null : trafficGoal(target, impair, kinds);
  if (traffic !== null && 'message' in traffic) return traffic;
  return { target, up, mtuBytes, traffic: traffic ?? refitted(device, mtuBytes), byHand };
}

/** A token bucket has to hold a packet of the largest size, so it follows the MTU. */
function refitted({ tbf }: LinkDump, mtuBytes: number | null): TrafficGoal | null {
  if (mtuBytes === null || tbf === null || !isHandleOfHand(tbf.handle)) return null;
  return { kind: 'tbf', rateBitsPerSec: tbf.rateBitsPerSec };
}

function trafficGoal(target: SettableEnd, impair: ImpairChange, kinds: TrafficKinds | null): TrafficGoal | GoalFault {
  const { device, configured } = target;
  const foreign = foreignQdisc(device);
  if (foreign !== null) {
    const hint = `see what it is for, and remove it (tc qdisc del dev ${device.ifname} root)`;
    return { message: `has a queueing discipline that is not linkloom's (${foreign})`, hint };
  }
  if (kinds !== null && !kinds.netem) return rateGoal(impair.rateBitsPerSec ?? device.tbf?.rateBitsPerSec ?? 0);
  const netem = changed(presentNetem(device), impair);
  const fault = faultIn(netem);
  if (fault !== null) return fault;
  return ofConfiguration(netem, configured) ?? { kind: 'netem', netem, by: 'hand' };
}

function rateGoal(rateBitsPerSec: number): TrafficGoal {
  return rateBitsPerSec === 0 ? { kind: 'none' } : { kind: 'tbf', rateBitsPerSec };
}

/** The configured impairment, if it is the same. null: it is another, or not known. */
function ofConfiguration(netem: Netem, configured: ConfiguredEnd | null): TrafficGoal | null {
  if (configured === null || !isSameNetem(configured.netem ?? NO_NETEM, netem)) return null;
  return configured.netem === null ? { kind: 'none' } : { kind: 'netem', netem: configured.netem, by: 'configuration' };
}

/** The kind of a root qdisc that is neither linkloom's nor the kernel's own choice. null: there is none. */
function foreignQdisc({ netem, tbf, qdisc }: LinkDump): string | null {
  const handle = netem?.handle ?? tbf?.handle ?? null;
  if (handle !== null) return distributionsIn(handle) === null ? qdisc : null;
  return FOREIGN.has(qdisc) ? qdisc : null;
}

/** Kinds that nobody has unless they were asked for. The kernel's own choices (noqueue, fq_codel…) are not among them. */
const FOREIGN: ReadonlySet<string> = new Set([
  ...['cake', 'cbq', 'choke', 'codel', 'drr', 'etf', 'ets', 'fq_pie', 'gred', 'hfsc', 'hhf', 'htb', 'mqprio', 'multiq'],
  ...['netem', 'pie', 'plug', 'prio', 'qfq', 'red', 'sfb', 'skbprio', 'taprio', 'tbf'],
]);

function presentNetem({ netem, tbf }: LinkDump): Netem {
  if (netem !== null) return { ...netem.netem, seed: null };
  return tbf === null ? NO_NETEM : { ...NO_NETEM, rateBitsPerSec: tbf.rateBitsPerSec };
}

/** A 0 is the same as no impairment at all. A limit of 0 is the default one. */
function changed(present: Netem, impair: ImpairChange): Netem {
  const netem: { -readonly [K in keyof Netem]: Netem[K] } = { ...present };
  for (const [key, value] of Object.entries(impair) as [keyof ImpairChange, number][]) {
    netem[key] = value === 0 ? null : value;
  }
  if (netem.limitPackets === NETEM_LIMIT_PACKETS) netem.limitPackets = null;
  if (impair.loss !== undefined) Object.assign(netem, { lossState: null, lossGemodel: null, lossCorrelation: null });
  if (netem.delayUs === null)
    Object.assign(netem, { jitterUs: impair.jitterUs ? netem.jitterUs : null, delayCorrelation: null });
  if (netem.jitterUs === null) netem.distribution = null;
  if (impair.reorder === 0) Object.assign(netem, { gap: null, reorderCorrelation: null });
  if (impair.duplicate === 0) netem.duplicateCorrelation = null;
  if (impair.corrupt === 0) netem.corruptCorrelation = null;
  return netem;
}

function faultIn(netem: Netem): GoalFault | null {
  if (netem.jitterUs !== null && netem.delayUs === null) {
    return { message: 'can have no jitter without a delay', hint: 'give --delay as well: jitter varies it' };
  }
  const faults = new Faults();
  checkWhole(netem, new Set(), faults);
  const result: object | Fault = faults.or(() => ({}));
  return isFault(result) ? { message: `can't be set like that: ${result.message}`, hint: result.hint } : null;
}
