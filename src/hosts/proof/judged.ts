/** What a proof of the wires between hosts has shown → what is proved of each of their links. */
import type { HostName } from '../../cluster/names.ts';
import type { Reasons } from '../../proof/causes.ts';
import type { End } from '../../proof/end.ts';
import type { Finding } from '../../proof/findings.ts';
import type { HostEnd } from '../../proof/parts.ts';
import { isFault, type LinkProof } from '../../proof/proof.ts';
import { proofOfAbsent, proofsOf } from '../../proof/verdicts.ts';
import type { Led } from './leading.ts';

/** How much a tunnel adds to a packet: headers of Ethernet, VXLAN, UDP and IP (RFC 7348). */
const OUTER_BYTES = { 4: 50, 6: 70 } as const;

/** What is between hosts. */
export interface Underlay {
  readonly mtuBytes: number;
  readonly address: string;
}

/** How large a packet passes between hosts in one piece, of what a link carries. */
export function wholeBytes(underlays: readonly Underlay[]): number {
  return Math.min(...underlays.map(({ mtuBytes, address }) => mtuBytes - OUTER_BYTES[address.includes(':') ? 6 : 4]));
}

export interface Judging {
  readonly led: Led;
  /** Hosts that stopped answering, and how that is said. */
  readonly silent: ReadonlyMap<HostName, string>;
  readonly underlays: ReadonlyMap<HostName, Underlay>;
}

/** Of each link whose host took part. */
export function judge(judging: Judging): readonly LinkProof[] {
  const { found, nameOf, joined, closed } = judging.led;
  const proofs = proofsOf(found, reasonsOf(judging), nameOf).map((proof, at) => {
    const finding = found.findings[at] as Finding;
    const why = closed.get(finding.end.number);
    if (why !== undefined) return { ...proof, state: 'missing' as const, message: why.message, hint: why.hint };
    const silence = silenceOf(judging, finding, proof);
    if (silence === null) return proof;
    return { ...proof, state: 'not-proved' as const, message: silence, hint: null, hears: [], heardBy: [] };
  });
  const absent = joined.domains.flatMap(({ absent: list, label }) => list.map((one) => proofOfAbsent(one, label)));
  return [...proofs, ...absent];
}

/** Why nothing is said of a link: a host stopped answering that has it, or has all others from which it was to hear. null: no host did. */
function silenceOf({ silent }: Judging, { end, partners }: Finding, { state }: LinkProof): string | null {
  const why = (one: End): string | undefined => silent.get((one as HostEnd).host);
  const own = why(end);
  if (own !== undefined) return own;
  if (!isFault(state) || partners.length === 0 || !partners.every((one) => why(one) !== undefined)) return null;
  return why(partners[0] as End) ?? null;
}

function reasonsOf({ led, underlays }: Judging): Reasons {
  const { explained } = led;
  const underlaysOf = (ends: readonly End[]): readonly Underlay[] =>
    ends.flatMap((end) => underlays.get((end as HostEnd).host) ?? []);
  return {
    causeAt: ({ number }) => explained.get(number)?.cause ?? null,
    leastAt: (end) => explained.get(end.number)?.least ?? (end as HostEnd).least,
    between: (end, partners, mtuBytes) => {
      const away = partners.filter((one) => (one as HostEnd).host !== (end as HostEnd).host);
      const bytes = wholeBytes(underlaysOf([end, ...away]));
      if (away.length === 0 || mtuBytes <= bytes) return null;
      const hosts = [...new Set([end, ...away].map((one) => (one as HostEnd).host))].sort().join(' and ');
      return {
        text: `between ${hosts} what is larger than ${bytes} bytes goes in fragments, and they are lost`,
        hint: `give the link \`mtu: ${bytes}\`, or find what drops fragments between the hosts`,
      };
    },
    whereToLook: (end) => {
      const look = explained.get(end.number)?.look ?? 'see to its agent';
      return `on ${(end as HostEnd).host}: ${look}`;
    },
  };
}
