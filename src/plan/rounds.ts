/** Parts a plan of many direct wires, so that few of them are half made at any time. */
import type { NsId } from '../net/ns-id.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import type { LinkAdd } from '../wire/ops/links.ts';

/**
 * The most direct wires that are half made at a time: four full dispatches of `DISPATCH_WEIGHT`.
 *
 * A wire whose far end is not up yet has lost its carrier twice, which puts both its ends on the list of the kernel's link watcher.
 * The watcher takes such devices off at leisure, but walks the whole list, under RTNL, each time any device gains a carrier
 * (`__linkwatch_run_queue` in net/core/link_watch.c). Making 20,000 links in a C program took 6.6 s in rounds of 500 wires and 11.5 s with all far
 * ends last; rounds of 250 to 1,000 differ by 2 % (bench/README.md). Besides, the thread that makes namespaces ahead has work all along.
 */
const WIRES_A_ROUND = 512;

/** The ops of each round but the last, and all others: what is not of a direct wire comes with the last round. */
export interface Rounds {
  readonly early: readonly (readonly Op[])[];
  readonly rest: readonly Op[];
}

/**
 * Parts the ops of a plan. A round makes some wires whole, with the namespaces that they are the first to need. The wires of a
 * namespace follow one another.
 */
export function roundsOf(ops: readonly Op[]): Rounds {
  const wires = wiresByNamespace(ops);
  const count = Math.ceil(wires.length / WIRES_A_ROUND) - 1;
  if (count < 1) return { early: [], rest: ops };
  const roundOf = new RoundsOfParts();
  for (const [at, wire] of wires.slice(0, count * WIRES_A_ROUND).entries()) {
    roundOf.add(wire, Math.floor(at / WIRES_A_ROUND));
  }
  const early = Array.from({ length: count }, (): Op[] => []);
  const rest: Op[] = [];
  for (const op of ops) (early[roundOf.get(op) ?? count] ?? rest).push(op);
  return { early, rest };
}

/** The ops that make direct wires, in the order of the namespaces from which they are made. */
function wiresByNamespace(ops: readonly Op[]): readonly LinkAdd[] {
  const byNs = new Map<NsId, LinkAdd[]>();
  for (const op of ops) {
    if (op.op !== 'link.add' || farLinkOf(op) === null) continue;
    const known = byNs.get(op.ns);
    if (known) known.push(op);
    else byNs.set(op.ns, [op]);
  }
  return [...byNs.values()].flat();
}

function farLinkOf(op: LinkAdd): string | null {
  return peerOf(op)?.link ?? null;
}

/** In which round the parts of wires are made: both links, and the namespaces that a wire is the first to need. */
class RoundsOfParts {
  readonly #links = new Map<string, number>();
  readonly #namespaces = new Map<NsId, number>();

  add(wire: LinkAdd, round: number): void {
    const peer = peerOf(wire);
    for (const link of [wire.link, peer?.link]) if (link) this.#links.set(link, round);
    for (const ns of [wire.ns, peer?.ns]) if (ns && !this.#namespaces.has(ns)) this.#namespaces.set(ns, round);
  }

  /** undefined: the op is not of these wires, or comes after all links. */
  get(op: Op): number | undefined {
    switch (op.op) {
      case 'netns.add':
        return this.#namespaces.get(op.ns);
      case 'link.add':
      case 'link.set':
        return op.link === null ? undefined : this.#links.get(op.link);
      case 'qdisc.netem':
      case 'qdisc.tbf':
        return op.link === null || ('stacked' in op && op.stacked) ? undefined : this.#links.get(op.link);
      default:
        return undefined;
    }
  }
}
