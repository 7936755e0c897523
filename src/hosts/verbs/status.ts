/** `status` and `hosts` on several hosts: records, states and leases, as they are in the store. */
import { listRecords, type Recorded, readRecord } from '../../cluster/records.ts';
import type { HostView } from '../../cluster/state.ts';
import { readHosts } from '../../cluster/states.ts';
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
