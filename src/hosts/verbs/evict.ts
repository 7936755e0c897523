/** `hosts evict` forgets a host that is lost for good. */
import { markEvicted } from '../../cluster/evictions.ts';
import type { HostName } from '../../cluster/names.ts';
import { listRecords } from '../../cluster/records.ts';
import { infoKey, readHosts, stateKey } from '../../cluster/states.ts';
import type { Store } from '../../cluster/store.ts';
import { LinkloomError } from '../../errors.ts';
import { signed } from './next-record.ts';

/**
 * From now on no lab is placed on the host, until its agent is back: the next `up` of a lab places its nodes elsewhere. Throws E_LOCKED if
 * its agent lives, E_NODE_MISSING if there is no such host, E_STORE.
 */
export async function evictHost(store: Store, host: HostName): Promise<void> {
  const [views, records] = await Promise.all([readHosts(store), listRecords(store)]);
  const view = views.find((one) => one.host === host);
  if (view === undefined && !records.some(({ record }) => Object.hasOwn(record.hosts, host))) {
    throw new LinkloomError('E_NODE_MISSING', `the store knows no host ${host}`);
  }
  if (view?.lease) {
    throw new LinkloomError('E_LOCKED', `an agent speaks for ${host} (process ${view.lease.pid} there)`, {
      hint: 'stop it first: a host that lives is not evicted',
    });
  }
  await markEvicted(store, host, signed());
  for (const lab of view?.labs.keys() ?? []) await store.remove('state', stateKey(host, lab), 'any');
  if (view?.info) await store.remove('state', infoKey(host), 'any');
}
