/** `status` and `hosts` on several hosts: records, states and leases, as they are in the store. */
import type { HostName } from '../../cluster/names.ts';
import { listRecords, type Recorded, readRecord } from '../../cluster/records.ts';
import type { HostView } from '../../cluster/state.ts';
import { infoKey, readHosts, stateKey } from '../../cluster/states.ts';
import type { Store } from '../../cluster/store.ts';
import { LinkloomError } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import { type HostOutcome, outcomesOf } from './outcome.ts';

export interface HostsStatus {
  readonly recorded: Recorded;
  readonly hosts: readonly HostOutcome[];
}

/** Throws E_NODE_MISSING if the store knows no such lab, and E_STORE. */
export async function statusOnHosts(store: Store, lab: string): Promise<HostsStatus> {
  const [recorded, views] = await Promise.all([readRecord(store, lab), readHosts(store)]);
  if (recorded !== null) return { recorded, hosts: outcomesOf(recorded, views) };
  throw noSuchLab(lab);
}

export function noSuchLab(lab: string): LinkloomError {
  return new LinkloomError('E_NODE_MISSING', `the store knows no lab ${lab}`, {
    hint: `${commandLine('hosts')} lists the labs of each host`,
  });
}

/** Whether every host has what the record says. */
export function isSettled({ hosts }: HostsStatus): boolean {
  return hosts.every(({ progress }) => progress === 'whole');
}

export interface HostsList {
  readonly views: readonly HostView[];
  readonly labs: readonly HostsStatus[];
}

/** Throws E_STORE. */
export async function listHosts(store: Store): Promise<HostsList> {
  const [records, views] = await Promise.all([listRecords(store), readHosts(store)]);
  return { views, labs: records.map((recorded) => ({ recorded, hosts: outcomesOf(recorded, views) })) };
}

/**
 * Forgets a host that is lost for good, so that its nodes are placed elsewhere by the next `up`. Throws E_LOCKED if its agent lives,
 * E_NODE_MISSING if there is no such host, E_STORE.
 */
export async function evictHost(store: Store, host: HostName): Promise<void> {
  const view = (await readHosts(store)).find((one) => one.host === host);
  if (view === undefined) throw new LinkloomError('E_NODE_MISSING', `the store knows no host ${host}`);
  if (view.lease !== null) {
    throw new LinkloomError('E_LOCKED', `an agent speaks for ${host} (process ${view.lease.pid} there)`, {
      hint: 'stop it first: a host that lives is not evicted',
    });
  }
  for (const lab of view.labs.keys()) await store.remove('state', stateKey(host, lab), 'any');
  await store.remove('state', infoKey(host), 'any');
}
