/** `up`, `plan` and `rebalance` on a lab over several hosts: the next record, its commit, and the wait for the hosts. */
import type { HostName } from '../../cluster/names.ts';
import { type Recorded, readRecord, type Written, writeRecord } from '../../cluster/records.ts';
import { readHosts } from '../../cluster/states.ts';
import type { Store } from '../../cluster/store.ts';
import { partitionBy } from '../../engine/partition.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { loadTopology, refuseErrors } from '../../lab/load.ts';
import type { Request } from '../../lab/request.ts';
import { domainKey, isCrossing, Whereabout } from '../../spread/spread.ts';
import { withoutInactive } from '../../topology/nodes.ts';
import { commandLine } from '../../verb-names.ts';
import { isSameRecord, type Next, type NextOptions, nextRecord, type Wanted } from './next-record.ts';
import { type HostOutcome, outcomesOf } from './outcome.ts';
import { waitForHosts } from './views.ts';

export interface HostsIo {
  readonly store: Store;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** What would be written, beside what there is. */
export interface HostsPlan {
  readonly lab: string;
  readonly before: Recorded | null;
  readonly next: Next;
  /** Whether the record would stay as it is. */
  readonly isSame: boolean;
  /** Whether something of it has failed on a host: then it is written all the same, so that the host tries again. */
  readonly hasFailed: boolean;
  /** Bridges and wires that are between hosts, by `domainKey`, and how many there are in all. */
  readonly crossing: readonly string[];
  readonly domains: number;
}

export interface HostsUp {
  readonly lab: string;
  readonly revision: number;
  readonly writer: string;
  /** Whether a record was written; false: there was nothing to change. */
  readonly isWritten: boolean;
  readonly hosts: readonly HostOutcome[];
  readonly ms: number;
}

/** `isDry`: nothing is written. Else blocks of numbers are made the lab's, before its record says so. */
export type PlanHow = Pick<NextOptions, 'isSticky' | 'isDry'>;

const TO_WRITE: PlanHow = { isSticky: true, isDry: false };

/** Throws what loading throws, E_CONFIG for faults of the lab on its hosts, E_NODE_MISSING, E_LIMIT and E_STORE. */
export async function planOnHosts(
  request: Request,
  { store, emit }: HostsIo,
  how: PlanHow = TO_WRITE,
): Promise<HostsPlan> {
  const { loaded, topology } = await loadTopology(request, emit);
  const wanted: Wanted = { loaded, topology: withoutInactive(topology), defaults: request.defaults };
  const { lab } = loaded;
  const [before, views] = await Promise.all([readRecord(store, lab), readHosts(store)]);
  await using workers = new WorkersOnDemand(1);
  const next = await nextRecord(wanted, { store, before, views, partition: partitionBy(workers), ...how, emit });
  refuseErrors('E_CONFIG', next.diagnostics, emit);
  const domains = [...new Whereabout(wanted.topology, next.spread).domains.values()];
  const crossing = domains.filter(isCrossing).map(domainKey);
  const isSame = before !== null && isSameRecord(before.record, next.record);
  const hasFailed = before !== null && outcomesOf(before, views).some(({ progress }) => progress === 'failed');
  return { lab, before, next, isSame, hasFailed, crossing, domains: domains.length };
}

/**
 * Writes what is planned and waits for the hosts, until `waitMs` are over. Throws E_CONFLICT if another one has changed the lab since the plan
 * was made; nothing is written then.
 */
export async function carryOut(plan: HostsPlan, waitMs: number, io: HostsIo): Promise<HostsUp> {
  const startedMs = performance.now();
  const { lab, before, next } = plan;
  const isSame = plan.isSame && !plan.hasFailed;
  const { store, signal, emit } = io;
  if (signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was written');
  const written = isSame ? null : await commit(store, lab, next, before);
  const recorded: Recorded =
    written === null && before !== null
      ? before
      : { lab, record: next.record, identity: (written as Written).identity };
  const { identity } = recorded;
  if (!isSame) emit({ type: 'notice', message: `Lab ${lab}: revision ${identity.revision} is written` });
  const hosts = await settled(recorded, waitMs, io);
  await written?.sweep();
  return {
    ...{ lab, revision: identity.revision, writer: recorded.record.writer, isWritten: !isSame, hosts },
    ms: performance.now() - startedMs,
  };
}

/** Waits until each host is whole, has failed or is lost; says which ones it waits for no longer. */
export async function settled(recorded: Recorded, waitMs: number, io: HostsIo): Promise<readonly HostOutcome[]> {
  const { store, signal } = io;
  const untilMs = performance.now() + waitMs;
  const isSettled = ({ progress }: HostOutcome): boolean => progress === 'whole' || progress === 'failed';
  const views = await waitForHosts(store, {
    ...{ untilMs, signal },
    isDone: (now) => outcomesOf(recorded, now).every(isSettled),
  });
  return outcomesOf(recorded, views);
}

async function commit(store: Store, lab: string, { record }: Next, before: Recorded | null): Promise<Written> {
  try {
    return await writeRecord(store, lab, record, before?.identity ?? null);
  } catch (error) {
    if (!(error instanceof LinkloomError) || error.code !== 'E_CONFLICT') throw error;
    throw await conflict(store, lab, error);
  }
}

/** Names who was faster. */
export async function conflict(store: Store, lab: string, cause: LinkloomError): Promise<LinkloomError> {
  const now = await readRecord(store, lab);
  const who =
    now === null ? 'another one' : `${now.record.writer} (revision ${now.identity.revision}, ${now.record.at})`;
  return new LinkloomError('E_CONFLICT', `the lab ${lab} was changed meanwhile by ${who}; nothing is written`, {
    hint: `look at it with ${commandLine('plan')}, and run this again`,
    cause,
  });
}

/** The hosts of a result that are not where they should be. */
export function unsettled(hosts: readonly HostOutcome[]): readonly HostName[] {
  return hosts.filter(({ progress }) => progress !== 'whole').map(({ host }) => host);
}
