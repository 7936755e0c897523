/** The store that tests use keeps what `Store` promises: writes that expect, followers that hear, and epochs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../../src/cluster/store.ts';
import { MemoryServer, MemoryStore } from '../../support/cluster/memory-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a write that expects what is not so is refused', async () => {
  const store = new MemoryStore(new MemoryServer());
  const { revision } = await store.write('desired', 'lab.a', bytes('1'), 'absent');
  await assert.rejects(store.write('desired', 'lab.a', bytes('2'), 'absent'), { code: 'E_CONFLICT' });
  await assert.rejects(store.write('desired', 'lab.a', bytes('2'), revision + 1), { code: 'E_CONFLICT' });
  await store.write('desired', 'lab.a', bytes('2'), revision);
  assert.deepEqual((await store.read('desired', 'lab.a'))?.value, bytes('2'));
});

test('a follower hears what is there, what comes, and nothing of a wipe', async () => {
  const server = new MemoryServer();
  const store = new MemoryStore(server);
  await store.write('state', 'h1.info', bytes('1'), 'any');
  const heard: Change[] = [];
  const end = new AbortController();
  const following = store.follow('state', 'h1.', (change) => heard.push(change), { signal: end.signal });
  await store.write('state', 'h2.info', bytes('x'), 'any');
  await store.write('state', 'h1.info', bytes('2'), 'any');
  server.wipe();
  await store.write('state', 'h1.info', bytes('3'), 'absent');
  end.abort();
  await following;
  assert.deepEqual(
    heard.map(({ value }) => new TextDecoder().decode(value ?? bytes('removed'))),
    ['1', '2', '3'],
  );
  assert.notEqual(heard[0]?.epoch, heard[2]?.epoch);
});

test('what is asked is answered by whoever answers for the subject', async () => {
  const store = new MemoryStore(new MemoryServer());
  const end = new AbortController();
  const answering = store.answer('ll.ask.h1.>', async ({ subject }) => bytes(subject), end.signal);
  assert.deepEqual(await store.ask('ll.ask.h1.set', bytes(''), 1000), bytes('ll.ask.h1.set'));
  await assert.rejects(store.ask('ll.ask.h2.set', bytes(''), 1000), { code: 'E_STORE' });
  end.abort();
  await answering;
});
