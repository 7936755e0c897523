/** 10. What keys may do, on a real server: an agent writes its own host's keys and nothing else, by no way round; readers write nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { storeAccounts } from '../../../src/cluster/accounts.ts';
import { newUserKey, type UserKey } from '../../../src/cluster/nats/keys.ts';
import { openStore } from '../../../src/cluster/open.ts';
import type { Bucket, Store } from '../../../src/cluster/store.ts';
import { NatsServers, storeOptions, until } from '../../support/cluster/server.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);

const ROLES = ['verbs', 'reader', 'h1', 'h2', 'stranger'] as const;
type Role = (typeof ROLES)[number];

/** A server with a key for each role, and each role's way to connect. */
class Guarded implements AsyncDisposable {
  readonly #servers: NatsServers;
  readonly #keys: ReadonlyMap<Role, UserKey>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'keys-'));

  private constructor(servers: NatsServers, keys: ReadonlyMap<Role, UserKey>) {
    this.#servers = servers;
    this.#keys = keys;
    for (const [role, { seed }] of keys) writeFileSync(join(this.#folder, role), `${seed}\n`, { mode: 0o600 });
  }

  static async start(configuration: (keyOf: (role: Role) => string) => string): Promise<Guarded> {
    const keys = new Map<Role, UserKey>();
    for (const role of ROLES) keys.set(role, await newUserKey());
    const text = configuration((role) => keys.get(role)?.publicKey ?? '');
    return new Guarded(await NatsServers.start(1, text), keys);
  }

  async store(role: Role): Promise<Store> {
    const host = role.startsWith('h') ? role : null;
    const more = { host, nkeyFile: join(this.#folder, role), deadlineMs: 2000 };
    return await openStore(storeOptions(this.#servers.urls, more), null);
  }

  /** A connection that sends what it likes. */
  async raw(role: Role): Promise<NatsConnection> {
    const seed = bytes(this.#keys.get(role)?.seed ?? '');
    const servers = this.#servers.urls.map((url) => url.replace('nats://', ''));
    return await connect({ servers, authenticator: nkeyAuthenticator(seed) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

/** Accounts as linkloom prints them. */
function apart(keyOf: (role: Role) => string): string {
  const hosts = new Map([
    ['h1', keyOf('h1')],
    ['h2', keyOf('h2')],
  ]);
  return storeAccounts({ verbs: [keyOf('verbs')], readers: [keyOf('reader')], hosts });
}

/** All in one account, where h1 may ask what an agent has to, and publish to its own keys only. */
function together(keyOf: (role: Role) => string): string {
  const asks = ['STREAM.INFO', 'STREAM.MSG.GET'].map((what) => `$JS.API.${what}.KV_ll-state`);
  const publish = JSON.stringify([...asks, '$KV.ll-state.h1.>', '$KV.ll-lease.h1', '$SYS.REQ.USER.INFO']);
  const permissions = `{ publish: ${publish}, subscribe: ["_INBOX_h1.>"] }`;
  return `authorization { users: [ { nkey: ${keyOf('verbs')} }, { nkey: ${keyOf('h1')}, permissions: ${permissions} } ] }`;
}

const OTHERS: readonly (readonly [Bucket, string])[] = [
  ['desired', 'lab.a'],
  ['desired', 'vni.1'],
  ['state', 'h2.lab.a'],
  ['state', 'h2.info'],
  ['lease', 'h2'],
];

/** All that the store has, in words. */
async function content(store: Store): Promise<string> {
  const lists = (['desired', 'state', 'lease'] as const).map((bucket) => store.list(bucket, ''));
  const entries = (await Promise.all(lists)).flat();
  return entries.map(({ key, revision, value }) => `${key} ${revision} ${text(value)}`).join('\n');
}

test('10. an agent reads all, follows, tells, is asked, and writes what is its own', async () => {
  await using guarded = await Guarded.start(apart);
  await using verbs = await guarded.store('verbs');
  await content(verbs);
  const first = await verbs.write('desired', 'lab.a', bytes('1'), 'absent');
  await using agent = await guarded.store('h1');
  await using reader = await guarded.store('reader');
  for (const store of [agent, reader]) assert.equal(text((await store.read('desired', 'lab.a'))?.value), '1');
  const end = new AbortController();
  const { signal } = end;
  const heard: string[] = [];
  const following = [agent, reader].map((store) =>
    store.follow('desired', 'lab.', ({ value }) => heard.push(text(value ?? undefined)), { signal }),
  );
  const state = await agent.write('state', 'h1.lab.a', bytes('s'), 'any');
  await agent.write('state', 'h1.lab.a', bytes('t'), state.revision);
  await assert.rejects(agent.write('state', 'h1.lab.a', bytes('u'), state.revision), { code: 'E_CONFLICT' });
  const lease = await agent.write('lease', 'h1', bytes('l'), 'absent');
  await agent.remove('lease', 'h1', lease.revision);
  await verbs.write('desired', 'lab.a', bytes('2'), first.revision);
  await until('both heard both', () => heard.filter((each) => each === '2').length === 2);
  const events: string[] = [];
  for (const store of [verbs, reader])
    following.push(store.subscribe('ll.events.>', ({ subject }) => events.push(subject), signal));
  const answer = async ({ subject, data }: { readonly subject: string; readonly data: Uint8Array }) =>
    data.length > 0 ? data : bytes(subject);
  following.push(agent.answer('ll.ask.h1.>', answer, signal));
  await until('it is asked', async () => {
    const answer = await verbs.ask('ll.ask.h1.set', bytes(''), 1000).catch(() => null);
    return answer !== null && text(answer) === 'll.ask.h1.set';
  });
  const long = new Uint8Array(1_500_000).fill(7);
  assert.deepEqual(Buffer.from(await verbs.ask('ll.ask.h1.probe', long, 20_000)), Buffer.from(long), 'in pieces');
  agent.publish('ll.events.a.h2', bytes('not its own'));
  agent.publish('ll.events.a.h1', bytes(''));
  await until('its event is heard by both', () => events.length === 2);
  assert.deepEqual(events, ['ll.events.a.h1', 'll.events.a.h1']);
  await assert.rejects(reader.ask('ll.ask.h1.set', bytes(''), 500), { code: 'E_STORE' });
  end.abort();
  await Promise.all(following);
});

/** Fills the store, and returns what it has before and after a role has attacked it. */
async function attacked(guarded: Guarded, role: Role): Promise<readonly [before: string, after: string]> {
  await using verbs = await guarded.store('verbs');
  await content(verbs);
  for (const [bucket, key] of OTHERS) await verbs.write(bucket, key, bytes('good'), 'any');
  await verbs.write('state', 'h1.lab.a', bytes('evil'), 'any');
  const before = await content(verbs);
  const raw = await guarded.raw(role);
  await attack(raw);
  await raw.close();
  return [before, await content(verbs)];
}

test("10. what is another's is refused, whoever tries and by whatever way", async () => {
  await using guarded = await Guarded.start(apart);
  for (const role of ['h1', 'reader'] as const) {
    const [before, after] = await attacked(guarded, role);
    assert.equal(after, before, role);
    await using store = await guarded.store(role);
    await assert.rejects(store.write('desired', 'lab.a', bytes('evil'), 'any'), { code: 'E_STORE' });
    await assert.rejects(store.remove('state', 'h2.info', 'any'), { code: 'E_STORE' });
  }
});

test('an agent makes no bucket, and says who does', async () => {
  await using guarded = await Guarded.start(apart);
  await using agent = await guarded.store('h1');
  await assert.rejects(agent.read('desired', 'lab.a'), { code: 'E_STORE', message: /has no buckets yet/ });
  await using verbs = await guarded.store('verbs');
  assert.equal(await verbs.read('desired', 'lab.a'), null);
  assert.equal(await agent.read('desired', 'lab.a'), null);
});

test('10. permissions within one account would not do: an answer can be sent to a key', async () => {
  await using guarded = await Guarded.start(together);
  const [before, after] = await attacked(guarded, 'h1');
  assert.notEqual(after, before);
});

test('10. who has no key, or one that is not known, is refused', async () => {
  await using guarded = await Guarded.start(apart);
  await using _ready = await guarded.store('verbs');
  await assert.rejects(guarded.raw('stranger'), /authorization/i);
  await assert.rejects(guarded.store('stranger'), { code: 'E_STORE' });
});

/** Sends all that could have the server write a key of somebody else in the place of the one who asks. */
async function attack(raw: NatsConnection): Promise<void> {
  const last = JSON.stringify({ last_by_subj: '$KV.ll-state.h1.lab.a' });
  for (const [bucket, key] of OTHERS) {
    const target = `$KV.ll-${bucket}.${key}`;
    raw.publish(target, 'evil');
    for (const api of ['$JS.API', 'll.api']) {
      // The answer to a question, sent to the key.
      raw.publish(`${api}.STREAM.MSG.GET.KV_ll-state`, last, { reply: target });
      raw.publish(`${api}.DIRECT.GET.KV_ll-state.$KV.ll-state.h1.lab.a`, '', { reply: target });
      raw.publish(`${api}.STREAM.INFO.KV_ll-state`, '', { reply: target });
      // A consumer that the server serves by sending to the key, with somebody who listens there.
      const consumer = { name: key.replaceAll('.', '-'), deliver_policy: 'all', ack_policy: 'none' };
      const config = { ...consumer, deliver_subject: target, mem_storage: true, inactive_threshold: 60_000_000_000 };
      const request = JSON.stringify({ stream_name: 'KV_ll-state', config, action: 'create' });
      raw.publish(`${api}.CONSUMER.CREATE.KV_ll-state.${consumer.name}`, request, { reply: 'answer' });
      raw.subscribe(target);
      raw.publish(`${api}.CONSUMER.MSG.NEXT.KV_ll-state.${consumer.name}`, '1', { reply: target });
      for (const what of ['DELETE', 'PURGE', 'UPDATE']) raw.publish(`${api}.STREAM.${what}.KV_ll-desired`, '{}');
      raw.publish(`${api}.STREAM.MSG.DELETE.KV_ll-desired`, JSON.stringify({ seq: 1 }));
    }
  }
  await raw.flush();
  await delay(1000);
}
