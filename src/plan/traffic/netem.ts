/** Impairments: netem at the root of a link's device in its node, or of a tunnel's device. */

import { sameLab } from '../../net/mark.ts';
import { distributionsIn, isHandleOfHand } from '../../net/netem-qdisc.ts';
import type { NsId } from '../../net/ns-id.ts';
import { placedParent } from '../../topology/links.ts';
import { tunnelDev } from '../../topology/names.ts';
import { printNetem } from '../../topology/text/netem-print.ts';
import type { Link } from '../../topology/topology.ts';
import type { Netem } from '../../topology/values.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { QdiscNetem } from '../../wire/ops/traffic.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';
import { tunnelId } from '../parents/tunnels.ts';
import { isSameNetem } from './netem-same.ts';
import { toldNetem } from './told.ts';
import { alsoChanges, fatesOf, isMade, verdictPlaces } from './verdicts.ts';

/** A device that may be impaired, and the link or tunnel that it belongs to. */
interface Target {
  /** `NODE:DEV`, or a tunnel's name. */
  readonly id: string;
  readonly ns: NsId;
  readonly dev: string;
  readonly netem: Netem | null;
}

/** Plans impairments to set, change or remove. A device that the plan makes is impaired before a packet can leave it. */
export function planImpairments(context: Context): void {
  const places = verdictPlaces(context);
  for (const link of context.network.links) planLink(context, link, places.get(link.id));
  const fateOf = fatesOf(context);
  for (const spec of context.network.tunnels) {
    const ns = context.placement.nsOfBridge.get(spec.bridge);
    const fate = fateOf(tunnelId(spec));
    if (ns === undefined || fate === 'blocked' || spec.isInTrunk) continue;
    const target = { id: tunnelId(spec), ns, dev: tunnelDev(spec), netem: spec.netem };
    if (fate === 'made') impairNew(context, target, 'missing', false);
    else planImpairment(context, target);
  }
}

function planLink(context: Context, link: Link, place: number | undefined): void {
  const planned = place === undefined ? undefined : context.draft.links[place];
  if (planned === undefined || planned.verdict === 'blocked' || planned.verdict === 'waits') return;
  const target = { id: link.id, ns: link.node.ns, dev: link.dev, netem: link.spec.netem };
  if (isMade(planned)) return impairNew(context, target, planned.cause, placedParent(link) !== null);
  if (context.overrides.ofNodeEnd(link)?.set.traffic) return;
  const cause = planImpairment(context, target);
  if (cause !== null) alsoChanges(context, link.id, place, cause);
}

function impairNew(context: Context, target: Target, cause: string, stacked: boolean): void {
  if (target.netem !== null) context.draft.ops.push({ ...impair(target, cause), undo: true, stacked });
}

/** Plans one impairment if it differs from what is wanted. Returns the cause, or null. */
function planImpairment(context: Context, target: Target): string | null {
  const device = context.observed.namespaces.get(target.ns)?.byName.get(target.dev);
  if (!device || !sameLab(device.group, context.groups.nodeEnd)) return null;
  const cause = difference(context, target, device);
  if (cause === null) return null;
  const { ifindex, netem, tbf } = device;
  context.draft.ops.push({ ...impair(target, cause), ifindex, handle: netem?.handle ?? tbf?.handle ?? null });
  return cause;
}

function impair({ id, ns, dev, netem }: Target, cause: string): QdiscNetem {
  const how = { by: 'configuration', ifindex: MADE, handle: null, undo: false, stacked: false } as const;
  return { op: 'qdisc.netem', ns, link: id, dev, cause, netem, ...how };
}

/**
 * The difference, for people. null: there is none. A foreign qdisc at the root is replaced if an impairment is wanted,
 * and stays if none is.
 */
function difference(context: Context, { id, netem: wanted }: Target, device: LinkDump): string | null {
  const found = device.netem;
  const isOurs = found !== null && distributionsIn(found.handle) !== null;
  if (wanted === null) {
    if (isOurs) return `netem ${toldNetem(found.netem, null)} not in the configuration`;
    if (device.tbf && isHandleOfHand(device.tbf.handle)) return 'tbf not in the configuration';
    if (found) context.draft.notes.push(`${id}: netem ${toldNetem(found.netem, null)} is not linkloom's, left alone`);
    return null;
  }
  if (!found) return device.qdisc === 'noqueue' ? 'netem missing' : `qdisc ${device.qdisc} → netem`;
  if (!isOurs) return 'netem is not of this lab';
  if (isSameNetem(wanted, found.netem)) return isHandleOfHand(found.handle) ? 'netem set by hand' : null;
  return `netem ${toldNetem(found.netem, wanted)} → ${printNetem(wanted)}`;
}
