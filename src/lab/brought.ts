import type { Summary } from '../events.ts';
import type { Network } from '../topology/topology.ts';

/** What one pass did, and on what. */
export interface Brought {
  readonly summary: Summary;
  readonly network: Network;
}
