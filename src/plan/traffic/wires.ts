/** Bridges of mode `patch`: no device, but two ports of which each sends what the other receives. */

import { MORE_THAN_TWO, traitsOf } from '../../kinds/bridge-modes.ts';
import type { NsId } from '../../net/ns-id.ts';
import { servedSubject } from '../../subject.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { PortAttach } from '../../wire/ops/switch.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';
import { lackOfOtherEnd } from '../pending/pending.ts';
import { alsoChanges, alsoWaits, fatesOf, isMade, verdictPlaces } from './verdicts.ts';
import type { WireEnd } from './wire-end.ts';

/** Whether a broadcast domain is a wire between two ports. */
function isPatch(context: Context, bridge: string): boolean {
  const traits = traitsOf(context.bridges.get(bridge));
  return traits?.isWire === true && traits.hasPorts;
}

/** The device that ports of a bridge are put into; null: it is a wire, and they are out of any. */
export function masterOf(context: Context, bridge: string): PortAttach['master'] {
  if (isPatch(context, bridge)) return null;
  return { dev: bridge, ifindex: context.bridgeIndex.get(bridge) ?? MADE };
}

/** Count an end in, if its bridge is a wire; false, and a failure, if that has two ends already (the daemon may see one container more). */
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

/** What differs of a port's being in no bridge, or in a Linux one. A tie that is to be no more is cut. */
export function loosePortDifferences(context: Context, bridge: string, ns: NsId, port: LinkDump, id: string): string[] {
  if (isPatch(context, bridge)) return port.master === 0 ? [] : ['port in a bridge, not the end of a wire'];
  if (port.redirect === null) return [];
  const cause = 'no end of a wire any more';
  context.draft.ops.push({ op: 'wire.cut', ns, link: id, cause, dev: port.ifname, ifindex: port.ifindex });
  return [cause];
}

interface SeenEnd extends WireEnd {
  readonly place: number | undefined;
  /** The port as seen; undefined: the plan makes it. */
  readonly port: LinkDump | undefined;
}

/** Tie what is not tied as it should be. A lone end waits for its other one. */
export function planWires(context: Context): void {
  if (context.draft.wires.size === 0) return;
  const places = verdictPlaces(context);
  const fateOf = fatesOf(context);
  for (const [bridge, ends] of context.draft.wires) {
    const ns = context.placement.nsOfBridge.get(bridge);
    if (ns === undefined) continue;
    const [a, b] = ends.flatMap((end) => seen(context, end, places.get(end.id), ns, fateOf));
    if (a && b) planWire(context, ns, a, b);
    else if (a) leaveLone(context, bridge, ns, a);
  }
}

/** None if the end can't be had. */
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
  // The one that is new is named if the wire fails.
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

/** What is left of a tie to a device that is gone carries nothing, and goes with the next one. */
function loosen(context: Context, ns: NsId, { id, place, port, dev }: SeenEnd): void {
  if (!port?.redirect) return;
  const cause = 'tied to what is not its other end';
  alsoChanges(context, id, place, cause);
  context.draft.ops.push({ op: 'wire.cut', ns, link: id, cause, dev, ifindex: port.ifindex });
}
