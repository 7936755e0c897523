/** A proof over several hosts: what each host knows of its ends becomes one list of ends, as if all were on one host. */
import type { Netem } from '../topology/values.ts';
import type { Narrow } from './causes.ts';
import type { Absent, Domain, End, Manner } from './end.ts';

/** What a host says of the domains that it shares with others. */
export interface HostPart {
  readonly domains: readonly PartDomain[];
  /** The number of an end at its host is its place in this list. */
  readonly ends: readonly PartEnd[];
}

export interface PartDomain {
  readonly key: string;
  readonly label: string;
  readonly bridge: string | null;
  readonly below: string | null;
  readonly manner: Manner;
  readonly absent: readonly (Omit<Absent, 'link'> & { readonly link: string })[];
}

export interface PartEnd {
  readonly link: string;
  /** The place of its domain in the host's list. */
  readonly domain: number;
  readonly mac: string;
  readonly mtuBytes: number;
  readonly place: string;
  readonly parent: string | null;
  readonly meetsSiblings: boolean;
  readonly address: string | null;
  readonly impairments: readonly Netem[];
  /** As of `Reasons.leastAt`. */
  readonly least: Narrow | null;
}

/** An end of one of the hosts. */
export interface HostEnd extends End {
  readonly host: string;
  /** Its number at its host. */
  readonly own: number;
  readonly least: Narrow | null;
}

export interface Joined {
  readonly domains: readonly Domain[];
  /** By their numbers. */
  readonly ends: readonly HostEnd[];
}

const LEAKY: Omit<Absent, 'link'> = {
  state: 'not-proved',
  message: 'its bridge leads out of the lab, and a probe to another host would, too',
  hint: null,
};

/** How much less a domain can be probed. */
const CAUTION: Readonly<Record<Manner, number>> = { free: 0, taught: 1, exact: 2 };

/**
 * Joins the parts, by the name of their host. `absentOf`: links of a bridge on hosts that have no part. Where a bridge has to be taught,
 * frames to another host could not be kept from leaving the lab, so nothing is sent there.
 */
export function joinParts(
  parts: ReadonlyMap<string, HostPart>,
  absentOf: (bridge: string) => readonly Absent[] = () => [],
): Joined {
  const joining = new Map<string, { first: PartDomain; manner: Manner; ends: HostEnd[]; absent: Absent[] }>();
  for (const [host, { domains, ends }] of parts) {
    const ofDomain = domains.map((): HostEnd[] => []);
    for (const [own, end] of ends.entries()) ofDomain[end.domain]?.push(endOf(host, own, end));
    for (const [at, domain] of domains.entries()) {
      const known = joining.get(domain.key) ?? { first: domain, manner: domain.manner, ends: [], absent: [] };
      joining.set(domain.key, known);
      if (CAUTION[domain.manner] > CAUTION[known.manner]) known.manner = domain.manner;
      known.absent.push(...domain.absent.map((one) => ({ ...one, link: { id: one.link } })));
      known.ends.push(...(ofDomain[at] ?? []));
    }
  }
  const all: HostEnd[] = [];
  const joined = [...joining.values()].map(({ first, manner, ends, absent }): Domain => {
    const { key, label, bridge, below } = first;
    const missing = [...absent, ...(bridge === null || below !== null ? [] : absentOf(bridge))];
    if (manner === 'taught') {
      const unproved = ends.map(({ link }) => ({ ...LEAKY, link }));
      return { key, label, bridge, below, manner, ends: [], absent: [...missing, ...unproved] };
    }
    const numbered = ends.map((end, at) => ({ ...end, number: all.length + at }));
    all.push(...numbered);
    return { key, label, bridge, below, manner, ends: numbered, absent: missing };
  });
  return { domains: joined, ends: all };
}

/** Places of two hosts can have the same name. */
function endOf(host: string, own: number, { link, domain: _domain, place, parent, ...end }: PartEnd): HostEnd {
  const at = (of: string): string => `${host} ${of}`;
  return {
    ...{ ...end, number: 0, host, own, link: { id: link } },
    ...{ place: at(place), parent: parent === null ? null : at(parent) },
  };
}
