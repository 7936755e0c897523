/** What an agent still knows of a lab, asked for when the store may have lost it. Packed by gzip, as records are. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as v from 'valibot';
import { LinkloomError } from '../errors.ts';
import type { Identity } from './identity.ts';
import type { LabRecord } from './record.ts';
import { RecordSchema, UNPACKED_MAX_BYTES } from './records.ts';

/** Where things are in a lab, and which numbers its wires have: a record without its configuration. */
export type Layout = Pick<LabRecord, 'hosts' | 'place' | 'vni' | 'block' | 'retired' | 'deleted'>;

export interface Recollection {
  /** Of the newest record that the agent has taken, also from a store that is gone. null: it knows no record of the lab. */
  readonly known: (Layout & Identity) | null;
  /** The blocks of VNIs from which tunnels are, or will be, in the host's kernel, of whichever lab. */
  readonly blocks: readonly number[];
}

const RecollectionSchema = v.object({
  known: v.nullable(
    v.object({
      ...v.pick(RecordSchema, ['hosts', 'place', 'vni', 'block', 'retired', 'deleted']).entries,
      epoch: v.string(),
      revision: v.number(),
    }),
  ),
  blocks: v.array(v.number()),
});

export async function packRecollection(recollection: Recollection): Promise<Uint8Array> {
  return await promisify(gzip)(JSON.stringify(v.parse(RecollectionSchema, recollection)));
}

/** Throws E_STORE if the bytes are none. */
export async function unpackRecollection(bytes: Uint8Array): Promise<Recollection> {
  try {
    const text = await promisify(gunzip)(bytes, { maxOutputLength: UNPACKED_MAX_BYTES });
    return v.parse(RecollectionSchema, JSON.parse(text.toString()));
  } catch (cause) {
    throw new LinkloomError('E_STORE', `an agent has not answered as linkloom does: ${(cause as Error).message}`, {
      cause,
    });
  }
}
