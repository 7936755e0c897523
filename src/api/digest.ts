/** Tells whether two processes that have read the same files have understood the same. */
import { sha256Hex } from '../net/digest.ts';
import type { Topology } from '../topology/topology.ts';

/** A hash of all that a configuration says. Places in files are functions, so they are left out. */
export function digestOf(topology: Topology): string {
  return sha256Hex(JSON.stringify(topology));
}
