/**
 * Lists all kinds of links by the words of the configuration, which are also the kernel's (IFLA_INFO_KIND), and answers the
 * questions of other code.
 */
import { type DummyPart, dummy } from './dummy.ts';
import { type IpvlanData, type IpvlanPart, ipvlan, ipvtap } from './ipvlan.ts';
import type { KindChange, LinkKind, Parent, Reach, SeenKind, WrittenLink } from './kind.ts';
import { type MacvlanData, type MacvlanPart, macvlan, macvtap } from './macvlan.ts';
import { type VethData, type VethPart, veth } from './veth.ts';
import { type VlanData, type VlanPart, vlan } from './vlan.ts';

/** What a link with a parent has in addition to what all links have. */
export type StackedPart = VlanPart | MacvlanPart | IpvlanPart;
/** What a link has in addition to what all links have, by its `type`. */
export type LinkPart = VethPart | DummyPart | StackedPart;

/** What the kernel must know of a device with a parent. */
export type StackedData = VlanData | MacvlanData | IpvlanData;
/** What the kernel must know of a device, by its `type`. */
export type LinkData = VethData | DummyPart | StackedData;

/** The table. The compiler checks that each kind has its part and its data, and that each of these has its kind. */
const LINK_KINDS = { veth, dummy, vlan, ipvlan, ipvtap, macvlan, macvtap } satisfies Record<
  LinkPart['type'] & LinkData['type'],
  unknown
>;

export type LinkType = keyof typeof LINK_KINDS;
export const LINK_TYPES = Object.keys(LINK_KINDS) as readonly LinkType[];
/** The kind of a link that names none. */
export const DEFAULT_LINK_TYPE: LinkType = 'veth';

type AnyLinkKind = LinkKind<LinkPart, LinkData>;

/** The kind that a link's `type` names. */
export function linkKind(type: LinkType = DEFAULT_LINK_TYPE): AnyLinkKind {
  return LINK_KINDS[type];
}

/** The part of a written link that belongs to its kind; null if something that it needs is missing. */
export function partOf(type: LinkType, written: WrittenLink): LinkPart | null {
  return linkKind(type).part(written);
}

/** What the kernel must know of a device with a parent. */
export function stackedData(part: StackedPart): StackedData {
  return linkKind(part.type).data(part) as StackedData;
}

/** The broadcast domain that a link joins; null if its kind joins none. */
export function bridgeOf(part: LinkPart): string | null {
  return 'bridge' in part ? part.bridge : null;
}

/** Whether a link of this kind joins a broadcast domain. */
export function joinsBridge(type: LinkType | undefined): boolean {
  return linkKind(type).needs.some(({ key }) => key === 'bridge');
}

/** The parent device of a link, as written; null if it has none. */
export function parentOf(part: LinkPart): Parent | null {
  return 'parent' in part ? part.parent : null;
}

/** The configured name of a link's end on the switch side; null if it has none, or no such end. */
export function givenOuterDev(part: LinkPart): string | null {
  return 'outerDev' in part ? part.outerDev : null;
}

/** Whom a link reaches by frames of its own. */
export function reachOf(part: LinkPart): Reach {
  return linkKind(part.type).reach(part);
}

/** The VLAN id of a link; null if it is no VLAN. */
export function vlanIdOf(part: LinkPart): number | null {
  return 'vlanId' in part ? part.vlanId : null;
}

/** The mode that a link has once it is made; null if its kind has no modes. */
export function modeOf(part: LinkPart): string | null {
  const data = linkKind(part.type).data(part);
  return 'mode' in data ? data.mode : null;
}

/** Whether a link has a MAC address of its own. If not, it has its parent's. */
export function hasOwnMac(part: LinkPart): boolean {
  return linkKind(part.type).hasOwnMac(part);
}

/** What differs between a device of the wanted kind and the wanted link, and can be changed in place; null if nothing does. */
export function kindChange(part: LinkPart, seen: SeenKind): KindChange<LinkData> | null {
  return linkKind(part.type).change(part, seen);
}

/** What is known of a device's kind. `kind` is the kernel's word for it, '' for hardware. */
interface SeenDevice {
  readonly kind: string;
}

/** Whether a device is one of two ends. */
export function isPairedDevice({ kind }: SeenDevice): boolean {
  return seenKind(kind)?.isPaired ?? false;
}

/** Whether a device goes up and down with its parent. */
export function followsParent({ kind }: SeenDevice): boolean {
  return seenKind(kind)?.followsParent ?? false;
}

/** Whether a device of this kind has a parent. */
export function standsOnParent({ kind }: SeenDevice): boolean {
  return seenKind(kind)?.needs.some(({ key }) => key === 'outer-dev') ?? false;
}

function seenKind(word: string): AnyLinkKind | undefined {
  return Object.hasOwn(LINK_KINDS, word) ? LINK_KINDS[word as LinkType] : undefined;
}
