/** `down` on a lab over several hosts: the record says that the lab is to be removed, and each host removes its part. */
import { type Recorded, readRecord, writeRecord } from '../../cluster/records.ts';
import { LinkloomError } from '../../errors.ts';
import { giveBlocksBack } from './blocks.ts';
import { writer } from './next-record.ts';
import { conflict, type HostsIo, type HostsUp, settled, unsettled } from './up.ts';

/**
 * Waits for the hosts until `waitMs` are over; those that are lost remove their part when they are back. null: the store knows no such
 * lab. Throws E_CONFLICT and E_STORE.
 */
export async function downOnHosts(lab: string, waitMs: number, io: HostsIo): Promise<HostsUp | null> {
  const startedMs = performance.now();
  const { store, signal } = io;
  const before = await readRecord(store, lab);
  if (before === null) return null;
  if (signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was written');
  const recorded = before.record.deleted ? before : await writeDeleted(before, io);
  const hosts = await settled(recorded, waitMs, io);
  if (unsettled(hosts).length === 0) await giveBlocksBack(store, recorded.record.block);
  const { identity, record } = recorded;
  return {
    ...{ lab, revision: identity.revision, writer: record.writer, isWritten: !before.record.deleted, hosts },
    ms: performance.now() - startedMs,
  };
}

async function writeDeleted({ lab, record, identity }: Recorded, { store, emit }: HostsIo): Promise<Recorded> {
  const next = { ...record, writer: writer(), at: new Date().toISOString(), deleted: true };
  try {
    const written = await writeRecord(store, lab, next, identity);
    emit({ type: 'notice', message: `Lab ${lab}: revision ${written.revision} says that it is to be removed` });
    return { lab, record: next, identity: written };
  } catch (error) {
    if (!(error instanceof LinkloomError) || error.code !== 'E_CONFLICT') throw error;
    throw await conflict(store, lab, error);
  }
}
