import { TRAFFIC_FEATURES, type TrafficFeature, type TrafficResult, type TrafficTask } from '../../src/wire/machine.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendOne } from '../netlink/send-each.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import * as tc from '../netlink/tc-constants.ts';
import { enterNew } from '../netns.ts';
import { bareFilter, MATCH_ALL_KINDS, redirectAll } from '../rtnl/filter.ts';
import { createIngress, tcHeader } from '../rtnl/qdisc.ts';

/** The index of `lo` in every namespace. */
const LO = 1;

export function isTraffic(feature: string): feature is TrafficFeature {
  return (TRAFFIC_FEATURES as readonly string[]).includes(feature);
}

/** Kinds that were found. The kernel does not lose one, so later tasks need not ask again. */
const present = new Set<TrafficFeature>();

/** Finds out what of a task the kernel lacks, in a temporary namespace. Needs CAP_SYS_ADMIN. Throws SystemFault or HomeLost. */
export function traffic({ features }: TrafficTask): TrafficResult {
  const unknown = features.filter((feature) => !present.has(feature));
  if (unknown.length === 0) return { missing: [] };
  const missing = enterNew('probe', () => {
    using socket = new NetlinkSocket();
    return missingTraffic(socket, unknown);
  });
  for (const feature of unknown) if (!missing.includes(feature)) present.add(feature);
  return { missing };
}

/** Those that the kernel lacks. They are tried on `lo` of a namespace that is to be thrown away. */
export function missingTraffic(socket: NetlinkSocket, wanted: readonly TrafficFeature[]): readonly TrafficFeature[] {
  const qdiscs = wanted.filter((kind) => (kind === 'netem' || kind === 'tbf') && !hasQdisc(socket, kind));
  const filters = wanted.filter((kind) => kind === 'ingress' || kind === 'match-all' || kind === 'mirred');
  if (filters.length === 0) return qdiscs;
  const missing = missingOfIngress(socket);
  return [...qdiscs, ...filters.filter((kind) => missing.has(kind))];
}

/** Without options none is made: a kind that is there refuses that (EINVAL), one that is not is not known (ENOENT). */
function hasQdisc(socket: NetlinkSocket, kind: string): boolean {
  const nack = sendOne(socket, (batch) => {
    batch.begin(tc.RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
    tcHeader(batch, { ifindex: LO, handle: 0, parent: tc.TC_H_ROOT, info: 0 });
    batch.attrText(tc.TCA_KIND, kind);
    batch.end();
  });
  return nack === null || nack.errno === ERRNO.EINVAL;
}

/** A filter needs the ingress, and an action a filter: what comes after something that is missing is taken to be there. */
function missingOfIngress(socket: NetlinkSocket): ReadonlySet<TrafficFeature> {
  const send = (write: (batch: MessageBatch) => void): boolean => sendOne(socket, write) === null;
  if (!send((batch) => createIngress(batch, LO))) return new Set(['ingress']);
  const kind = MATCH_ALL_KINDS.find((one) => send((batch) => bareFilter(batch, LO, one, NLM_F_CREATE | NLM_F_EXCL)));
  if (kind === undefined) return new Set(['match-all']);
  return send((batch) => redirectAll(batch, LO, LO, kind)) ? new Set() : new Set(['mirred']);
}
