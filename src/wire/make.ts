import type { DummyPart } from '../kinds/links/dummy.ts';
import type { StackedData } from '../kinds/links/link-kinds.ts';
import type { VethData } from '../kinds/links/veth.ts';
import type { NsId } from '../net/ns-id.ts';
import type { PlacedDevice } from '../topology/topology.ts';

/** What a device is to be, by its kind: what the kernel is told of it, and the other devices that it needs. */
export type LinkMake =
  | (VethData & { readonly peer: PeerEnd })
  | DummyPart
  | (StackedData & { readonly parent: PlacedDevice });

/** The other end of a veth. It cannot be up at creation (ENOTCONN). */
export interface PeerEnd {
  readonly ns: NsId;
  readonly dev: string;
  readonly group: number;
  readonly mtuBytes: number | null;
  /** null: the kernel's choice. */
  readonly mac: string | null;
  /** `direct` only: the `NODE:DEV` of the link this end is, which fails with the other; null for a port. */
  readonly link: string | null;
}

interface Making {
  readonly make: LinkMake;
}

/** The other end that is made with a device; null: it has none. */
export function peerOf({ make }: Making): PeerEnd | null {
  return 'peer' in make ? make.peer : null;
}

/** The device that another one is made on; null: on none. */
export function parentOf({ make }: Making): PlacedDevice | null {
  return 'parent' in make ? make.parent : null;
}
