import { type LinkKind, onParent, type Parent, parentOfWritten } from './kind.ts';

export const IPVLAN_MODES = ['l2', 'l3', 'l3s'] as const;
export type IpvlanMode = (typeof IPVLAN_MODES)[number];

/**
 * A child device that gets what its parent receives for the child's addresses. An ipvtap also has a character device (/dev/tapN).
 */
export interface IpvlanPart {
  readonly type: 'ipvlan' | 'ipvtap';
  readonly parent: Parent;
  /** null for the kernel's default (ipvlan_link_new: `l3`). */
  readonly mode: IpvlanMode | null;
}

export interface IpvlanData {
  readonly type: IpvlanPart['type'];
  readonly mode: IpvlanMode;
}

const wanted = ({ mode }: IpvlanPart): IpvlanMode => mode ?? 'l3';

function isMode(word: string): word is IpvlanMode {
  return (IPVLAN_MODES as readonly string[]).includes(word);
}

function kind(type: IpvlanPart['type']): LinkKind<IpvlanPart, IpvlanData> {
  return {
    ...onParent(type),
    ignores: ['vlanid'],
    modes: IPVLAN_MODES,
    receiver: 'ipvlan',
    sharesMode: true,
    part(written) {
      const parent = parentOfWritten(written);
      const { mode = '' } = written;
      return parent === null ? null : { type, parent, mode: isMode(mode) ? mode : null };
    },
    data: (part) => ({ type, mode: wanted(part) }),
    hasOwnMac: () => false,
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

export const ipvlan = kind('ipvlan');
export const ipvtap = kind('ipvtap');
