/**
 * Reads and writes records of labs. Key `lab.NAME` of the bucket `desired`: JSON, packed by gzip. Of a lab that does not go into one
 * message it is a note of the pieces in which the record is.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as v from 'valibot';
import { LinkloomError } from '../errors.ts';
import { type Identity, isNews } from './identity.ts';
import { type InPieces, listPieces, PIECE_BYTES, readPieces, removePieces, writePieces } from './pieces.ts';
import type { LabRecord } from './record.ts';
import type { Entry, Store } from './store.ts';

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
  files: v.optional(
    v.record(v.string(), v.array(v.object({ path: v.string(), mode: v.number(), data: v.nullable(v.string()) }))),
  ),
  hosts: v.record(
    v.string(),
    v.object({ address: v.string(), port: v.number(), trunk: v.exactOptional(v.literal(true)) }),
  ),
  place: v.record(v.string(), v.string()),
  vni: v.record(v.string(), v.number()),
  block: v.array(v.number()),
  retired: v.record(v.string(), v.number()),
  deleted: v.boolean(),
});

/** What stands in place of a record that is stored in pieces. It has nothing by which a reader could take it for a record. */
const NoteSchema = v.object({
  schema: v.number(),
  needs: v.string(),
  writer: v.string(),
  at: v.string(),
  hosts: v.array(v.string()),
  deleted: v.boolean(),
  digest: v.string(),
  pieces: v.number(),
});

export type Note = InPieces &
  Pick<LabRecord, 'schema' | 'needs' | 'writer' | 'at' | 'deleted'> & { readonly hosts: readonly string[] };

/** A record, and which writing of it this is. */
export interface Recorded {
  readonly lab: string;
  readonly record: LabRecord;
  readonly identity: Identity;
}

/** What can be said of a record without its pieces. */
export interface RecordHead extends Pick<LabRecord, 'writer' | 'deleted'> {
  readonly hosts: readonly string[];
  readonly identity: Identity;
}

/** A record that was written. */
export interface Written {
  readonly identity: Identity;
  /** Removes the pieces of earlier records. To be called when hosts have had time to take this one. Throws E_STORE. */
  readonly sweep: () => Promise<void>;
}

/** The bytes of a record. Throws E_LIMIT if readers would refuse them. */
export async function packRecord(record: LabRecord): Promise<Uint8Array> {
  const text = JSON.stringify(record);
  if (text.length <= UNPACKED_MAX_BYTES) return await promisify(gzip)(text);
  const [size, most] = [text.length, UNPACKED_MAX_BYTES].map((bytes) => `${Math.round(bytes / 1_000_000)} MB`);
  throw new LinkloomError('E_LIMIT', `the record of the lab would have ${size}, and ${most} are the most`, {
    hint: 'make several labs of it, or put large files on the hosts and name them by absolute paths',
  });
}

/** The record, or the note of its pieces. Throws E_STORE if the bytes are neither. */
export async function unpackRecord(lab: string, bytes: Uint8Array): Promise<LabRecord | Note> {
  try {
    const text = await promisify(gunzip)(bytes, { maxOutputLength: UNPACKED_MAX_BYTES });
    const value: unknown = JSON.parse(text.toString());
    return v.is(NoteSchema, value) ? v.parse(NoteSchema, value) : v.parse(RecordSchema, value);
  } catch (cause) {
    const message = `what the store has of the lab ${lab} is no record of linkloom's: ${(cause as Error).message}`;
    throw new LinkloomError('E_STORE', message, { cause });
  }
}

/** The record in whose place the store has this. null: its pieces are gone, since there is a newer one. Throws E_STORE. */
export async function wholeRecord(store: Store, lab: string, found: LabRecord | Note): Promise<LabRecord | null> {
  if (!isNote(found)) return found;
  const bytes = await readPieces(store, lab, found);
  const record = bytes === null ? null : await unpackRecord(lab, bytes);
  if (record === null || !isNote(record)) return record;
  throw new LinkloomError('E_STORE', `the record of the lab ${lab} is a note of a note`);
}

/** null: the store has no record of the lab. Throws E_STORE. */
export async function readRecord(store: Store, lab: string): Promise<Recorded | null> {
  for (let gone: Identity | null = null; ; ) {
    const entry = await store.read('desired', keyOfLab(lab));
    if (entry === null) return null;
    const record = await wholeRecord(store, lab, await unpackRecord(lab, entry.value));
    const identity = { epoch: entry.epoch, revision: entry.revision };
    if (record !== null) return { lab, record, identity };
    // Pieces go when there is a newer record.
    if (gone !== null && !isNews(gone, identity)) throw incomplete(lab);
    gone = identity;
  }
}

/** null: the store has no record of the lab. Throws E_STORE. */
export async function readHead(store: Store, lab: string): Promise<RecordHead | null> {
  const entry = await store.read('desired', keyOfLab(lab));
  return entry === null ? null : await headOf(lab, entry);
}

/** The records of all labs. Throws E_STORE. */
export async function listRecords(store: Store): Promise<readonly Recorded[]> {
  const labs = (await store.list('desired', LAB_PREFIX)).map(({ key }) => key.slice(LAB_PREFIX.length));
  return (await Promise.all(labs.map((lab) => readRecord(store, lab)))).filter((recorded) => recorded !== null);
}

/** Throws E_CONFLICT if the record is not `known` any more (null: there was none), E_LIMIT and E_STORE. */
export async function writeRecord(
  store: Store,
  lab: string,
  record: LabRecord,
  known: Identity | null,
): Promise<Written> {
  const bytes = await packRecord(record);
  const old = await listPieces(store, lab);
  const kept = bytes.length > PIECE_BYTES ? await writePieces(store, lab, bytes) : null;
  const value = kept === null ? bytes : await packNote(record, kept);
  const expected = known === null ? 'absent' : known.revision;
  const identity = await store.write('desired', keyOfLab(lab), value, expected);
  return { identity, sweep: () => removePieces(store, lab, old, kept) };
}

/** The lab of a key of `desired`; null: it is no record's. */
export function labOfKey(key: string): string | null {
  return key.startsWith(LAB_PREFIX) ? key.slice(LAB_PREFIX.length) : null;
}

export function keyOfLab(lab: string): string {
  return `${LAB_PREFIX}${lab}`;
}

export async function headOf(
  lab: string,
  { value, epoch, revision }: Pick<Entry, 'value' | 'epoch' | 'revision'>,
): Promise<RecordHead> {
  const found = await unpackRecord(lab, value);
  const hosts = isNote(found) ? found.hosts : Object.keys(found.hosts);
  return { writer: found.writer, deleted: found.deleted, hosts, identity: { epoch, revision } };
}

export function isNote(found: LabRecord | Note): found is Note {
  return 'digest' in found;
}

async function packNote({ schema, needs, writer, at, hosts, deleted }: LabRecord, kept: InPieces): Promise<Uint8Array> {
  const note: Note = { schema, needs, writer, at, hosts: Object.keys(hosts), deleted, ...kept };
  return await promisify(gzip)(JSON.stringify(note));
}

function incomplete(lab: string): LinkloomError {
  return new LinkloomError('E_STORE', `pieces of the record of the lab ${lab} are missing in the store`, {
    hint: 'try again: somebody may be writing it; if it stays so, they were removed by hand',
  });
}
