/** Implements Store on JetStream. */
import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { LinkloomError } from '../../errors.ts';
import type { Identity } from '../identity.ts';
import type { Bucket, Change, Entry, Expected, FollowOptions, Message, Store, StoreCounts } from '../store.ts';
import { keyOf, makeBucket, streamOf, subjectOf } from './buckets.ts';
import type { Endurance } from './endurance.ts';
import { faultOf, isNotFound, textOf } from './faults.ts';
import { followBucket } from './following.ts';
import { askInPieces, Parcels } from './parcels.ts';
import { type Patience, patiently, type Try } from './patience.ts';

type Client = typeof import('@nats-io/jetstream');

/** One try of a request. A leader that is there answers within milliseconds. */
const TRY_MS = 3000;

/** How many keys are read at the same time. */
const AT_ONCE = 64;

/** nats.go's `kv.go`: which operation a message is, and why a server removed a key by itself. */
const OPERATION = 'KV-Operation';
const MARKER = 'Nats-Marker-Reason';

interface Place {
  readonly where: string;
  /** Of the next call. */
  readonly endurance: () => Endurance;
}

export class NatsStore implements Store {
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #place: Place;
  readonly #headers: () => MsgHdrs;
  readonly #ending = new AbortController();
  readonly #epochs = new Map<Bucket, string>();
  #calls = 0;
  #retries = 0;

  private constructor(
    connection: NatsConnection,
    clients: { readonly client: JetStreamClient; readonly manager: JetStreamManager; readonly headers: () => MsgHdrs },
    place: Place,
  ) {
    this.#connection = connection;
    this.#client = clients.client;
    this.#manager = clients.manager;
    this.#headers = clients.headers;
    this.#place = place;
  }

  /** `apiPrefix`: of the subjects by which JetStream is asked; null: NATS's own. */
  static async on(
    connection: NatsConnection,
    client: Client,
    place: Place,
    apiPrefix: string | null,
  ): Promise<NatsStore> {
    const options = apiPrefix === null ? {} : { apiPrefix };
    const manager = await client.jetstreamManager(connection, { ...options, checkAPI: false, timeout: TRY_MS });
    const { headers } = await import('@nats-io/transport-node');
    return new NatsStore(connection, { client: client.jetstream(connection, options), manager, headers }, place);
  }

