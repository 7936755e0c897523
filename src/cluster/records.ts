/** Reads and writes records of labs. Key `lab.NAME` of the bucket `desired`: JSON, packed by gzip, so that large labs fit in one message. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as v from 'valibot';
import { LinkloomError } from '../errors.ts';
import type { Identity } from './identity.ts';
import type { LabRecord } from './record.ts';
import type { Change, Entry, Store } from './store.ts';

const LAB_PREFIX = 'lab.';

/** The most that a record may unpack to: some 500,000 links. */
export const UNPACKED_MAX_BYTES = 100_000_000;

/** What readers need of a record. Keys that are not here are ignored, so that a later version may add some. */
export const RecordSchema = v.object({
  schema: v.number(),
  needs: v.string(),
  writer: v.string(),
  at: v.string(),
  config: v.record(v.string(), v.unknown()),
  hosts: v.record(v.string(), v.object({ address: v.string(), port: v.number() })),
  place: v.record(v.string(), v.string()),
  vni: v.record(v.string(), v.number()),
  block: v.array(v.number()),
  retired: v.record(v.string(), v.number()),
  deleted: v.boolean(),
});

/** A record, and which writing of it this is. */
export interface Recorded {
  readonly lab: string;
  readonly record: LabRecord;
  readonly identity: Identity;
}

/** The bytes of a record. */
export async function packRecord(record: LabRecord): Promise<Uint8Array> {
  return await promisify(gzip)(JSON.stringify(record));
}

/** Throws E_STORE if the bytes are no record. */
export async function unpackRecord(lab: string, bytes: Uint8Array): Promise<LabRecord> {
  try {
    const text = await promisify(gunzip)(bytes, { maxOutputLength: UNPACKED_MAX_BYTES });
    return v.parse(RecordSchema, JSON.parse(text.toString()));
  } catch (cause) {
    const message = `what the store has of the lab ${lab} is no record of linkloom's: ${(cause as Error).message}`;
    throw new LinkloomError('E_STORE', message, { cause });
  }
}

/** null: the store has no record of the lab. Throws E_STORE. */
export async function readRecord(store: Store, lab: string): Promise<Recorded | null> {
  const entry = await store.read('desired', `${LAB_PREFIX}${lab}`);
  return entry === null ? null : await recordedOf(entry);
}

/** The records of all labs. Throws E_STORE. */
export async function listRecords(store: Store): Promise<readonly Recorded[]> {
  return await Promise.all((await store.list('desired', LAB_PREFIX)).map(recordedOf));
}

/** Throws E_CONFLICT if the record is not `known` any more (null: there was none), and E_STORE. */
export async function writeRecord(
  store: Store,
  lab: string,
  record: LabRecord,
  known: Identity | null,
): Promise<Identity> {
  const expected = known === null ? 'absent' : known.revision;
  return await store.write('desired', `${LAB_PREFIX}${lab}`, await packRecord(record), expected);
}

/** The lab of a key of `desired`; null: it is no record's. */
export function labOfKey(key: string): string | null {
  return key.startsWith(LAB_PREFIX) ? key.slice(LAB_PREFIX.length) : null;
}

async function recordedOf(entry: Entry | (Change & { readonly value: Uint8Array })): Promise<Recorded> {
  const lab = entry.key.slice(LAB_PREFIX.length);
  const record = await unpackRecord(lab, entry.value);
  return { lab, record, identity: { epoch: entry.epoch, revision: entry.revision } };
}
