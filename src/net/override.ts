/**
 * The marks of overrides, that is of what was set by hand. A qdisc set by hand has a handle of its own kind. A state or an MTU set by
 * hand is named in the word `set=state,mtu` of the device's mark. The value itself is the one that the kernel has.
 */
import { ALIAS_MAX_BYTES, withoutWord, withWord, wordOf } from './mark.ts';
import { isHandleOfHand } from './netem-qdisc.ts';

const WORD = 'set';

/** What the word can name, in the order in which it names it. */
const SETTINGS = ['state', 'mtu'] as const;
export type OverriddenSetting = (typeof SETTINGS)[number];

const NONE: ReadonlySet<OverriddenSetting> = new Set();

/** What an alias says was set by hand. Unknown words are ignored. */
export function settingsByHand(alias: string): ReadonlySet<OverriddenSetting> {
  const value = alias === '' ? null : wordOf(alias, WORD);
  if (value === null) return NONE;
  const named = new Set(value.split(','));
  return new Set(SETTINGS.filter((setting) => named.has(setting)));
}

/** The mark with exactly these settings named as set by hand. null: an alias has no room for that. */
export function withSettingsByHand(mark: string, settings: ReadonlySet<OverriddenSetting>): string | null {
  if (settings.size === 0) return withoutWord(mark, WORD);
  const marked = withWord(mark, WORD, SETTINGS.filter((setting) => settings.has(setting)).join(','));
  return Buffer.byteLength(marked) <= ALIAS_MAX_BYTES ? marked : null;
}

/** The mark that is wanted of a device whose present alias is `found`: what is noted as set by hand stays noted. */
export function keepSettingsByHand(wanted: string, found: string): string {
  const settings = settingsByHand(found);
  return settings.size === 0 ? wanted : (withSettingsByHand(wanted, settings) ?? wanted);
}

/** What of a device was set by hand. */
export interface Overridden {
  readonly state: boolean;
  readonly mtu: boolean;
  /** The root qdisc. */
  readonly traffic: boolean;
}

interface Seen {
  readonly alias: string;
  readonly netem: { readonly handle: number } | null;
  readonly tbf: { readonly handle: number } | null;
}

const NOTHING: Overridden = { state: false, mtu: false, traffic: false };

/** What of an observed device of linkloom's was set by hand. */
export function overriddenOn({ alias, netem, tbf }: Seen): Overridden {
  const handle = netem?.handle ?? tbf?.handle ?? null;
  const traffic = handle !== null && isHandleOfHand(handle);
  const settings = settingsByHand(alias);
  if (!traffic && settings.size === 0) return NOTHING;
  return { state: settings.has('state'), mtu: settings.has('mtu'), traffic };
}

/** Whether anything of a device was set by hand. */
export function isOverridden({ state, mtu, traffic }: Overridden): boolean {
  return state || mtu || traffic;
}
