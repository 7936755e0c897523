/**
 * `verbs/`: what people ask of a lab over several hosts, from any machine. A verb may end at any time after its write: the hosts go on.
 *
 * This file: how far each host is with a lab.
 */
import { type Identity, isReached } from '../../cluster/identity.ts';
import type { HostName } from '../../cluster/names.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { HostView, LabState } from '../../cluster/state.ts';
import { counted } from '../../counted.ts';

/**
 * `whole`: all is made, and on all hosts that it shares wires with. `ends`: its own is made. `behind`: not yet. `failed`: it is as far as it
 * can be, and something failed. `waits`: so it is, and links wait for a container or for their other end. `kept`: it has not taken the record, and says why. `lost`: nobody speaks for it.
 */
export type HostProgress = 'whole' | 'ends' | 'behind' | 'failed' | 'waits' | 'kept' | 'lost';

export interface HostOutcome {
  readonly host: HostName;
  readonly progress: HostProgress;
  /** What keeps it; null: nothing. */
  readonly why: string | null;
  readonly state: LabState | null;
}

/** Of each host that has a part of the lab, or may still have one. */
export function outcomesOf(
  { lab, record, identity }: Pick<Recorded, 'lab' | 'record' | 'identity'>,
  views: readonly HostView[],
): readonly HostOutcome[] {
  const byName = new Map(views.map((view) => [view.host, view]));
  const withPart = views.filter(({ labs }) => labs.get(lab)?.deleted === false).map(({ host }) => host);
  const names = [...new Set([...Object.keys(record.hosts), ...withPart])].sort();
  return names.map((host) => {
    const view = byName.get(host);
    const isToGo = record.deleted || !Object.hasOwn(record.hosts, host);
    return outcomeOf(host, view, view?.labs.get(lab) ?? null, identity, isToGo);
  });
}

function outcomeOf(
  host: HostName,
  view: HostView | undefined,
  state: LabState | null,
  wanted: Identity,
  isToGo: boolean,
): HostOutcome {
  const is = (progress: HostProgress, why: string | null = null): HostOutcome => ({ host, progress, why, state });
  if (isToGo && state?.deleted && isReached(identityOf(state), wanted)) return is('whole');
  if (view === undefined || view.lease === null) {
    return is(
      'lost',
      view === undefined ? 'it has never told anything' : 'nobody speaks for it: its agent or its network is down',
    );
  }
  if (state?.held) return is('kept', state.held);
  if (state === null || !isReached(identityOf(state), wanted) || isToGo) return is('behind', 'it is not as far yet');
  const [failure] = state.failures;
  if (state.failed > 0 || failure !== undefined) return is('failed', failure === undefined ? null : failure.message);
  const { pending = 0, waits = [] } = state;
  if (pending > 0) return is('waits', [counted(pending, 'link waits', 'links wait'), ...waits.slice(0, 1)].join('; '));
  return is(state.phase);
}

function identityOf({ epoch, rev }: LabState): Identity {
  return { epoch, revision: rev };
}
