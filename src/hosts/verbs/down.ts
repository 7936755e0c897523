/** `down` on a lab over several hosts: the record says that the lab is to be removed, and each host removes its part. */
import { withoutEvicted } from '../../cluster/evictions.ts';
import type { Identity } from '../../cluster/identity.ts';
import { type LabRecord, RECORD_SCHEMA } from '../../cluster/record.ts';
import { type Recorded, readRecord, type Written, writeRecord } from '../../cluster/records.ts';
import type { HostView } from '../../cluster/state.ts';
import { readHosts } from '../../cluster/states.ts';
import { LinkloomError } from '../../errors.ts';
import { giveBlocksBack } from './blocks.ts';
import { NEEDS, signed } from './next-record.ts';
import { recall } from './recall.ts';
import { conflict, type HostsIo, type HostsUp, settled, unsettled } from './up.ts';

/**
 * Waits for the hosts until `waitMs` are over; those that are lost remove their part when they are back, and those that are evicted are not
 * waited for. null: neither the store nor any agent knows such a lab. Throws E_CONFLICT and E_STORE.
 */
export async function downOnHosts(lab: string, waitMs: number, io: HostsIo): Promise<HostsUp | null> {
  const startedMs = performance.now();
  const { store, signal } = io;
  const views = await readHosts(store);
  const before = await readRecord(store, lab);
  const known = before?.record ?? (await rememberedBy(lab, views, io));
  if (known === null) return null;
  if (signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was written');
  const hosts = await withoutEvicted(store, known.hosts, views);
  const isSaid = known.deleted && Object.keys(known.hosts).length === Object.keys(hosts).length;
  const { recorded, sweep } =
    isSaid && before !== null
      ? { recorded: before, sweep: null }
      : await writeDeleted(lab, { ...known, hosts }, before?.identity ?? null, io);
  const outcomes = await settled(recorded, waitMs, io);
  await sweep?.();
  if (unsettled(outcomes).length === 0) await giveBlocksBack(store, lab, recorded.identity);
  const { identity, record } = recorded;
  return {
    ...{ lab, revision: identity.revision, writer: record.writer, isWritten: recorded !== before, hosts: outcomes },
    ms: performance.now() - startedMs,
  };
}

/** A lab whose record went with the store is on the hosts all the same. null: no agent knows it. */
async function rememberedBy(lab: string, views: readonly HostView[], { store, emit }: HostsIo) {
  const { known } = await recall(store, lab, views, emit);
  if (known === null || known.deleted) return null;
  const { hosts, place, vni, block, retired } = known;
  return {
    ...{ schema: RECORD_SCHEMA, needs: NEEDS, ...signed() },
    config: { lab },
    hosts,
    place,
    vni,
    block,
    retired,
    deleted: false,
  };
}

async function writeDeleted(
  lab: string,
  record: LabRecord,
  known: Identity | null,
  { store, emit }: HostsIo,
): Promise<{ readonly recorded: Recorded; readonly sweep: Written['sweep'] }> {
  // What was wanted of the lab is of no use any more.
  const next = { ...record, ...signed(), config: { lab }, files: {}, deleted: true };
  try {
    const { identity, sweep } = await writeRecord(store, lab, next, known);
    emit({ type: 'notice', message: `Lab ${lab}: revision ${identity.revision} says that it is to be removed` });
    return { recorded: { lab, record: next, identity }, sweep };
  } catch (error) {
    if (!(error instanceof LinkloomError) || error.code !== 'E_CONFLICT') throw error;
    throw await conflict(store, lab, error);
  }
}