  get counts(): StoreCounts {
    return { calls: this.#calls, retries: this.#retries };
  }

  async epoch(bucket: Bucket): Promise<string> {
    const { created } = await this.#patiently(bucket, () => this.#manager.streams.info(streamOf(bucket)));
    this.#epochs.set(bucket, created);
    return created;
  }

  /** The leader is asked, so what it says is not old, unless it has just lost its office. */
  async read(bucket: Bucket, key: string): Promise<Entry | null> {
    const epoch = this.#epochs.get(bucket) ?? (await this.epoch(bucket));
    const message = await this.#patiently(bucket, () => this.#last(bucket, key));
    return message === null ? null : entryOf(bucket, message, await this.#epochOf(bucket, epoch, message));
  }

  async list(bucket: Bucket, prefix: string): Promise<readonly Entry[]> {
    const epoch = await this.epoch(bucket);
    const filter = subjectOf(bucket, `${prefix}>`);
    const info = await this.#patiently(bucket, () =>
      this.#manager.streams.info(streamOf(bucket), { subjects_filter: filter }),
    );
    const keys = Object.keys(info.state.subjects ?? {}).map((subject) => keyOf(bucket, subject));
    const found: Entry[] = [];
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const some = keys.slice(at, at + AT_ONCE).map((key) => this.#patiently(bucket, () => this.#last(bucket, key)));
      for (const message of await Promise.all(some)) {
        const entry = message === null ? null : entryOf(bucket, message, epoch);
        if (entry !== null) found.push(entry);
      }
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async write(bucket: Bucket, key: string, value: Uint8Array, expected: Expected): Promise<Identity> {
    const headers = this.#headers();
    return await this.#put(bucket, key, value, headers, expected);
  }

  async remove(bucket: Bucket, key: string, expected: Expected): Promise<void> {
    const headers = this.#headers();
    headers.set(OPERATION, 'DEL');
    await this.#put(bucket, key, new Uint8Array(), headers, expected);
  }

  async follow(
    bucket: Bucket,
    prefix: string,
    onChange: (change: Change) => void,
    { signal, onLost = () => {} }: FollowOptions,
  ): Promise<void> {
    const end = AbortSignal.any([signal, this.#ending.signal]);
    await followBucket({ client: this.#client, manager: this.#manager, bucket, signal: end }, onLost, {
      onEpoch: (epoch) => this.#epochs.set(bucket, epoch),
      onMessage: (message, epoch) => {
        const key = keyOf(bucket, message.subject);
        if (!key.startsWith(prefix)) return;
        const value = isRemoval(message.headers) ? null : message.data;
        onChange({ key, value, epoch, revision: message.seq });
      },
      make: () => this.#make(bucket),
    });
  }

  publish(subject: string, data: Uint8Array): void {
    if (!this.#connection.isClosed()) this.#connection.publish(subject, data);
  }

  async subscribe(subject: string, onMessage: (message: Message) => void, signal: AbortSignal): Promise<void> {
    const subscription = this.#connection.subscribe(subject);
    const stop = (): void => subscription.unsubscribe();
    const end = AbortSignal.any([signal, this.#ending.signal]);
    end.addEventListener('abort', stop, { once: true });
    if (end.aborted) stop();
    for await (const { subject: of, data } of subscription) onMessage({ subject: of, data });
  }

  async ask(subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    try {
      return await askInPieces(this.#connection, this.#headers, { subject, data }, timeoutMs);
    } catch (cause) {
      throw new LinkloomError('E_STORE', `nobody answers ${subject}: ${textOf(cause)}`, { cause });
    }
  }

  async answer(
    subject: string,
    onAsked: (message: Message) => Promise<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const subscription = this.#connection.subscribe(subject);
    const end = AbortSignal.any([signal, this.#ending.signal]);
    end.addEventListener('abort', () => subscription.unsubscribe(), { once: true });
    if (end.aborted) return subscription.unsubscribe();
    const parcels = new Parcels(this.#headers, onAsked);
    for await (const message of subscription) void parcels.take(message).catch(() => {});
    parcels.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#connection.close();
  }

  async #put(bucket: Bucket, key: string, value: Uint8Array, headers: MsgHdrs, expected: Expected): Promise<Identity> {
    const epoch = this.#epochs.get(bucket) ?? (await this.epoch(bucket));
    if (expected !== 'any') {
      const last = expected === 'absent' ? await this.#lastOfAbsent(bucket, key) : expected;
      headers.set('Nats-Expected-Last-Subject-Sequence', `${last}`);
    }
    const put = async ({ isAgain }: Try): Promise<Identity> => {
      try {
        const { seq } = await this.#client.publish(subjectOf(bucket, key), value, { headers, timeout: TRY_MS });
        return { epoch, revision: seq };
      } catch (error) {
        if (faultOf(error) !== 'conflict') throw error;
        // An earlier try that was not answered may have been carried out: then it is ours that is there.
        const last = isAgain ? await this.#last(bucket, key) : null;
        if (last !== null && Buffer.from(last.data).equals(value)) return { epoch, revision: last.seq };
        throw new LinkloomError('E_CONFLICT', `${key} was changed by another one meanwhile`, { cause: error });
      }
    };
    const done = await this.#patiently(bucket, put);
    // The bucket may have been made anew by now.
    return { ...done, epoch: this.#epochs.get(bucket) ?? epoch };
  }

  /** The number of the last message of a key that has no value. Throws E_CONFLICT if it has one. */
  async #lastOfAbsent(bucket: Bucket, key: string): Promise<number> {
    const last = await this.#patiently(bucket, () => this.#last(bucket, key));
    if (last === null) return 0;
    if (isRemoval(last.header)) return last.seq;
    throw new LinkloomError('E_CONFLICT', `${key} is there already`);
  }

  async #last(bucket: Bucket, key: string): Promise<StoredMsg | null> {
    try {
      return await this.#manager.streams.getMessage(streamOf(bucket), { last_by_subj: subjectOf(bucket, key) });
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /** The epoch of a message that was read after it was asked for the epoch: another one, if the bucket was made anew meanwhile. */
  async #epochOf(bucket: Bucket, known: string, { time }: StoredMsg): Promise<string> {
    return time.getTime() + 1 < Date.parse(known) || this.#epochs.get(bucket) !== known
      ? await this.epoch(bucket)
      : known;
  }

  #patiently<T>(bucket: Bucket, call: (how: Try) => Promise<T>): Promise<T> {
    const onMissing = (): Promise<void> => this.#make(bucket);
    const { where, endurance } = this.#place;
    const patience: Patience = { where, endurance: endurance(), signal: this.#ending.signal, onMissing };
    this.#calls += 1;
    let tries = 0;
    return patiently((how) => {
      if (tries > 0) this.#retries += 1;
      tries += 1;
      return call(how);
    }, patience);
  }

  async #make(bucket: Bucket): Promise<void> {
    const { info } = this.#connection;
    try {
      await makeBucket(this.#manager, bucket, info?.cluster !== undefined);
    } catch (error) {
      // Another one may have made it, or there is no leader yet: the next try of the call shows.
      if (error instanceof LinkloomError || faultOf(error) === 'lasting') throw error;
    }
    this.#epochs.delete(bucket);
  }
}

function isRemoval(headers: MsgHdrs | undefined): boolean {
  return headers !== undefined && (headers.has(OPERATION) || headers.has(MARKER));
}

function entryOf(bucket: Bucket, message: StoredMsg, epoch: string): Entry | null {
  if (isRemoval(message.header)) return null;
  return { key: keyOf(bucket, message.subject), value: message.data, epoch, revision: message.seq };
}
