import type { LinkKind } from './kind.ts';
import { type ModedData, type ModedPart, withModes } from './moded.ts';

export const IPVLAN_MODES = ['l2', 'l3', 'l3s'] as const;
export type IpvlanMode = (typeof IPVLAN_MODES)[number];

/**
 * A child device that gets what its parent receives for the child's addresses. An ipvtap also has a character device (/dev/tapN).
 */
export type IpvlanPart = ModedPart<'ipvlan' | 'ipvtap', IpvlanMode>;
export type IpvlanData = ModedData<IpvlanPart['type'], IpvlanMode>;

/** The kernel's default mode is that of ipvlan_link_new. */
function kind(type: IpvlanPart['type']): LinkKind<IpvlanPart, IpvlanData> {
  return {
    ...withModes(type, IPVLAN_MODES, 'l3'),
    receiver: 'ipvlan',
    sharesMode: true,
    reach: () => 'addresses',
    hasOwnMac: () => false,
  };
}

export const ipvlan = kind('ipvlan');
export const ipvtap = kind('ipvtap');
