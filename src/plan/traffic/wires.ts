/** Bridges of mode `patch`. Such a bridge is no device: each of its two ports sends what the other receives. */

import { MORE_THAN_TWO, traitsOf } from '../../kinds/bridge-modes.ts';
import type { NsId } from '../../net/ns-id.ts';
import { servedSubject } from '../../subject.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { PortAttach } from '../../wire/ops/switch.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';
import { lackOfOtherEnd } from '../pending/pending.ts';
import { isTrunkEnd, TrunkWires } from './trunk-wires.ts';
import { alsoChanges, alsoWaits, fatesOf, isMade, verdictPlaces } from './verdicts.ts';
import type { SeenEnd, WireEnd } from './wire-end.ts';

/** Whether a bridge is a wire between two ports. */
function isPatch(context: Context, bridge: string): boolean {
  const traits = traitsOf(context.bridges.get(bridge));
  return traits?.isWire === true && traits.hasPorts;
}

/**
 * The bridge device that ports of `bridge` are attached to. null: it is a wire, and its ports are in no bridge device.
 */
export function masterOf(context: Context, bridge: string): PortAttach['master'] {
  if (isPatch(context, bridge)) return null;
  return { dev: bridge, ifindex: context.bridgeIndex.get(bridge) ?? MADE };
}

/**
 * Records an end of a wire, if the bridge is one. Returns false and records a failure if the wire has two ends already:
 * the daemon may see a container too many.
 */
export function joinWire(context: Context, bridge: string, end: WireEnd): boolean {
  if (!isPatch(context, bridge)) return true;
  const ends = context.draft.wires.get(bridge) ?? [];
  context.draft.wires.set(bridge, ends);
  const wire = context.bridges.get(bridge);
  if (ends.length < (traitsOf(wire)?.portsMax ?? 0)) return ends.push(end) > 0;
  const message = `bridge ${bridge} is ${wire?.mode}, a wire of two ends: ${ends.map(({ id }) => id).join(' and ')}`;
  context.draft.failures.push({ subject: servedSubject(end.id), code: 'E_CLASH', message, hint: MORE_THAN_TWO });
  return false;
}

/**
 * The differences of a port that is to be in no bridge, or in a Linux one. A redirection that is no longer wanted is
 * removed.
 */
export function loosePortDifferences(context: Context, bridge: string, ns: NsId, port: LinkDump, id: string): string[] {
  if (isPatch(context, bridge)) return port.master === 0 ? [] : ['port in a bridge, not the end of a wire'];
  if (port.redirect === null && !port.program) return [];
  const cause = 'no end of a wire any more';
  context.draft.ops.push({ op: 'wire.cut', ns, link: id, cause, dev: port.ifname, ifindex: port.ifindex, goes: false });
  return [cause];
}

/**
 * Plans the redirections that are missing or wrong. An end without another end waits for it. `isWhole`: the network is the whole lab, so
 * that what no wire has of a trunk is not wanted.
 */
export function planWires(context: Context, isWhole: boolean): void {
  if (context.draft.wires.size === 0) return;
  const places = verdictPlaces(context);
  const fateOf = fatesOf(context);
  const trunks = new TrunkWires(context, fateOf);
  for (const [bridge, ends] of context.draft.wires) {
    const ns = context.placement.nsOfBridge.get(bridge);
    if (ns === undefined) continue;
    const trunk = ends.find(isTrunkEnd);
    const own = trunk === undefined ? ends : ends.filter((end) => end !== trunk);
    const [a, b] = own.flatMap((end) => seen(context, end, places.get(end.id), ns, fateOf));
    if (trunk !== undefined) {
      trunks.plan(ns, trunk, a, own.length > 0);
      continue;
    }
    if (a && b) planWire(context, ns, a, b);
    else if (a) leaveLone(context, bridge, ns, a);
  }
  if (isWhole) trunks.planCuts();
}

/** A list of one: the end of a wire with its port as seen. Empty: the end can't be made. */
function seen(
  context: Context,
  end: WireEnd,
  place: number | undefined,
  ns: NsId,
  fateOf: ReturnType<typeof fatesOf>,
): readonly SeenEnd[] {
  const planned = place === undefined ? undefined : context.draft.links[place];
  const fate = planned === undefined ? fateOf(end.id) : null;
  if (planned?.verdict === 'blocked' || fate === 'blocked') return [];
  if (isMade(planned) || fate === 'made') return [{ ...end, place, port: undefined }];
  const port = context.observed.namespaces.get(ns)?.byName.get(end.dev);
  return port ? [{ ...end, place, port }] : [];
}

function planWire(context: Context, ns: NsId, a: SeenEnd, b: SeenEnd): void {
  const loose = [[a, b] as const, [b, a] as const].filter(
    ([end, other]) => !end.port || !other.port || end.port.redirect !== other.port.ifindex,
  );
  if (loose.length === 0) return;
  const isWhole = a.port !== undefined && b.port !== undefined;
  if (isWhole) for (const [{ id, place }, other] of loose) alsoChanges(context, id, place, `not tied to ${other.id}`);
  // If the wire fails, the message names the end that is new.
  const [first, second] = b.port === undefined ? [b, a] : [a, b];
  context.draft.ops.push({
    op: 'wire.patch',
    ns,
    link: first.id,
    otherLink: second.id,
    cause: isWhole ? 'not tied' : 'missing',
    devA: a.dev,
    devB: b.dev,
    undo: [a, b].flatMap(({ port, dev }) => (port === undefined ? [dev] : [])),
  });
}

function leaveLone(context: Context, bridge: string, ns: NsId, end: SeenEnd): void {
  loosen(context, ns, end);
  const other = context.draft.wires.get(bridge)?.find(({ id }) => id !== end.id);
  const why = other ? `waits for its other end ${other.id}` : lackOfOtherEnd(context.network, bridge);
  alsoWaits(context, end.id, end.place, why);
}

/** A redirection to a device that is gone carries no packets. It goes with the next redirection. */
function loosen(context: Context, ns: NsId, { id, place, port, dev }: SeenEnd): void {
  if (!port?.redirect && !port?.program) return;
  const cause = 'tied to what is not its other end';
  alsoChanges(context, id, place, cause);
  context.draft.ops.push({ op: 'wire.cut', ns, link: id, cause, dev, ifindex: port.ifindex, goes: false });
}
