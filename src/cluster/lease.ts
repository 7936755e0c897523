/** The right to speak for a host: one agent of a name at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import { LinkloomError } from '../errors.ts';
import { commandLine } from '../verb-names.ts';
import type { HostName } from './names.ts';
import type { Lease } from './state.ts';
import { bytesOf } from './states.ts';
import type { Entry, Store } from './store.ts';
import { LEASE_MS, LEASE_RENEW_MS } from './times.ts';

const LOOK_MS = 500;

export interface LeaseOptions {
  readonly store: Store;
  readonly host: HostName;
  readonly own: Lease;
  /** Whether a process of the same boot still runs. One that has ended gives way at once, else after `LEASE_MS`. */
  readonly isRunning: (lease: Lease) => boolean;
}

export class HostLease implements AsyncDisposable {
  readonly #options: LeaseOptions;
  #revision: number;

  private constructor(options: LeaseOptions, revision: number) {
    this.#options = options;
    this.#revision = revision;
  }

  /** Waits for the lease of a holder that has died. Throws E_LOCKED if the holder lives; E_STORE; E_INTERRUPTED. */
  static async take(options: LeaseOptions, signal: AbortSignal): Promise<HostLease> {
    const { store, host, own, isRunning } = options;
    let first: Entry | null = null;
    for (const endMs = performance.now() + 2 * LEASE_MS; ; ) {
      if (signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
      const now = await store.read('lease', host);
      first ??= now;
      const other = now === null ? null : leaseOf(now);
      const isFree = other === null || (other.boot === own.boot && !isRunning(other));
      if (isFree) {
        const taken = await tryWrite(options, now?.revision ?? 'absent');
        if (taken !== null) return new HostLease(options, taken);
        continue;
      }
      if (now?.revision !== first?.revision || performance.now() > endMs) throw refused(host, other);
      await delay(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Renews the lease until the signal aborts. Throws E_LOCKED if another agent has taken the name meanwhile. A store that does not answer
   * is no reason to end.
   */
  async keep(signal: AbortSignal): Promise<void> {
    const { store, host, own } = this.#options;
    while (!signal.aborted) {
      await delay(LEASE_RENEW_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        const taken = await tryWrite(this.#options, this.#revision);
        if (taken !== null) {
          this.#revision = taken;
          continue;
        }
        const now = await store.read('lease', host);
        const other = now === null ? null : leaseOf(now);
        if (other !== null && other.holder !== own.holder) throw refused(host, other);
        this.#revision = now?.revision ?? (await tryWrite(this.#options, 'absent')) ?? this.#revision;
      } catch (error) {
        if (error instanceof LinkloomError && error.code === 'E_LOCKED') throw error;
      }
    }
  }

  /** Gives it back, so that the host is known to be without an agent at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.store.remove('lease', this.#options.host, this.#revision).catch(() => {});
  }
}

/** The revision written; null: the key is not as expected. */
async function tryWrite({ store, host, own }: LeaseOptions, expected: number | 'absent'): Promise<number | null> {
  try {
    return (await store.write('lease', host, bytesOf(own), expected)).revision;
  } catch (error) {
    if (error instanceof LinkloomError && error.code === 'E_CONFLICT') return null;
    throw error;
  }
}

function leaseOf({ value }: Entry): Lease {
  return JSON.parse(new TextDecoder().decode(value)) as Lease;
}

function refused(host: HostName, other: Lease | null): LinkloomError {
  const who = other === null ? '' : ` (process ${other.pid} there)`;
  return new LinkloomError('E_LOCKED', `another agent speaks for the host ${host}${who}`, {
    hint: `give each host a name of its own with --host; ${commandLine('hosts')} lists those that live`,
  });
}
