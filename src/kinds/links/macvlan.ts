import type { LinkKind, Reach } from './kind.ts';
import { type ModedData, type ModedPart, withModes } from './moded.ts';

export const MACVLAN_MODES = ['private', 'vepa', 'bridge', 'passthru', 'source'] as const;
export type MacvlanMode = (typeof MACVLAN_MODES)[number];

/** A child device that gets what its parent receives for one MAC address. A macvtap also has a character device (/dev/tapN). */
export type MacvlanPart = ModedPart<'macvlan' | 'macvtap', MacvlanMode>;
export type MacvlanData = ModedData<MacvlanPart['type'], MacvlanMode>;

/** The mode that the kernel chooses (macvlan_common_newlink). */
const DEFAULT_MODE: MacvlanMode = 'vepa';

/** In mode source it receives only from addresses that it is told, of which the configuration has none. */
const REACH = {
  ...{ bridge: 'siblings', private: 'beyond', vepa: 'beyond' },
  ...{ passthru: 'beyond', source: 'nobody' },
} as const satisfies Readonly<Record<MacvlanMode, Reach>>;

function kind(type: MacvlanPart['type']): LinkKind<MacvlanPart, MacvlanData> {
  return {
    ...withModes(type, MACVLAN_MODES, DEFAULT_MODE),
    receiver: 'macvlan',
    reach: ({ mode }) => REACH[mode ?? DEFAULT_MODE],
    hasOwnMac: ({ mode }) => mode !== 'passthru',
    takesParentWhole: ({ mode }) => mode === 'passthru',
    // A parent is taken whole (passthru) when the device is made, or never (macvlan_changelink).
    whyAnew(part, { mode }) {
      const wanted = part.mode ?? DEFAULT_MODE;
      const isPassthru = wanted === 'passthru' || mode === 'passthru';
      return isPassthru && mode !== wanted ? `mode ${mode} → ${wanted}` : null;
    },
  };
}

export const macvlan = kind('macvlan');
export const macvtap = kind('macvtap');
