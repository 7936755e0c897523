/** How IFLA_INFO_DATA of each kind of link is written and read. The compiler refuses a kind that has no row here. */
import type { IpvlanMode } from '../../src/kinds/links/ipvlan.ts';
import type { LinkData, LinkType } from '../../src/kinds/links/link-kinds.ts';
import type { MacvlanMode } from '../../src/kinds/links/macvlan.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { attrU16, attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Seen = Mutable<Pick<LinkDump, 'mode' | 'vlanId'>>;

interface Row<D> {
  /** Null: this kind has no settings to write. */
  readonly write: ((batch: MessageBatch, data: D) => void) | null;
  /** Reads one attribute: its type, the offset of its header, its length with the header. Null: no attribute of this kind is read. */
  readonly read: ((seen: Seen, bytes: Buffer, type: number, at: number, length: number) => void) | null;
}

/** linux/if_link.h, enum macvlan_mode. */
const MACVLAN_NUMBERS: Readonly<Record<MacvlanMode, number>> = {
  private: 1,
  vepa: 2,
  bridge: 4,
  passthru: 8,
  source: 16,
};
/** linux/if_link.h, enum ipvlan_mode. */
const IPVLAN_NUMBERS: Readonly<Record<IpvlanMode, number>> = { l2: 0, l3: 1, l3s: 2 };

/** The name of a mode, or its number as text if this program knows no name for it. */
function wordOf(numbers: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(numbers).find((word) => numbers[word] === number) ?? String(number);
}

const NOTHING = { write: null, read: null };

const MACVLAN: Row<Extract<LinkData, { readonly type: 'macvlan' | 'macvtap' }>> = {
  write: (batch, { mode }) => batch.attrU32(nl.IFLA_MACVLAN_MODE, MACVLAN_NUMBERS[mode]),
  read(seen, bytes, type, at, length) {
    if (type === nl.IFLA_MACVLAN_MODE) seen.mode = wordOf(MACVLAN_NUMBERS, attrU32(bytes, at, length));
  },
};

const IPVLAN: Row<Extract<LinkData, { readonly type: 'ipvlan' | 'ipvtap' }>> = {
  write: (batch, { mode }) => batch.attrU16(nl.IFLA_IPVLAN_MODE, IPVLAN_NUMBERS[mode]),
  read(seen, bytes, type, at, length) {
    if (type === nl.IFLA_IPVLAN_MODE) seen.mode = wordOf(IPVLAN_NUMBERS, attrU16(bytes, at, length));
  },
};

const ROWS: { readonly [T in LinkType]: Row<Extract<LinkData, { readonly type: T }>> } = {
  // The data holds only the peer (VETH_INFO_PEER), which `createLink` writes.
  veth: NOTHING,
  dummy: NOTHING,
  vlan: {
    write: (batch, { vlanId }) => batch.attrU16(nl.IFLA_VLAN_ID, vlanId),
    read(seen, bytes, type, at, length) {
      if (type === nl.IFLA_VLAN_ID) seen.vlanId = attrU16(bytes, at, length);
    },
  },
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  ipvlan: IPVLAN,
  ipvtap: IPVLAN,
};

/** Writes the attributes that belong inside IFLA_INFO_DATA. */
export function writeLinkData(batch: MessageBatch, data: LinkData): void {
  const row: Row<never> = ROWS[data.type];
  row.write?.(batch, data as never);
}

/** Reads a link's IFLA_INFO_DATA into `seen`. Does nothing for kinds that are not in the table. */
export function readLinkData(seen: Mutable<LinkDump>, bytes: Buffer, data: number, dataLength: number): void {
  const row = Object.hasOwn(ROWS, seen.kind) ? ROWS[seen.kind as LinkType] : undefined;
  const read = row?.read;
  if (!read) return;
  eachAttribute(bytes, data + nl.NLA_HDRLEN, data + dataLength, (type, at, length) =>
    read(seen, bytes, type, at, length),
  );
}
