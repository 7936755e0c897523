/**
 * Records that do not go into one message are stored in pieces, and what is written under their key is a note of these. Keys
 * `LAB.DIGEST.N` of the bucket `piece`, N from 0. The note is written last, so whoever sees it finds all of them.
 */
import { createHash } from 'node:crypto';
import { LinkloomError } from '../errors.ts';
import type { Entry, Store } from './store.ts';

/** Of a message. Servers take 1 MiB unless they are configured otherwise, and answer with a third more than what is stored. */
export const PIECE_BYTES = 512 * 1024;

/** How many pieces are written or read at the same time. */
const AT_ONCE = 8;

/** What is stored in pieces. */
export interface InPieces {
  /** SHA-256 of all pieces together, in hexadecimal. */
  readonly digest: string;
  readonly pieces: number;
}

/** Pieces that each go into a message, of the same memory. None of nothing. */
export function cutInPieces(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / PIECE_BYTES);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES));
}

/** Throws E_STORE. They are written also if they are there: somebody may be about to remove them. */
export async function writePieces(store: Store, lab: string, bytes: Uint8Array): Promise<InPieces> {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const pieces = cutInPieces(bytes);
  await inTurns(pieces.length, async (at) => {
    await store.write('piece', keyOf(lab, digest, at), pieces[at] as Uint8Array, 'any');
  });
  return { digest, pieces: pieces.length };
}

/** null: some are gone, since a newer record was written. Throws E_STORE, also if they are not what was written. */
export async function readPieces(store: Store, lab: string, { digest, pieces }: InPieces): Promise<Uint8Array | null> {
  const found = await inTurns(pieces, (at) => store.read('piece', keyOf(lab, digest, at)));
  const parts = found.flatMap((entry) => (entry === null ? [] : [entry.value]));
  if (parts.length < pieces) return null;
  const bytes = Buffer.concat(parts);
  if (createHash('sha256').update(bytes).digest('hex') === digest) return bytes;
  throw new LinkloomError('E_STORE', `the pieces of the record of the lab ${lab} are not those that were written`);
}

/** The pieces that a lab has now, whether a record has a note of them or not. Throws E_STORE. */
export async function listPieces(store: Store, lab: string): Promise<readonly Entry[]> {
  return await store.list('piece', `${lab}.`);
}

/**
 * Removes those of some pieces that are not of `kept` (null: no piece is needed). One that was written again since they were listed
 * stays: it is of a record that is about to be written. Throws E_STORE.
 */
export async function removePieces(
  store: Store,
  lab: string,
  listed: readonly Entry[],
  kept: InPieces | null,
): Promise<void> {
  const old = listed.filter(({ key }) => kept === null || !key.startsWith(`${lab}.${kept.digest}.`));
  await inTurns(old.length, async (at) => {
    const { key, revision } = old[at] as Entry;
    try {
      await store.remove('piece', key, revision);
    } catch (error) {
      if (!(error instanceof LinkloomError) || error.code !== 'E_CONFLICT') throw error;
    }
  });
}

function keyOf(lab: string, digest: string, at: number): string {
  return `${lab}.${digest}.${at}`;
}

async function inTurns<T>(count: number, work: (at: number) => Promise<T>): Promise<readonly T[]> {
  const done: T[] = [];
  for (let at = 0; at < count; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, nth) => work(at + nth));
    done.push(...(await Promise.all(some)));
  }
  return done;
}
