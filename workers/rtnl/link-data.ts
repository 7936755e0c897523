/** How IFLA_INFO_DATA of each kind of link is written and read. A kind without its row does not compile. */
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
  /** Null: there is nothing to say but the kind. */
  readonly write: ((batch: MessageBatch, data: D) => void) | null;
  /** One attribute: its type, where its header begins, its length with the header. Null: nothing of it is of interest. */
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

/** A number that the kernel has and we have no word for is told as it is. */
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
  // Its other end is nested in the data too; that is written with the link (VETH_INFO_PEER).
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

/** Inside IFLA_INFO_DATA. */
export function writeLinkData(batch: MessageBatch, data: LinkData): void {
  const row: Row<never> = ROWS[data.type];
  row.write?.(batch, data as never);
}

/** Read a link's IFLA_INFO_DATA; nothing happens for devices of other kinds. */
export function readLinkData(seen: Mutable<LinkDump>, bytes: Buffer, data: number, dataLength: number): void {
  const row = Object.hasOwn(ROWS, seen.kind) ? ROWS[seen.kind as LinkType] : undefined;
  const read = row?.read;
  if (!read) return;
  eachAttribute(bytes, data + nl.NLA_HDRLEN, data + dataLength, (type, at, length) =>
    read(seen, bytes, type, at, length),
  );
}
