/**
 * The buckets, as NATS's own key-value stores have them (a stream `KV_ll-…` with a subject for each key), so that its tools read them.
 * They are made when they are first used.
 */
import type { DiscardPolicy, JetStreamManager, RetentionPolicy, StorageType, StreamConfig } from '@nats-io/jetstream';
import { LinkloomError } from '../../errors.ts';
import type { Bucket } from '../store.ts';
import { LEASE_MS } from '../times.ts';
import { textOf } from './faults.ts';

const NANOS_PER_MS = 1_000_000;

/** The marker of a key that has expired stays this long, for those who are cut off meanwhile. */
const MARKER_MS = 60_000;

/** How many states of a key are kept, for people who ask what it was. */
const HISTORY: Readonly<Record<Bucket, number>> = { desired: 5, piece: 1, state: 1, lease: 1 };

export function streamOf(bucket: Bucket): string {
  return `KV_ll-${bucket}`;
}

/** `key` may be `>`: all keys. */
export function subjectOf(bucket: Bucket, key: string): string {
  return `$KV.ll-${bucket}.${key}`;
}

export function keyOf(bucket: Bucket, subject: string): string {
  return subject.slice(subjectOf(bucket, '').length);
}

/**
 * Makes a bucket, with three copies where the servers are a cluster. Throws what the client throws, E_STORE where a cluster has no room for
 * three.
 */
export async function makeBucket(manager: JetStreamManager, bucket: Bucket, isCluster: boolean): Promise<void> {
  try {
    await manager.streams.add(configOf(bucket, isCluster ? 3 : 1));
  } catch (error) {
    if (!/replicas|no suitable peers/i.test(textOf(error))) throw error;
    const message = `the bucket ll-${bucket} can't be made: ${textOf(error)}`;
    if (/replicas/i.test(message)) throw new LinkloomError('E_STORE', message, { hint: 'a cluster has three servers' });
    throw error;
  }
}

function configOf(bucket: Bucket, replicas: number): Partial<StreamConfig> & { name: string } {
  return {
    name: streamOf(bucket),
    subjects: [subjectOf(bucket, '>')],
    retention: 'limits' as RetentionPolicy,
    storage: 'file' as StorageType,
    discard: 'new' as DiscardPolicy,
    max_msgs_per_subject: HISTORY[bucket],
    num_replicas: replicas,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
    ...(bucket === 'lease' && {
      max_age: LEASE_MS * NANOS_PER_MS,
      allow_msg_ttl: true,
      subject_delete_marker_ttl: MARKER_MS * NANOS_PER_MS,
    }),
  };
}
