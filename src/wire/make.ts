import type { DummyPart } from '../kinds/links/dummy.ts';
import type { StackedData } from '../kinds/links/link-kinds.ts';
import type { VethData } from '../kinds/links/veth.ts';
import type { NsId } from '../net/ns-id.ts';
import type { PlacedDevice } from '../topology/topology.ts';

/** What a device is made as, by its type: what the kernel is told, and the other devices that it needs. */
export type LinkMake =
  | (VethData & { readonly peer: PeerEnd })
  | DummyPart
  | (StackedData & { readonly parent: PlacedDevice });

/** The other end of a veth. The kernel can't set it up at creation (ENOTCONN). */
export interface PeerEnd {
  readonly ns: NsId;
  readonly dev: string;
  readonly group: number;
  readonly mtuBytes: number | null;
  /** null: the kernel chooses. */
  readonly mac: string | null;
  /**
   * `direct` only: the `NODE:DEV` of this end's own link, which fails together with the other. null: the end is a port.
   */
  readonly link: string | null;
}

interface Making {
  readonly make: LinkMake;
}

/** The other end that is made together with a device. null: the device has none. */
export function peerOf({ make }: Making): PeerEnd | null {
  return 'peer' in make ? make.peer : null;
}

/** The parent of a new child device. null: the device is made without a parent. */
export function parentOf({ make }: Making): PlacedDevice | null {
  return 'parent' in make ? make.parent : null;
}
