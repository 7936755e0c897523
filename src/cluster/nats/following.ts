/**
 * Follows a bucket through all that can become of its servers: by a pull consumer, of which another takes the place when it is silent for
 * seconds, and by a look every ten seconds. The look finds a bucket that was made anew, which a consumer does not (it goes on asking for
 * later messages than there are), and a consumer that tells nothing of what the bucket has.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type {
  Consumer,
  ConsumerMessages,
  DeliverPolicy,
  JetStreamClient,
  JetStreamManager,
  JsMsg,
} from '@nats-io/jetstream';
import type { Bucket } from '../store.ts';
import { streamOf, subjectOf } from './buckets.ts';
import { faultOf, textOf } from './faults.ts';

const HEARTBEAT_MS = 1000;
/** A consumer that has missed so many is not waited for: the client would go on asking the server that had it. */
const MISSED_MOST = 3;
const LOOK_MS = 10_000;
const PAUSE_MS = 1000;

interface Followed {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly bucket: Bucket;
  readonly signal: AbortSignal;
}

interface Heard {
  readonly onEpoch: (epoch: string) => void;
  readonly onMessage: (message: JsMsg, epoch: string) => void;
  /** Makes the bucket where it is missing. */
  readonly make: () => Promise<void>;
}

/** Until the signal aborts, and no longer: what is asked of a store that does not answer then is not waited for. Never throws. */
export async function followBucket(
  followed: Followed,
  onLost: (why: string | null) => void,
  heard: Heard,
): Promise<void> {
  const { signal } = followed;
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  if (!signal.aborted) await Promise.race([ended, followOnAndOn(followed, onLost, heard)]);
}

async function followOnAndOn(followed: Followed, onLost: (why: string | null) => void, heard: Heard): Promise<void> {
  const { signal } = followed;
  let isLost = false;
  const tell = (why: string | null): void => {
    if ((why !== null) === isLost || signal.aborted) return;
    isLost = why !== null;
    onLost(why);
  };
  while (!signal.aborted) {
    try {
      await followOnce(followed, tell, heard);
    } catch (error) {
      // A bucket that is missing is made; the store itself answers.
      if (faultOf(error) === 'missing') await heard.make().catch((why: unknown) => tell(textOf(why)));
      else tell(textOf(error));
      await pause(PAUSE_MS, signal);
    }
  }
}

/** Until the bucket is another one, the consumer is silent or deaf, or the signal aborts. Throws what the client throws. */
async function followOnce(
  { client, manager, bucket, signal }: Followed,
  tell: (why: string | null) => void,
  { onEpoch, onMessage }: Heard,
): Promise<void> {
  const stream = streamOf(bucket);
  const { created } = await manager.streams.info(stream);
  onEpoch(created);
  const consumer = await client.consumers.get(stream, {
    filter_subjects: subjectOf(bucket, '>'),
    deliver_policy: 'last_per_subject' as DeliverPolicy,
  });
  const messages = await consume(consumer);
  tell(null);
  // The last message of the bucket is the last one of its key, so whoever hears all that the bucket has hears it.
  let heardSeq = 0;
  const hearing = (async () => {
    for await (const message of messages) {
      heardSeq = Math.max(heardSeq, message.seq);
      if (!signal.aborted) onMessage(message, created);
    }
  })();
  hearing.catch(() => {});
  const end = new AbortController();
  const looking = look(manager, stream, {
    created,
    heard: () => heardSeq,
    signal: AbortSignal.any([signal, end.signal]),
    tell,
  });
  try {
    await Promise.race([hearing, looking, silence(messages)]);
  } finally {
    end.abort();
    await messages.close().catch(() => {});
  }
}

async function consume(consumer: Consumer): Promise<ConsumerMessages> {
  return await consumer.consume({ idle_heartbeat: HEARTBEAT_MS, expires: 10_000, max_messages: 1000 });
}

/** Returns when the consumer is silent, or closed. */
async function silence(messages: ConsumerMessages): Promise<void> {
  for await (const notice of messages.status())
    if (notice.type === 'heartbeats_missed' && notice.count >= MISSED_MOST) return;
}

interface Look {
  readonly created: string;
  readonly heard: () => number;
  readonly signal: AbortSignal;
  readonly tell: (why: string | null) => void;
}

/** Returns when the bucket is another one, or has had for a whole round what was not heard. */
async function look(manager: JetStreamManager, stream: string, { created, heard, signal, tell }: Look): Promise<void> {
  let unheard: number | null = null;
  while (!signal.aborted) {
    await pause(LOOK_MS, signal);
    if (signal.aborted) return;
    try {
      const info = await manager.streams.info(stream);
      tell(null);
      if (info.created !== created) return;
      if (unheard !== null && heard() < unheard) return;
      // A bucket whose keys have all expired has nothing that could be heard.
      const isMore = info.state.messages > 0 && info.state.last_seq > heard();
      unheard = isMore ? info.state.last_seq : null;
    } catch (error) {
      if (faultOf(error) === 'missing') throw error;
      tell(textOf(error));
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
