/** Sets links by hand, in a session that somebody holds the lab's lock for. */
import { release } from 'node:os';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import { type SettableEnd, settableLinks } from '../../plan/overrides/ends.ts';
import type { ImpairChange, LinkSettings, TrafficKinds } from '../../plan/overrides/goals.ts';
import { type EndGoal, goalOf } from '../../plan/overrides/goals.ts';
import { cureFor } from '../../preflight/features.ts';
import { confirmNodes } from '../confirm.ts';
import { lookAtAll } from '../look.ts';
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
}

/**
 * Sets links by hand, all in one batch. What is set differs from the configuration from then on, and is marked as an override in the
 * kernel. The lab's lock must be held. Throws E_USAGE, E_NODE_MISSING, E_FEATURE, E_FOREIGN_DEVICE and what `Session.containers` and
 * observing throw, before anything is touched; what the kernel refuses is in the report. Needs root.
 */
export async function setLinks(session: Session, request: SetRequest, io: Io): Promise<SetReport> {
  const ground = await groundOf(session, io);
  return await setOn(ground, selectLinks(ground.lab, settableOf(ground), request.links), request, io);
}

/** Observes the whole lab of a session. */
export async function groundOf(
  session: Session,
  io: Pick<Io, 'emit'>,
): Promise<Ground & { readonly network: NonNullable<Ground['network']> }> {
  const containers = await session.containers();
  const { network } = wholeNetwork(session, containers);
  const { value } = await timed('observe', io.emit, () => lookAtAll(session, network, containers, false));
  const { lab, workers } = { lab: network.lab, workers: session.workers };
  return { lab, workers, network, observed: value.observed, confirm: (plan) => confirmNodes(session, network, plan) };
}

function settableOf({ network, observed }: Ground & { readonly network: NonNullable<Ground['network']> }) {
  return settableLinks(network, observed);
}

/** Sets selected links of a lab that was observed. */
export async function setOn(
  ground: Ground,
  { links, missing }: Selected,
  { settings, both }: Pick<SetRequest, 'settings' | 'both'>,
  io: Io,
): Promise<SetReport> {
  const kinds = await kindsFor(ground.workers, settings.impair ?? {});
  const ends = new Map<SettableEnd['device'], SettableEnd>();
  for (const { node, other } of links) {
    for (const end of [node, both ? other : null]) if (end !== null) ends.set(end.device, end);
  }
  const goals = [...ends.values()].map((end) => checkedGoal(end, settings, kinds));
  const { ends: reports, failures } = await carryOut(ground, goals, io);
  for (const { link, end, changes, hasFailed } of reports) {
    if (changes.length > 0 && !hasFailed)
      io.emit({ type: 'override', step: 'set', link, end, what: changes.join(', ') });
  }
  return { lab: ground.lab, ends: reports, missing: missing.map(({ id }) => id), failures };
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
  const nothing = { remotes: [], firewall: false, calibrationPairs: 0 };
  const { missing } = await workers.ask({ task: 'machine', features: ['netem', 'tbf'], ...nothing });
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
