/** A store in memory that behaves as `Store` says, for tests of what uses stores. Several views of one `MemoryStores` are clients of it. */
import type { Identity } from '../../../src/cluster/identity.ts';
import type { Bucket, Change, Entry, Expected, FollowOptions, Message, Store } from '../../../src/cluster/store.ts';
import { LinkloomError } from '../../../src/errors.ts';

interface Kept {
  readonly created: string;
  revision: number;
  readonly keys: Map<string, Change>;
}

const BUCKETS: readonly Bucket[] = ['desired', 'piece', 'state', 'lease'];

/** The server: what all clients share. */
export class MemoryServer {
  readonly #buckets = new Map<Bucket, Kept>();
  readonly followers = new Set<(bucket: Bucket, change: Change) => void>();
  readonly listeners = new Set<(message: Message) => void>();
  readonly answerers: { readonly subject: string; readonly onAsked: (message: Message) => Promise<Uint8Array> }[] = [];
  #wipes = 0;
  /** While it is true every call fails as if the store did not answer. */
  isDown = false;

  constructor() {
    this.wipe();
  }

  /** All is gone, as if the disks of all servers were new. */
  wipe(): void {
    this.#wipes += 1;
    const created = new Date(Date.UTC(2026, 0, 1) + this.#wipes * 1000).toISOString();
    for (const bucket of BUCKETS) this.#buckets.set(bucket, { created, revision: 0, keys: new Map() });
  }

  bucket(bucket: Bucket): Kept {
    const kept = this.#buckets.get(bucket);
    if (this.isDown || kept === undefined) throw new LinkloomError('E_STORE', 'the store does not answer');
    return kept;
  }

  put(bucket: Bucket, key: string, value: Uint8Array | null, expected: Expected): Identity {
    const kept = this.bucket(bucket);
    const now = kept.keys.get(key);
    const isAsExpected =
      expected === 'any' || (expected === 'absent' ? (now?.value ?? null) === null : (now?.revision ?? 0) === expected);
    if (!isAsExpected) throw new LinkloomError('E_CONFLICT', `${key} was changed meanwhile`);
    kept.revision += 1;
    const change: Change = { key, value, epoch: kept.created, revision: kept.revision };
    kept.keys.set(key, change);
    for (const follower of this.followers) follower(bucket, change);
    return { epoch: change.epoch, revision: change.revision };
  }
}

export class MemoryStore implements Store {
  readonly #server: MemoryServer;

  readonly counts = { calls: 0, retries: 0 };

  constructor(server: MemoryServer) {
    this.#server = server;
  }

  async epoch(bucket: Bucket): Promise<string> {
    return this.#server.bucket(bucket).created;
  }

  async read(bucket: Bucket, key: string): Promise<Entry | null> {
    const found = this.#server.bucket(bucket).keys.get(key);
    return found === undefined ? null : entryOf(found);
  }

  async list(bucket: Bucket, prefix: string): Promise<readonly Entry[]> {
    const { keys } = this.#server.bucket(bucket);
    return [...keys.values()].flatMap((change) => (change.key.startsWith(prefix) ? (entryOf(change) ?? []) : []));
  }

  async write(bucket: Bucket, key: string, value: Uint8Array, expected: Expected): Promise<Identity> {
    return this.#server.put(bucket, key, value, expected);
  }

  async remove(bucket: Bucket, key: string, expected: Expected): Promise<void> {
    this.#server.put(bucket, key, null, expected);
  }

  async follow(
    bucket: Bucket,
    prefix: string,
    onChange: (change: Change) => void,
    { signal }: FollowOptions,
  ): Promise<void> {
    const follower = (of: Bucket, change: Change): void => {
      if (of === bucket && change.key.startsWith(prefix)) onChange(change);
    };
    for (const change of this.#server.bucket(bucket).keys.values()) follower(bucket, change);
    this.#server.followers.add(follower);
    await aborted(signal);
    this.#server.followers.delete(follower);
  }

  publish(subject: string, data: Uint8Array): void {
    if (this.#server.isDown) return;
    for (const listener of this.#server.listeners) listener({ subject, data });
  }

  async subscribe(subject: string, onMessage: (message: Message) => void, signal: AbortSignal): Promise<void> {
    const listener = (message: Message): void => {
      if (isMatch(subject, message.subject)) onMessage(message);
    };
    this.#server.listeners.add(listener);
    await aborted(signal);
    this.#server.listeners.delete(listener);
  }

  async ask(subject: string, data: Uint8Array, _timeoutMs: number): Promise<Uint8Array> {
    const found = this.#server.answerers.find((one) => isMatch(one.subject, subject));
    if (this.#server.isDown || found === undefined) throw new LinkloomError('E_STORE', `nobody answers ${subject}`);
    return await found.onAsked({ subject, data });
  }

  async answer(
    subject: string,
    onAsked: (message: Message) => Promise<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const one = { subject, onAsked };
    this.#server.answerers.push(one);
    await aborted(signal);
    this.#server.answerers.splice(this.#server.answerers.indexOf(one), 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function entryOf({ value, ...rest }: Change): Entry | null {
  return value === null ? null : { ...rest, value };
}

/** Whether a subject matches a pattern of NATS. */
function isMatch(pattern: string, subject: string): boolean {
  const [wanted, parts] = [pattern.split('.'), subject.split('.')];
  if (wanted.at(-1) === '>') wanted.splice(-1, 1, ...parts.slice(wanted.length - 1).map(() => '*'));
  return wanted.length === parts.length && wanted.every((part, at) => part === '*' || part === parts[at]);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
