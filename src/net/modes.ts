/** Modes of the *vlan types by name, with the kernel's numbers and the one that it takes when told none. */

interface Modes {
  readonly numbers: Readonly<Record<string, number>>;
  readonly fallback: string;
}

/** linux/if_link.h, enum macvlan_mode; the default is that of macvlan_common_newlink. */
const MACVLAN: Modes = { numbers: { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 }, fallback: 'vepa' };
/** linux/if_link.h, enum ipvlan_mode; the default is that of ipvlan_link_new. */
const IPVLAN: Modes = { numbers: { l2: 0, l3: 1, l3s: 2 }, fallback: 'l3' };

const BY_TYPE: Readonly<Record<string, Modes>> = {
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  ipvlan: IPVLAN,
  ipvtap: IPVLAN,
};

/** The names of a link type's modes and the kernel's numbers for them; empty for types without. */
export function modesOf(type: string): Readonly<Record<string, number>> {
  return BY_TYPE[type]?.numbers ?? {};
}

/** The mode that a link has: as written, else the kernel's default; null for types without. */
export function modeOf(type: string, written: string | null): string | null {
  const modes = BY_TYPE[type];
  return modes === undefined ? null : (written ?? modes.fallback);
}

/** Whether a device of this type and mode has its parent's MAC, which is not its own to set: ipvlan always, macvlan as `passthru`. */
export function sharesParentsMac(type: string, written: string | null): boolean {
  return type === 'ipvlan' || type === 'ipvtap' || modeOf(type, written) === 'passthru';
}
