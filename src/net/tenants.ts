/**
 * Decides what happens to a named namespace that several labs share: whose linkloom made it, and which labs have devices in it. A
 * lab that is removed takes its own devices with it. The last lab removes the namespace, whichever lab made it.
 */
import { groupOf, isOurGroup, markOf, ROLE, sameLab, withWord, wordOf } from './mark.ts';

/** What must be known of each device of the namespace. */
export interface TenantDevice {
  readonly ifname: string;
  readonly group: number;
  readonly alias: string;
}

export interface Tenancy {
  /**
   * The lab whose linkloom made the namespace, from a record that nobody in it can write; null if it is not known that linkloom
   * made it.
   */
  readonly maker: string | null;
  /** Whether the maker was removed before other labs. */
  readonly hasMakerLeft: boolean;
  /** Whether this lab has devices in it. */
  readonly isIn: boolean;
  /** Whether another lab has. */
  readonly othersAreIn: boolean;
}

/** The further word of the mark on `lo` that tells the last lab that the maker was removed. */
const LEFT = 'left';

export function tenancyOf(lab: string, maker: string | null, devices: readonly TenantDevice[]): Tenancy {
  const lo = devices.find(({ ifname }) => ifname === 'lo')?.alias ?? '';
  const group = groupOf(lab, ROLE.nodeEnd);
  // Two labs can have the same group number. Then the alias tells them apart, if there is one.
  const isOwn = (device: TenantDevice): boolean =>
    sameLab(device.group, group) && (markOf(device.alias)?.lab ?? lab) === lab;
  const ours = devices.filter((device) => isOurGroup(device.group));
  return {
    maker,
    hasMakerLeft: wordOf(lo, LEFT) !== null,
    isIn: ours.some(isOwn),
    othersAreIn: !ours.every(isOwn),
  };
}

/**
 * Whether the namespace is removed with this lab: linkloom made it, no other lab has devices in it, and its maker is this lab or
 * was removed.
 */
export function goesWith(lab: string, { maker, hasMakerLeft, othersAreIn }: Tenancy): boolean {
  return maker !== null && (maker === lab || hasMakerLeft) && !othersAreIn;
}

/** Whether no lab is left that could remove the namespace. */
export function isDeserted(tenancy: Tenancy): boolean {
  return tenancy.maker !== null && tenancy.hasMakerLeft && !tenancy.isIn && !tenancy.othersAreIn;
}

/** Whether the mark on `lo` says that this lab made the namespace, and was removed. */
export function hasLeft(lab: string, alias: string): boolean {
  return wordOf(alias, LEFT) !== null && markOf(alias)?.lab === lab;
}

/** The mark on `lo` after the maker was removed and other labs were not. */
export function leftAlias(alias: string): string {
  return withWord(alias, LEFT, 'yes');
}
