/**
 * Who may do what in the store, as the accounts of a configuration of nats-server. Permissions of users would not do: whoever may ask
 * the store for anything names the subject that the answer goes to, and the answer to a question about one's own key is what one has
 * written there. In one account that subject can be a key of `desired`; from an account of its own an answer does not get out.
 */
import { HOST_NAME } from '../config/nodes/host-name.ts';
import type { HostName } from './names.ts';
import type { Bucket } from './store.ts';

/** The account that has the buckets, and those who run verbs. */
const STORE = 'LINKLOOM';

/** Begins the names of all other accounts. What is in one has to ask JetStream under another prefix, since NATS's own is that account's. */
const APART = `${STORE}-`;

/** Where an account of `storeAccounts` finds JetStream's API (NATS's own prefix is `$JS.API`). */
const API_APART = 'll.api';

const BUCKETS: readonly Bucket[] = ['desired', 'piece', 'state', 'lease'];

/** Public NKeys of users (`U…`). */
export interface StoreKeys {
  /** Of those who run verbs that change labs; they are root on every host. */
  readonly verbs: readonly string[];
  /** Of those who may look, and no more. */
  readonly readers: readonly string[];
  /** Of each host's agent. */
  readonly hosts: ReadonlyMap<HostName, string>;
}

/** The prefix of JetStream's API for a connection that is in an account; null: NATS's own. */
export function apiPrefixIn(account: string): string | null {
  return account.startsWith(APART) ? API_APART : null;
}

/**
 * The block `accounts { … }` for the configuration of every nats-server of the store. An agent can read all records and states, and write
 * its host's own; a reader writes nothing. Throws TypeError on names and keys that are none.
 */
export function storeAccounts(keys: StoreKeys): string {
  const { verbs, readers, hosts } = keys;
  for (const host of hosts.keys()) if (!HOST_NAME.test(host)) throw new TypeError(`'${host}' is no name of a host`);
  for (const key of [...verbs, ...readers, ...hosts.values()])
    if (!isUserKey(key)) throw new TypeError(`'${key}' is no public NKey of a user`);
  const names = [...hosts.keys()];
  const blocks = [
    storeBlock(keys, names),
    ...[...hosts].map(([host, key]) => hostBlock(host, key)),
    ...(readers.length > 0 ? [readersBlock(readers, names)] : []),
  ];
  return `accounts {\n${blocks.join('\n')}\n}\n`;
}

function storeBlock({ verbs, readers, hosts }: StoreKeys, names: readonly HostName[]): string {
  const apart = [...[...hosts.keys()].map(accountOf), ...(readers.length > 0 ? [READERS] : [])];
  const shared = apart.length === 0 ? [] : QUESTIONS.map((question) => exported(question, apart));
  const own = names.flatMap((host) =>
    keysOf(host).map((subject) => exported({ subject, answers: 'one' }, [accountOf(host)])),
  );
  const heard = names.flatMap((host) => [
    `stream: ${from(accountOf(host), eventsOf(host))}`,
    `service: ${from(accountOf(host), asksOf(host))}`,
  ]);
  return block(STORE, [
    'jetstream: enabled',
    usersOf(verbs),
    list('exports', [...shared, ...own]),
    list('imports', heard),
  ]);
}

function hostBlock(host: HostName, key: string): string {
  const to = (what: string, subject: string): string => `${what}: ${quoted(subject)}, accounts: [${quoted(STORE)}]`;
  // Readers hear events from the host's own account: what is imported can't be passed on.
  const events = `stream: ${quoted(eventsOf(host))}, accounts: [${quoted(STORE)}, ${quoted(READERS)}]`;
  return block(accountOf(host), [
    usersOf([key]),
    list('exports', [events, to('service', asksOf(host))]),
    list('imports', [...askedOfStore(), ...keysOf(host).map((subject) => `service: ${from(STORE, subject)}`)]),
  ]);
}

function readersBlock(readers: readonly string[], names: readonly HostName[]): string {
  const events = names.map((host) => `stream: ${from(accountOf(host), eventsOf(host))}`);
  return block(READERS, [usersOf(readers), list('imports', [...askedOfStore(), ...events])]);
}

const READERS = `${APART}READERS`;

function accountOf(host: HostName): string {
  return `${APART}HOST-${host}`;
}

/** What the store is asked by those who only read (ADR-2 and ADR-13 of NATS list the subjects). */
const QUESTIONS: readonly Question[] = BUCKETS.flatMap((bucket) => {
  const stream = `KV_ll-${bucket}`;
  return [
    { subject: `STREAM.INFO.${stream}`, answers: 'one' },
    { subject: `STREAM.MSG.GET.${stream}`, answers: 'one' },
    { subject: `CONSUMER.CREATE.${stream}.>`, answers: 'one' },
    { subject: `CONSUMER.INFO.${stream}.>`, answers: 'one' },
    { subject: `CONSUMER.MSG.NEXT.${stream}.>`, answers: 'many' },
  ].map(({ subject, answers }) => ({ subject: `$JS.API.${subject}`, answers: answers as Question['answers'] }));
});

interface Question {
  readonly subject: string;
  readonly answers: 'one' | 'many';
}

function exported({ subject, answers }: Question, accounts: readonly string[]): string {
  const kind = answers === 'many' ? ', response_type: stream' : '';
  return `service: ${quoted(subject)}${kind}, accounts: [${accounts.map(quoted).join(', ')}]`;
}

function askedOfStore(): readonly string[] {
  return QUESTIONS.map(({ subject }) => {
    const under = subject.replace('$JS.API', API_APART);
    return `service: ${from(STORE, subject)}, to: ${quoted(under)}`;
  });
}

/** The keys that a host writes, as subjects. */
function keysOf(host: HostName): readonly string[] {
  return [`$KV.ll-state.${host}.>`, `$KV.ll-lease.${host}`];
}

function eventsOf(host: HostName): string {
  return `ll.events.*.${host}`;
}

function asksOf(host: HostName): string {
  return `ll.ask.${host}.>`;
}

function usersOf(keys: readonly string[]): string {
  return list(
    'users',
    keys.map((key) => `nkey: ${key}`),
  );
}

function from(account: string, subject: string): string {
  return `{ account: ${quoted(account)}, subject: ${quoted(subject)} }`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function list(name: string, entries: readonly string[]): string {
  return `${name}: [${entries.map((entry) => `\n      { ${entry} }`).join('')}\n    ]`;
}

function block(name: string, parts: readonly string[]): string {
  return `  ${quoted(name)}: {\n${parts.map((part) => `    ${part}`).join('\n')}\n  }`;
}

/** Whether it can be a public NKey of a user: 56 characters of base32 that begin with U (github.com/nats-io/nkeys). */
function isUserKey(text: string): boolean {
  return /^U[A-Z2-7]{55}$/.test(text);
}
