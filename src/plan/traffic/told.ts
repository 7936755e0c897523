import { NETEM_LIMIT_PACKETS } from '../../net/netem-qdisc.ts';
import { printNetem } from '../../topology/text/netem-print.ts';
import type { Netem } from '../../topology/values.ts';

/** A text of an observed netem without the values that nobody asked for: the kernel fills in a limit and a seed. */
export function toldNetem(found: Netem, wanted: Netem | null): string {
  const limitPackets = found.limitPackets === NETEM_LIMIT_PACKETS ? null : found.limitPackets;
  return printNetem({ ...found, limitPackets, seed: wanted?.seed ? found.seed : null }) || 'without options';
}
