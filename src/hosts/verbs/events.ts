/** What happens to a lab over several hosts as a whole: hosts go and come back, and somebody writes its record. */
import type { HostName } from '../../cluster/names.ts';
import { headOf, keyOfLab, type RecordHead, readHead } from '../../cluster/records.ts';
import type { Change, Store } from '../../cluster/store.ts';
import type { HostEvent, RevisionEvent } from '../../lab-events.ts';

/** Where an event belongs to no host in particular, `host` is null. */
type OnEvent = (event: HostEvent | RevisionEvent, host: HostName | null) => void;

/**
 * Tells what happens from now on, until the signal aborts. A host that was lost before is told when it is back; a record that is there
 * already is not told. Rejects with E_STORE if what the store has is no record.
 */
export async function followHosts(store: Store, lab: string, onEvent: OnEvent, signal: AbortSignal): Promise<void> {
  const [leases, before] = await Promise.all([store.list('lease', ''), readHead(store, lab)]);
  const alive = new Map<HostName, boolean>(leases.map(({ key }) => [key, true]));
  let hosts: readonly HostName[] = before?.hosts ?? [];
  let known = before?.identity ?? null;
  const leaseChanged = ({ key: host, value }: Change): void => {
    const [was, is] = [alive.get(host) ?? false, value !== null];
    alive.set(host, is);
    if (was !== is && hosts.includes(host)) onEvent({ type: is ? 'host-back' : 'host-lost', host }, host);
  };
  const recordChanged = (head: RecordHead): void => {
    const { hosts: now, identity, writer, deleted } = head;
    hosts = deleted ? hosts : now;
    if (known?.epoch === identity.epoch && known.revision >= identity.revision) return;
    known = identity;
    onEvent({ type: 'revision', revision: identity.revision, writer, deleted }, null);
  };
  let taking: Promise<void> = Promise.resolve();
  const key = keyOfLab(lab);
  const desiredChanged = (change: Change): void => {
    const { value } = change;
    if (change.key !== key || value === null) return;
    taking = taking.then(async () => recordChanged(await headOf(lab, { ...change, value })));
    taking.catch(() => {});
  };
  await Promise.all([
    store.follow('lease', '', leaseChanged, { signal }),
    store.follow('desired', key, desiredChanged, { signal }),
  ]);
  await taking;
}
