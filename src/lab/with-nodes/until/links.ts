/** Whether the links of a lab are up and as wanted. */
import type { Emit } from '../../../events.ts';
import { notRunning } from '../../../plan/pending/pending.ts';
import { statusOf } from '../../../plan/status/compare.ts';
import type { LinkStatus, StatusReport } from '../../../plan/status/status.ts';
import { pass, WHOLE_LAB } from '../../pass.ts';
import type { Session } from '../../session.ts';
import { type FoundNode, nsOf } from '../find.ts';

/** The lab as one more pass sees it. Throws what `pass` throws. */
export async function linksNow(session: Session, emit: Emit): Promise<StatusReport> {
  const { network, snapshot, plan } = await pass(session, WHOLE_LAB, emit);
  return statusOf(network, snapshot.observed, snapshot.placement, plan, notRunning(session.filter));
}

/** The links of these nodes that are not as wanted, each as `NODE:DEV is …`. `all`: also those of nodes that do not exist. */
export function missingOf(report: StatusReport, nodes: readonly FoundNode[], all: boolean): readonly string[] {
  const places = new Set(nodes.map(nsOf));
  const links = report.links.filter(({ ns, desired }) => places.has(ns) && (desired !== null || !report.configured));
  const faults = links.flatMap((link) => {
    const fault = faultOf(link);
    return fault === null ? [] : [`${link.link} ${fault}`];
  });
  const absent = report.pending.flatMap(({ subject, why }) => (all && subject.kind === 'node' ? [why] : []));
  return [...faults, ...absent];
}

/** Without a configuration, a link has nothing to differ from. */
function faultOf({ observed, desired, waits, drift }: LinkStatus): string | null {
  if (waits) return `waits: ${drift.join('; ')}`;
  if (observed === null) return 'is not there';
  if (drift.length > 0) return `is not as wanted: ${drift.join('; ')}`;
  const isUp = observed.operstate === 'UP' || observed.operstate === 'UNKNOWN';
  return desired === 'down' || isUp ? null : `is ${observed.operstate}`;
}
