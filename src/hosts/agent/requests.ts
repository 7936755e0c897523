/**
 * `hosts/` is one lab over several hosts at work: the agent that each host runs, and the verbs that write and read what they share. It
 * drives lab/ and daemon/, and knows the store only as `cluster/` has it.
 *
 * `agent/`: what runs on each host. This file: a record becomes a request for this host's part of the lab.
 */
import { withSources } from '../../cluster/node-files.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { HostView } from '../../cluster/state.ts';
import type { Request } from '../../lab/request.ts';
import { type Part, partOf } from '../../spread/part.ts';
import type { HostName, NodeKey, Spread } from '../../spread/spread.ts';
import { sourceOnHost } from './node-files.ts';

/** What of an agent's options is used for every lab. */
export type AgentRequest = Omit<Request, 'load' | 'cut'>;

/** How a record's lab lies on its hosts; containers are where they run. */
export function spreadOf({ record }: Pick<Recorded, 'record'>, claims: Spread['claims']): Spread {
  const { hosts, place, vni } = record;
  return { hosts, place, claims, vni };
}

/** By node, the hosts on which its containers run. */
export function claimsOf(views: Iterable<Pick<HostView, 'host' | 'info'>>): ReadonlyMap<NodeKey, readonly HostName[]> {
  const claims = new Map<NodeKey, HostName[]>();
  for (const { host, info } of views) {
    for (const key of info?.nodes ?? []) claims.set(key, [...(claims.get(key) ?? []), host]);
  }
  return claims;
}

/** The request for one host's part of a lab, as containers run and hosts live `now`. `onPart` is told the part whenever the configuration is read. */
export function requestFor(
  base: AgentRequest,
  recorded: Recorded,
  host: HostName,
  now: { readonly claims: () => Spread['claims']; readonly lost: () => ReadonlySet<HostName> },
  onPart: (part: Part) => void,
): Request {
  const config = withSources(recorded.record.config, (source) => sourceOnHost(recorded.lab, source));
  return {
    ...base,
    ofHost: true,
    load: loadOf({ lab: recorded.lab, config }),
    cut: (topology) => {
      const part = partOf(topology, spreadOf(recorded, now.claims()), host, now.lost());
      onPart(part);
      return part.topology;
    },
  };
}

/** Loads a configuration that came in a record. */
export function loadOf({ lab, config }: { readonly lab: string; readonly config: object }): Request['load'] {
  const text = new TextEncoder().encode(JSON.stringify(config));
  return {
    ...{ cwd: '/', env: {}, files: ['-'], discover: false, asCompose: false, lab },
    readStdin: async () => text,
  };
}
