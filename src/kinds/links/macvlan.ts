import { type LinkKind, onParent, type Parent, parentOfWritten } from './kind.ts';

export const MACVLAN_MODES = ['private', 'vepa', 'bridge', 'passthru', 'source'] as const;
export type MacvlanMode = (typeof MACVLAN_MODES)[number];

/** A child device that gets what its parent receives for one MAC address. A macvtap also has a character device (/dev/tapN). */
export interface MacvlanPart {
  readonly type: 'macvlan' | 'macvtap';
  readonly parent: Parent;
  /** null for the kernel's default (macvlan_common_newlink: `vepa`). */
  readonly mode: MacvlanMode | null;
}

export interface MacvlanData {
  readonly type: MacvlanPart['type'];
  readonly mode: MacvlanMode;
}

const wanted = ({ mode }: MacvlanPart): MacvlanMode => mode ?? 'vepa';

function isMode(word: string): word is MacvlanMode {
  return (MACVLAN_MODES as readonly string[]).includes(word);
}

function kind(type: MacvlanPart['type']): LinkKind<MacvlanPart, MacvlanData> {
  return {
    ...onParent(type),
    ignores: ['vlanid'],
    modes: MACVLAN_MODES,
    receiver: 'macvlan',
    part(written) {
      const parent = parentOfWritten(written);
      const { mode = '' } = written;
      return parent === null ? null : { type, parent, mode: isMode(mode) ? mode : null };
    },
    data: (part) => ({ type, mode: wanted(part) }),
    hasOwnMac: ({ mode }) => mode !== 'passthru',
    takesParentWhole: ({ mode }) => mode === 'passthru',
    // A parent is taken whole (passthru) when the device is made, or never (macvlan_changelink).
    whyAnew(part, { mode }) {
      const isPassthru = part.mode === 'passthru' || mode === 'passthru';
      return isPassthru && mode !== wanted(part) ? `mode ${mode} → ${wanted(part)}` : null;
    },
    change: (part, { mode }) =>
      mode === wanted(part) ? null : { cause: `mode ${mode} → ${wanted(part)}`, data: { type, mode: wanted(part) } },
    shown: ({ parent, mode }) => ({
      base: parent.base,
      'outer-dev': parent.dev,
      ...(mode === null ? {} : { mode }),
    }),
    label: ({ mode }) => (mode === null ? type : `${type} ${mode}`),
    words: ({ mode }) => ['mode', mode],
  };
}

export const macvlan = kind('macvlan');
export const macvtap = kind('macvtap');
