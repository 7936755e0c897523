/** One agent of a name at a time: a second one is refused while the first lives, and takes over where it has died. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { HostLease, type LeaseOptions } from '../../../src/cluster/lease.ts';
import { readHosts } from '../../../src/cluster/states.ts';
import { MemoryServer, MemoryStore } from '../../support/cluster/memory-store.ts';

const NEVER = new AbortController().signal;

function options(server: MemoryServer, holder: string, more: Partial<LeaseOptions> = {}): LeaseOptions {
  const own = { boot: 'b', pid: 1, holder };
  return { store: new MemoryStore(server), host: 'h1', own, isRunning: () => true, ...more };
}

test('a second agent is refused while the first renews, and the first keeps its lease', async () => {
  const server = new MemoryServer();
  await using first = await HostLease.take(options(server, 'first'), NEVER);
  const end = new AbortController();
  const keeping = first.keep(end.signal);
  await assert.rejects(HostLease.take(options(server, 'second'), NEVER), { code: 'E_LOCKED', message: /h1/ });
  end.abort();
  await keeping;
});

test('the lease of a process that has ended is taken at once; who comes back then is refused', async () => {
  const server = new MemoryServer();
  const first = await HostLease.take(options(server, 'first'), NEVER);
  await using _second = await HostLease.take(options(server, 'second', { isRunning: () => false }), NEVER);
  await assert.rejects(first.keep(NEVER), { code: 'E_LOCKED' });
});

test('a store that is away, and one that was wiped, do not end the keeping', async () => {
  const server = new MemoryServer();
  const lease = await HostLease.take(options(server, 'first'), NEVER);
  const end = new AbortController();
  const keeping = lease.keep(end.signal);
  server.isDown = true;
  await delay(5500);
  server.isDown = false;
  server.wipe();
  await delay(5500);
  assert.equal((await readHosts(new MemoryStore(server)))[0]?.lease?.holder, 'first');
  end.abort();
  await keeping;
  await lease[Symbol.asyncDispose]();
  assert.deepEqual(await readHosts(new MemoryStore(server)), []);
});
