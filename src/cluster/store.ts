/**
 * What a store can do. `nats/` is one; tests have one in memory. All calls are tried again until their deadline while the store does
 * not answer. Reads may be old, so whoever acts on one writes with the revision that was read.
 */
import type { Identity } from './identity.ts';

/**
 * `desired`: records of labs, and who owns which block of VNIs. `piece`: what of a record does not go into one message. `state`: what
 * hosts tell. `lease`: which hosts live.
 */
export type Bucket = 'desired' | 'piece' | 'state' | 'lease';

/** The value of a key. */
export interface Entry extends Identity {
  readonly key: string;
  readonly value: Uint8Array;
}

/** What became of a key: it has a value, or it was removed (`value` null). */
export interface Change extends Identity {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** What a write requires of the key: that it has no value (`absent`), this revision, or nothing (`any`). */
export type Expected = 'absent' | 'any' | number;

/** A message of the network of the store, kept by nobody. */
export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** How often the store was asked. */
export interface StoreCounts {
  /** Calls, however often each was tried. */
  readonly calls: number;
  /** Tries of them after the first, since the store had not answered. */
  readonly retries: number;
}

export interface Store extends AsyncDisposable {
  /** Since it was opened. */
  readonly counts: StoreCounts;
  /** When the bucket was created: the `epoch` of its entries. */
  epoch(bucket: Bucket): Promise<string>;
  /** null: the key has no value. Throws E_STORE. */
  read(bucket: Bucket, key: string): Promise<Entry | null>;
  /** All keys that begin with `prefix` and have a value. Throws E_STORE. */
  list(bucket: Bucket, prefix: string): Promise<readonly Entry[]>;
  /** Throws E_CONFLICT if the key is not as expected; E_STORE if the store can't be reached, and then it may be written or not. */
  write(bucket: Bucket, key: string, value: Uint8Array, expected: Expected): Promise<Identity>;
  /** The key has no value then. Throws as `write` does. */
  remove(bucket: Bucket, key: string, expected: Expected): Promise<void>;
  /**
   * Tells all keys that begin with `prefix`, as they are and as they become, until the signal aborts. The same state may be told
   * twice, and one that was replaced at once not at all; the last one is told surely, also after the store was away or wiped.
   * A bucket that was wiped tells nothing of its keys: absence is no news. `onLost` is told when the store stops answering (why), and
   * when it answers again (null).
   */
  follow(bucket: Bucket, prefix: string, onChange: (change: Change) => void, options: FollowOptions): Promise<void>;
  /** Sends a message to whoever listens now. */
  publish(subject: string, data: Uint8Array): void;
  /** Hears messages until the signal aborts. `*` stands for one part of a subject, `>` at its end for all further ones. */
  subscribe(subject: string, onMessage: (message: Message) => void, signal: AbortSignal): Promise<void>;
  /** Asks, and returns the answer, both of 128 MiB at most. Throws E_STORE if there is none in time. */
  ask(subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Answers what is asked until the signal aborts. What `onAsked` throws is not answered. */
  answer(subject: string, onAsked: (message: Message) => Promise<Uint8Array>, signal: AbortSignal): Promise<void>;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onLost?: (why: string | null) => void;
}
