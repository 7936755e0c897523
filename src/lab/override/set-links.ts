/** Sets links by hand, in a session that somebody holds the lab's lock for. */
import { release } from 'node:os';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import { type SettableEnd, type SettableLink, settableLinks } from '../../plan/overrides/ends.ts';
import type { ImpairChange, LinkSettings, TrafficKinds } from '../../plan/overrides/goals.ts';
import { type EndGoal, goalOf } from '../../plan/overrides/goals.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Placement } from '../../plan/switch/placement.ts';
import { cureFor } from '../../preflight/features.ts';
import type { Container, Network } from '../../topology/topology.ts';
import { confirmNodes } from '../confirm.ts';
import { lookAtAll, lookAtDevices } from '../look.ts';
import { wholeNetwork } from '../network.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { timed } from '../timed.ts';
import { carryOut, type Ground } from './carry-out.ts';
import type { SetReport } from './report.ts';
import { type Selected, selectLinks } from './select.ts';

/** What is asked for. */
export interface SetRequest {
  /** `NODE:DEV`, globs of it, `bridge/NAME`. */
  readonly links: readonly string[];
  readonly settings: LinkSettings;
  /** Also the other end of each link: its port, or the other node's device. Default: only what leaves the node. */
  readonly both: boolean;
  /** The most ends that are set at a time. Default: as of `carryOut`. */
  readonly mostAtATime?: number;
}

/**
 * Sets links by hand, all in one batch. What is set differs from the configuration from then on, and is marked as an override in the
 * kernel. The lab's lock must be held. Throws E_USAGE, E_NODE_MISSING, E_FEATURE, E_FOREIGN_DEVICE and what `Session.containers` and
 * observing throw, before anything is touched; what the kernel refuses is in the report. Needs root.
 */
export async function setLinks(session: Session, request: SetRequest, io: Io): Promise<SetReport> {
  const { ground } = await groundSeen(session, io, lookAtDevices);
  return await setOn(
    ground,
    selectLinks(ground.lab, settableLinks(ground.network, ground.observed), request.links),
    request,
    io,
  );
}

type Look = typeof lookAtDevices;

/** The lab of a session with all that `play` foresees by. */
export async function groundOf(session: Session, io: Pick<Io, 'emit'>): Promise<NetworkGround> {
  const { ground } = await groundSeen(session, io, (...parts) => lookAtAll(...parts, false));
  return ground;
}

/** A lab of which there is a configuration. */
export type NetworkGround = Ground & { readonly network: Network };

/** The whole lab of a session as `look` sees it. */
export async function groundSeen(
  session: Session,
  io: Pick<Io, 'emit'>,
  look: Look,
): Promise<{
  readonly ground: NetworkGround;
  readonly placement: Placement;
  readonly containers: readonly Container[];
}> {
  const containers = await session.containers();
  const { network } = wholeNetwork(session, containers);
  const { value } = await timed('observe', io.emit, () => look(session, network, containers));
  const { observed, placement } = value;
  const { lab, workers } = { lab: network.lab, workers: session.workers };
  const ground = {
    ...{ lab, workers, network, observed },
    confirm: (plan: Plan) => confirmNodes(session, network, plan),
  };
  return { ground, placement, containers };
}

/** Sets selected links of a lab that was observed. */
export async function setOn(
  ground: Ground,
  { links, missing }: Selected,
  { settings, both, mostAtATime }: Omit<SetRequest, 'links'>,
  io: Io,
): Promise<SetReport> {
  const kinds = await kindsFor(ground.workers, settings.impair ?? {});
  const aims = aimsOf(links, both);
  const goals = { count: aims.length, at: (place: number) => checkedGoal(endAt(aims, place), settings, kinds) };
  const { ends: reports, failures } = await carryOut(ground, goals, io, mostAtATime);
  for (const { link, end, changes, hasFailed } of reports) {
    if (changes.length > 0 && !hasFailed)
      io.emit({ type: 'override', step: 'set', link, end, what: changes.join(', ') });
  }
  return { lab: ground.lab, ends: reports, missing: missing.map(({ id }) => id), failures };
}

/** An end by its link, as it takes less memory. */
interface Aim {
  readonly link: SettableLink;
  readonly isOther: boolean;
}

/** Each device once. */
function aimsOf(links: readonly SettableLink[], both: boolean): readonly Aim[] {
  const aims: Aim[] = [];
  const devices = new Set<SettableEnd['device']>();
  for (const link of links) {
    for (const isOther of both ? [false, true] : [false]) {
      const end = endOf({ link, isOther });
      if (end === null || devices.has(end.device)) continue;
      devices.add(end.device);
      aims.push({ link, isOther });
    }
  }
  return aims;
}

function endOf({ link, isOther }: Aim): SettableEnd | null {
  return isOther ? link.other : link.node;
}

function endAt(aims: readonly Aim[], place: number): SettableEnd {
  const aim = aims[place];
  const end = aim === undefined ? null : endOf(aim);
  if (end === null) throw new TypeError(`there is no end ${place}`);
  return end;
}

/** Throws E_FOREIGN_DEVICE. */
export function checkedGoal(end: SettableEnd, settings: LinkSettings, kinds: TrafficKinds | null): EndGoal {
  const goal = goalOf(end, settings, kinds);
  if (!('message' in goal)) return goal;
  const what = end.end === 'port' ? `${end.link}, its port,` : end.link;
  throw new LinkloomError('E_FOREIGN_DEVICE', `${what} ${goal.message}; nothing has been touched`, {
    where: end.link,
    hint: goal.hint,
  });
}

/** The names of the options that only netem has, in the order in which they are told. */
const NETEM_ALONE = {
  ...{ delayUs: 'delay', jitterUs: 'jitter', loss: 'loss', duplicate: 'duplicate', corrupt: 'corrupt' },
  ...{ reorder: 'reorder', limitPackets: 'limit' },
} as const satisfies Partial<Record<keyof ImpairChange, string>>;

/**
 * What the kernel has for packets. null: nothing is to be done to them. An amount of 0 only ends an impairment, which every kernel can.
 * Throws E_FEATURE, naming all that the kernel can't do.
 */
export async function kindsFor(workers: Workers, impair: ImpairChange): Promise<TrafficKinds | null> {
  if (Object.keys(impair).length === 0) return null;
  const { missing } = await workers.ask({ task: 'traffic', features: ['netem', 'tbf'] });
  const kinds = { netem: !missing.includes('netem'), tbf: !missing.includes('tbf') };
  if (kinds.netem) return kinds;
  const refused: string[] = Object.entries(NETEM_ALONE).flatMap(([key, name]) =>
    impair[key as keyof ImpairChange] ? [name] : [],
  );
  if (impair.rateBitsPerSec && !kinds.tbf) refused.push('rate');
  if (refused.length === 0) return kinds;
  const why = kinds.tbf
    ? 'this kernel has no netem (rate alone can be set, by tbf)'
    : 'this kernel has no netem and no tbf';
  const what = refused.length === 1 ? refused[0] : `${refused.slice(0, -1).join(', ')} and ${refused.at(-1)}`;
  throw new LinkloomError('E_FEATURE', `${what} can't be set: ${why}; nothing has been touched`, {
    hint: cureFor('netem', release()),
  });
}
