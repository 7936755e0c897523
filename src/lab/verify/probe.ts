/** Sends the probes of a proof, round after round. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '../../engine/failure.ts';
import type { ProbeThread } from '../../engine/threads/prober.ts';
import { LinkloomError } from '../../errors.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Observed } from '../../plan/observed.ts';
import type { Domains } from '../../proof/domains.ts';
import type { LocalEnd } from '../../proof/end.ts';
import { type Findings, groupwise } from '../../proof/groups.ts';
import type { LinkProof } from '../../proof/proof.ts';
import type { ProbeFailure } from '../../wire/probe.ts';
import { probeEnds } from './looking.ts';

export interface Probed {
  readonly found: Findings;
  readonly sockets: number;
  /** The same proof, unless the namespace of its link could not be entered. */
  readonly unlessClosed: (proof: LinkProof) => LinkProof;
}

interface Probing {
  readonly domains: Domains;
  readonly places: readonly NsId[];
  readonly observed: Observed;
  readonly timeoutMs: number;
}

/** Uses the thread up. Throws E_INTERRUPTED, and what the thread throws. */
export async function probe(thread: ProbeThread, probing: Probing, signal: AbortSignal | null): Promise<Probed> {
  const { domains, places, observed, timeoutMs } = probing;
  const untilMs = performance.now() + timeoutMs;
  const stop = (): void => thread.stop();
  signal?.addEventListener('abort', stop);
  try {
    const inodeOf = (ns: NsId): number => observed.namespaces.get(ns)?.dump.inode ?? 0;
    const opening = thread.open(
      places.map((ns) => ({ ns, inode: inodeOf(ns) })),
      probeEnds(domains.ends, places, inodeOf),
    );
    const leftMs = (): number => Math.max(0, untilMs - performance.now());
    const sendings = groupwise(domains.ends, domains.domains);
    // While the sockets are opened.
    let next = sendings.next(leftMs());
    const { sockets, failures } = await opening;
    while (!next.done) {
      if (signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted while the wires were proved');
      const { pauseMs, batch, note } = next.value;
      if (pauseMs > 0) await sleep(Math.min(pauseMs, leftMs()));
      const sent = await thread.send({ ...batch.batch, waitMs: Math.min(batch.batch.waitMs, leftMs()) });
      note(sent.refused, sent.arrivals);
      next = sendings.next(leftMs());
    }
    if (signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted while the wires were proved');
    // Beside what is still to be done with what has arrived.
    thread.close();
    return { found: next.value, sockets, unlessClosed: closed(domains.ends, places, inodeOf, failures) };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Links whose namespace could not be entered are missing, and the reason is that. */
function closed(
  ends: readonly LocalEnd[],
  places: readonly NsId[],
  inodeOf: (ns: NsId) => number,
  failures: readonly ProbeFailure[],
): Probed['unlessClosed'] {
  const whys = new Map(failures.map(({ place, failure }) => [inodeOf(places[place] as NsId), failure]));
  const linkFailures = new Map(
    ends.flatMap(({ ns, link }) => {
      const failure = whys.get(inodeOf(ns));
      return failure === undefined ? [] : [[link.id, describe(failure, null, ns)] as const];
    }),
  );
  return (proof) => {
    const why = linkFailures.get(proof.link);
    return why === undefined ? proof : { ...proof, state: 'missing', message: why.message, hint: why.hint ?? null };
  };
}
