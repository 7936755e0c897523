/** What a pass sees of the kernel. */
import type { NsId } from '../net/ns-id.ts';
import { NOTHING_OBSERVED, type Observed } from '../plan/observed.ts';
import { type Placement, place, type SwitchSide } from '../plan/switch/placement.ts';
import type { Network } from '../topology/topology.ts';

/** What `diff` sees: what is there, and where each bridge is or is to be made. */
export interface Snapshot {
  readonly observed: Observed;
  readonly placement: Placement;
}

/** Of a kernel at which nobody looks: it counts as empty. */
export function emptySnapshot({ lab, bridges, links }: Network, side: SwitchSide, host: NsId): Snapshot {
  return { observed: NOTHING_OBSERVED, placement: place(lab, side, bridges, links, NOTHING_OBSERVED, host) };
}
