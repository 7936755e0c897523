/**
 * `report/proof/` prints what `verify` found.
 *
 * This file: for programs.
 */
import { countOf, isFault, type LinkProof, type Proof } from '../../proof/proof.ts';
import { verb } from '../../verb-names.ts';
import type { JunitSuite } from '../ci/junit.ts';

/** The document of `verify --json`. Latencies are in nanoseconds. */
export function proofJson(proof: Proof, timings: Readonly<Record<string, number>>): object {
  return { schemaVersion: 1, verb: 'verify', ...proofPart(proof), timings };
}

/** A host that has proved its part of a lab over several hosts alone. */
export interface ProvingHost {
  readonly host: string;
  /** Names of the bridges that lead to other hosts. */
  readonly crossing: ReadonlySet<string>;
  /** Of these other hosts. */
  readonly peers: readonly string[];
}

/**
 * The document of `POST /verify` of a host's agent. Where something that was asked for leads to other hosts, `part` says what, and the lab
 * is not `proved`, whatever else is in order.
 */
export function hostProofJson(proof: Proof, on: ProvingHost, timings: Readonly<Record<string, number>>): object {
  const { host, crossing, peers } = on;
  const bridges = [...crossing].filter((name) => proof.links.some(({ domain }) => isWithin(domain, name))).sort();
  if (bridges.length === 0) return proofJson(proof, timings);
  const message = `what leads to ${peers.join(', ')} is not proved by ${host} alone`;
  const hint = `${verb('verify', '--store')} has all hosts prove it together`;
  const links = proof.links.map((link) =>
    link.state === 'not-proved' && bridges.some((name) => isWithin(link.domain, name))
      ? { ...link, message, hint }
      : link,
  );
  const tunnels = proof.tunnels.filter(({ bridge }) => !crossing.has(bridge));
  return {
    ...proofJson({ ...proof, links, tunnels }, timings),
    proved: false,
    part: { host, peers, bridges, message, hint },
  };
}

/** Whether a domain, as people read it, is a bridge or one of its VLANs. */
function isWithin(domain: string | null, bridge: string): boolean {
  return domain === bridge || (domain?.endsWith(` of ${bridge}`) ?? false);
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
