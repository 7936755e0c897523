/** The store on real servers: writes that expect, followers, expiry, and what becomes of them when servers die or are wiped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openStore } from '../../../src/cluster/open.ts';
import type { Change } from '../../../src/cluster/store.ts';
import { NatsServers, storeOptions, until } from '../../support/cluster/server.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | null | undefined): string => (value ? new TextDecoder().decode(value) : 'none');

test('writes expect, lists and asks are answered, removed keys are absent', async () => {
  await using servers = await NatsServers.start();
  await using store = await openStore(storeOptions(servers.urls), null);
  assert.equal(await store.read('desired', 'lab.a'), null);
  const first = await store.write('desired', 'lab.a', bytes('1'), 'absent');
  await assert.rejects(store.write('desired', 'lab.a', bytes('2'), 'absent'), { code: 'E_CONFLICT' });
  const second = await store.write('desired', 'lab.a', bytes('2'), first.revision);
  await assert.rejects(store.write('desired', 'lab.a', bytes('3'), first.revision), { code: 'E_CONFLICT' });
  assert.deepEqual(await store.read('desired', 'lab.a'), { key: 'lab.a', value: bytes('2'), ...second });
  assert.deepEqual(
    (await store.list('desired', 'lab.')).map(({ key, value }) => [key, text(value)]),
    [['lab.a', '2']],
  );
  await store.remove('desired', 'lab.a', second.revision);
  assert.equal(await store.read('desired', 'lab.a'), null);
  await store.write('desired', 'lab.a', bytes('again'), 'absent');
  const end = new AbortController();
  const answering = store.answer('ll.ask.h1.>', async ({ subject }) => bytes(subject), end.signal);
  assert.equal(text(await store.ask('ll.ask.h1.set', bytes(''), 5000)), 'll.ask.h1.set');
  await assert.rejects(store.ask('ll.ask.h2.set', bytes(''), 5000), { code: 'E_STORE' });
  end.abort();
  await answering;
});

test('questions and answers that are larger than a message go in pieces', async () => {
  await using servers = await NatsServers.start();
  await using store = await openStore(storeOptions(servers.urls), null);
  const end = new AbortController();
  const asked: string[] = [];
  const answering = store.answer(
    'll.ask.h1.>',
    async ({ subject, data }) => {
      asked.push(`${subject.split('.').at(-1)} ${data.length}`);
      return subject.endsWith('turned') ? data.toReversed() : new Uint8Array(600_000 * Number(text(data))).fill(7);
    },
    end.signal,
  );
  const long = Uint8Array.from({ length: 3_000_001 }, (_, at) => at % 251);
  const [turned, ...filled] = await Promise.all([
    store.ask('ll.ask.h1.turned', long, 20_000),
    ...[0, 1, 2, 9].map((times) => store.ask('ll.ask.h1.filled', bytes(`${times}`), 20_000)),
  ]);
  assert.deepEqual(Buffer.from(turned), Buffer.from(long.toReversed()));
  assert.deepEqual(
    filled.map((answer) => [answer.length, answer.every((byte) => byte === 7)]),
    [0, 1, 2, 9].map((times) => [600_000 * times, true]),
  );
  assert.deepEqual(asked.toSorted(), [...Array.from({ length: 4 }, () => 'filled 1'), 'turned 3000001']);
  end.abort();
  await answering;
});

test('a lease goes by itself, and its end is told', async () => {
  await using servers = await NatsServers.start();
  await using store = await openStore(storeOptions(servers.urls), null);
  const heard: Change[] = [];
  const end = new AbortController();
  const following = store.follow('lease', '', (change) => heard.push(change), { signal: end.signal });
  await store.write('lease', 'h1', bytes('me'), 'absent');
  await until('the lease is told', () => heard.some(({ value }) => text(value) === 'me'));
  await until('its end is told', () => heard.at(-1)?.value === null, 30_000);
  assert.equal(await store.read('lease', 'h1'), null);
  await store.write('lease', 'h1', bytes('another'), 'absent');
  end.abort();
  await following;
});

test('a follower hears each last value, though a leader dies and all servers die; nothing acknowledged is lost', async () => {
  await using servers = await NatsServers.start(3);
  // Who runs a verb bears silences of 30 s in all, and here are four.
  await using store = await openStore(storeOptions(servers.urls, { deadlineMs: 120_000 }), null);
  await using other = await openStore(storeOptions(servers.urls), null);
  const heard = new Map<string, string>();
  const end = new AbortController();
  const following = other.follow('desired', 'lab.', ({ key, value }) => heard.set(key, text(value)), {
    signal: end.signal,
  });
  await store.write('desired', 'lab.a', bytes('0'), 'absent');
  for (const round of [0, 1, 2]) {
    await servers.kill(round);
    const before = await store.read('desired', 'lab.a');
    assert.equal(text(before?.value), `${round}`);
    await store.write('desired', 'lab.a', bytes(`${round + 1}`), before?.revision ?? 0);
    await until(`round ${round} is heard`, () => heard.get('lab.a') === `${round + 1}`);
    servers.run(round);
    await delay(2000);
  }
  for (const at of [0, 1, 2]) await servers.kill(at);
  for (const at of [0, 1, 2]) servers.run(at);
  const before = await store.read('desired', 'lab.a');
  assert.equal(text(before?.value), '3');
  await store.write('desired', 'lab.a', bytes('after'), before?.revision ?? 0);
  await until('all died, and the write after it is heard', () => heard.get('lab.a') === 'after');
  end.abort();
  await following;
});

test('a store that was wiped has another epoch, tells no removal, and is followed on', async () => {
  await using servers = await NatsServers.start();
  await using store = await openStore(storeOptions(servers.urls), null);
  const heard: Change[] = [];
  const lost: (string | null)[] = [];
  const end = new AbortController();
  const following = store.follow('desired', '', (change) => heard.push(change), {
    signal: end.signal,
    onLost: (why) => lost.push(why),
  });
  for (const value of ['1', '2', '3']) await store.write('desired', 'lab.a', bytes(value), 'any');
  await until('the third is heard', () => text(heard.at(-1)?.value) === '3');
  const before = heard.at(-1);
  await servers.wipe();
  assert.equal(await store.read('desired', 'lab.a'), null);
  const written = await store.write('desired', 'lab.a', bytes('new'), 'absent');
  assert.notEqual(written.epoch, before?.epoch);
  assert.equal(written.revision, 1);
  await until('the new one is heard, as of the new epoch', () => {
    const { value, epoch } = heard.at(-1) ?? { value: null, epoch: '' };
    return text(value) === 'new' && epoch === written.epoch;
  });
  assert.ok(heard.every(({ value }) => value !== null));
  end.abort();
  await following;
});

test('no server, and no such address: what to do is said', async () => {
  const dead = storeOptions(['nats://127.0.0.1:1'], { deadlineMs: 500 });
  await assert.rejects(openStore(dead, null), { code: 'E_STORE', message: /127\.0\.0\.1:1 did not answer/ });
  await assert.rejects(openStore(storeOptions(['http://x']), null), { code: 'E_USAGE' });
});
