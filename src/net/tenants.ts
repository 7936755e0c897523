/**
 * Labs that share a named namespace: which one's linkloom made it, and who is in it. Each lab that goes takes its own devices
 * along; the last one takes the namespace, whichever lab it was that made it.
 */
import { groupOf, isOurGroup, markOf, ROLE, sameLab, withWord, wordOf } from './mark.ts';

/** What has to be known of each device of the namespace. */
export interface TenantDevice {
  readonly ifname: string;
  readonly group: number;
  readonly alias: string;
}

export interface Tenancy {
  /** The lab whose linkloom made the namespace, by what nobody in it can write; null: it is not known that linkloom did. */
  readonly maker: string | null;
  /** The maker has gone before others did. */
  readonly hasMakerLeft: boolean;
  /** Whether this lab has devices in it. */
  readonly isIn: boolean;
  /** Whether another lab has. */
  readonly othersAreIn: boolean;
}

/** The further word of the mark on `lo` by which the last lab knows that the maker has gone. */
const LEFT = 'left';

export function tenancyOf(lab: string, maker: string | null, devices: readonly TenantDevice[]): Tenancy {
  const lo = devices.find(({ ifname }) => ifname === 'lo')?.alias ?? '';
  const group = groupOf(lab, ROLE.nodeEnd);
  // Two labs can have one number; then the alias tells, where there is one.
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

/** Whether the namespace goes with this lab: linkloom made it, no other lab is in it, nor is it another's that is still there. */
export function goesWith(lab: string, { maker, hasMakerLeft, othersAreIn }: Tenancy): boolean {
  return maker !== null && (maker === lab || hasMakerLeft) && !othersAreIn;
}

/** Whether nobody is in it any more who could take it along. */
export function isDeserted(tenancy: Tenancy): boolean {
  return tenancy.maker !== null && tenancy.hasMakerLeft && !tenancy.isIn && !tenancy.othersAreIn;
}

/** Whether the mark on `lo` says that this lab made the namespace, and has gone. */
export function hasLeft(lab: string, alias: string): boolean {
  return wordOf(alias, LEFT) !== null && markOf(alias)?.lab === lab;
}

/** The mark on `lo` once the maker has gone and others have not. */
export function leftAlias(alias: string): string {
  return withWord(alias, LEFT, 'yes');
}
