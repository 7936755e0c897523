/** Removes the labs of runs that were killed. */
import { holdersNoted, isAlive } from '../../engine/lock/holder.ts';
import { LabLock } from '../../engine/lock/lab-lock.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { SWITCH_PREFIX } from '../../net/ifname.ts';
import { markOf } from '../../net/mark.ts';
import { namedNs } from '../../net/ns-id.ts';
import { shardName } from '../../plan/switch/placement.ts';
import { enginesWithin } from '../../runtime/connect.ts';
import type { Request } from '../request.ts';
import { remove } from '../verbs/down.ts';
import { endProcessesOfRun } from './end.ts';
import { forgetOwner, type Owner, ownerIn, ownersNoted, stateOf } from './owner.ts';

/** The names of labs of runs without --lab. */
const RUN_NAME = /-[a-z0-9]{6}$/;

/** Only the devices. */
const MARKS_ALONE = {
  ...{ addresses: false, routes: false, counters: false, traffic: false },
  ...{ translationsOf: null, offloads: [] },
} as const;

/**
 * Removes what runs have left whose process is dead, and tells it. What can't be removed is a warning, as it is not this run's. `own`:
 * a lab that the caller has locked; it is removed as any other.
 */
export async function sweep(
  workers: Workers,
  own: string,
  { sockets }: Pick<Request, 'sockets'>,
  emit: Emit,
): Promise<void> {
  for (const [lab, owner] of await ownersOf(workers)) {
    const state = stateOf(owner);
    if (state === 'unknown' && lab !== own) {
      emit({ type: 'detail', message: `lab ${lab} is of a run in another pid namespace, and left alone` });
    }
    if (state !== 'dead') continue;
    try {
      using _lock = lab === own ? null : await LabLock.take(workers, lab);
      await removeDead(workers, lab, sockets, emit);
      emit({ type: 'notice', message: `Removed the lab ${lab} of a run that was killed (pid ${owner.pid})` });
    } catch (error) {
      // Another run is just removing it.
      if (error instanceof LinkloomError && error.code === 'E_LOCKED') continue;
      const why = error instanceof Error ? error.message : String(error);
      emit({ type: 'notice', message: `The lab ${lab} of a run that was killed could not be removed: ${why}` });
    }
  }
}

/** Removes the locks of runs that were killed before they noted anything else. */
export async function sweepLocks(workers: Workers): Promise<void> {
  for (const { lab, holder } of holdersNoted()) {
    if (!RUN_NAME.test(lab) || (holder !== null && isAlive(holder))) continue;
    try {
      // Whoever has a lock removes its file.
      using _lock = await LabLock.take(workers, lab);
    } catch {
      // It is not what it seemed, and stays.
    }
  }
}

async function removeDead(workers: Workers, lab: string, sockets: Request['sockets'], emit: Emit): Promise<void> {
  await endProcessesOfRun(lab);
  const quietly: Emit = (event) => {
    if (event.type === 'failure' || event.type === 'detail') emit(event);
  };
  const { failures } = await remove(workers, lab, await enginesWithin(sockets), { emit: quietly });
  if (failures.length === 0) forgetOwner(lab);
}

/** Labs and their owners, by the files and by the marks. */
async function ownersOf(workers: Workers): Promise<ReadonlyMap<string, Owner>> {
  const noted = ownersNoted();
  const names = workers.namedNamespaces().filter((name) => name.startsWith(SWITCH_PREFIX) && !name.includes('.'));
  const namespaces = names.map(namedNs);
  if (namespaces.length === 0) return noted;
  const { dumps } = await workers.ask({ task: 'dump', namespaces, wants: MARKS_ALONE });
  const marked = dumps.flatMap(({ ns, links }) => {
    const alias = links.find(({ ifname }) => ifname === 'lo')?.alias ?? '';
    const owner = ownerIn(alias);
    const lab = markOf(alias)?.lab;
    return owner === null || lab === undefined || ns !== shardName(lab, 0) ? [] : [[lab, owner] as const];
  });
  return new Map([...noted, ...marked]);
}
