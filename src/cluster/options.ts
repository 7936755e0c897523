/** How the store is reached. */
import type { HostName } from './names.ts';

export interface StoreOptions {
  /** `nats://HOST:PORT` or `tls://HOST:PORT`, one for each server. A user and a password may stand before the host. */
  readonly servers: readonly string[];
  /** The host for which an agent speaks; null: whoever runs a verb. */
  readonly host: HostName | null;
  /** Files: the authority that the servers' certificates are of; a certificate and key of our own. null: the system's; none. */
  readonly tlsCa: string | null;
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  /** A file with the seed of an NKey; a file of credentials as `nsc` writes it. null: none. */
  readonly nkeyFile: string | null;
  readonly credsFile: string | null;
  /**
   * How long the store may be silent in all, in milliseconds: for a verb from its beginning to its end, for an agent in each call. It is
   * tried again meanwhile.
   */
  readonly deadlineMs: number;
}

/** The names of the two kinds of callers in the subjects of answers: `_INBOX_h1.…`, `_INBOX_verbs.…`. */
export function inboxOf(host: HostName | null): string {
  return host === null ? '_INBOX_verbs' : `_INBOX_${host}`;
}
