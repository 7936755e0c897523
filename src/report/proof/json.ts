/**
 * `report/proof/` prints what `verify` found.
 *
 * This file: for programs.
 */
import { countOf, isFault, type LinkProof, type Proof } from '../../proof/proof.ts';
import type { JunitSuite } from '../ci/junit.ts';

/** The document of `verify --json`. Latencies are in nanoseconds. */
export function proofJson(proof: Proof, timings: Readonly<Record<string, number>>): object {
  return { schemaVersion: 1, verb: 'verify', ...proofPart(proof), timings };
}

/** What it has in the documents of other verbs. */
export function proofPart({ lab, links, tunnels, probes }: Proof): object {
  return {
    lab,
    proved: links.length > 0 && !links.some(({ state }) => isFault(state)),
    counts: countsOf(links),
    links,
    tunnels,
    probes,
  };
}

/** How many links are ok, at fault, and not proved. */
export function countsOf(links: readonly LinkProof[]): {
  links: number;
  ok: number;
  faults: number;
  notProved: number;
} {
  return {
    links: links.length,
    ok: countOf(links, (state) => state === 'ok'),
    faults: countOf(links, isFault),
    notProved: countOf(links, (state) => state === 'not-proved'),
  };
}

/** A case for each link. */
export function proofSuite({ lab, links }: Proof, seconds: number): JunitSuite {
  const cases = links.map(({ link, state, domain, message, hint }) => ({
    name: link,
    group: `${lab}.${domain ?? 'none'}`,
    ...(state === 'not-proved' && { skipped: message ?? state }),
    ...(isFault(state) && {
      failure: {
        kind: state,
        message: message ?? state,
        details: [message, hint].filter((line) => line !== null).join('\n'),
      },
    }),
  }));
  return { name: `wiring of ${lab}`, cases, seconds };
}
