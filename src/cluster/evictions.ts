/**
 * Hosts that people have said will not come back. Key `evicted.HOST` of the bucket `desired`. A host that is merely away keeps its nodes,
 * also where a new store has never heard of it, so its going is said and not guessed.
 */
import type { HostName } from './names.ts';
import type { LabRecord } from './record.ts';
import type { HostView } from './state.ts';
import type { Store } from './store.ts';

const PREFIX = 'evicted.';

/** Throws E_STORE. */
export async function markEvicted(store: Store, host: HostName, by: Pick<LabRecord, 'writer' | 'at'>): Promise<void> {
  await store.write('desired', `${PREFIX}${host}`, new TextEncoder().encode(JSON.stringify(by)), 'any');
}

/**
 * A record's hosts without those that are evicted. A host that has told what it is since it was evicted is back. Throws E_STORE.
 */
export async function withoutEvicted<T>(
  store: Store,
  hosts: Readonly<Record<HostName, T>>,
  views: readonly HostView[],
): Promise<Readonly<Record<HostName, T>>> {
  const known = new Set(views.filter(({ info }) => info !== null).map(({ host }) => host));
  if (Object.keys(hosts).every((host) => known.has(host))) return hosts;
  const marked = new Set((await store.list('desired', PREFIX)).map(({ key }) => key.slice(PREFIX.length)));
  return Object.fromEntries(Object.entries(hosts).filter(([host]) => known.has(host) || !marked.has(host)));
}
