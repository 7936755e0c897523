/** A server that takes no connection, and one that stops in the midst of a verb: the verb ends in time, whatever it does one after the other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { execa } from 'execa';
import { openStore } from '../../../src/cluster/open.ts';
import { BIN } from '../../support/bin.ts';
import { NatsServers, storeOptions } from '../../support/cluster/server.ts';
import { needs } from '../../support/needs.ts';

/** What is sent to it goes nowhere, as to a host that is cut off. */
const SILENT = '10.98.0.2';

test('a server that takes no connection', needs('root'), async (t) => {
  await execa('ip', ['link', 'add', 'silent0', 'type', 'veth', 'peer', 'name', 'silent1']);
  await execa('ip', ['address', 'add', '10.98.0.1/24', 'dev', 'silent0']);
  for (const dev of ['silent0', 'silent1']) await execa('ip', ['link', 'set', dev, 'up']);
  // Nobody has this address, so that nobody refuses either.
  await execa('ip', ['neigh', 'add', SILENT, 'lladdr', '02:00:00:00:00:02', 'dev', 'silent0']);
  try {
    await using servers = await NatsServers.start();

    await t.test('a verb that finds another one does not stay for it', async () => {
      const store = [`nats://${SILENT}:4222`, ...servers.urls].join(',');
      // Several times, since the order in which servers are tried is by chance. The kernel would try for two minutes.
      for (let round = 0; round < 4; round++) {
        const { exitCode } = await execa(process.execPath, [BIN, 'hosts', '--store', store], {
          ...{ stdin: 'ignore', timeout: 40_000 },
        });
        assert.equal(exitCode, 0);
      }
    });

    await t.test('without another one the deadline is that of all together', async () => {
      const startedMs = performance.now();
      const silent = [`nats://${SILENT}:4222`, `nats://${SILENT}:4223`, `nats://${SILENT}:4224`];
      await assert.rejects(openStore(storeOptions(silent, { deadlineMs: 4000 }), null), {
        code: 'E_STORE',
        message: /did not answer within 4 s/,
      });
      assert.ok(performance.now() - startedMs < 12_000);
      assert.deepEqual(
        await connections(),
        [],
        'the kernel would go on trying for two minutes, and this process live as long',
      );
    });
  } finally {
    await execa('ip', ['link', 'del', 'silent0']);
  }
});

test('a server that takes connections and says nothing is not held on to', { timeout: 30_000 }, async () => {
  const taken = new Set<Socket>();
  const mute = createServer((socket) => taken.add(socket.on('error', () => {}).resume()));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  try {
    const address = mute.address();
    assert.ok(address !== null && typeof address === 'object');
    const opening = openStore(storeOptions([`nats://127.0.0.1:${address.port}`], { deadlineMs: 2000 }), null);
    await assert.rejects(opening, { code: 'E_STORE' });
    assert.ok(taken.size > 0);
    // The client ends them: nobody else does.
    await Promise.all([...taken].map(async (socket) => socket.closed || (await once(socket, 'close'))));
  } finally {
    for (const socket of taken) socket.destroy();
    mute.close();
  }
});

test('a server that stops: reading, listing and writing have one deadline together', async () => {
  await using servers = await NatsServers.start();
  await using store = await openStore(storeOptions(servers.urls, { deadlineMs: 6000 }), null);
  await store.write('desired', 'lab.a', new Uint8Array([1]), 'any');
  await servers.kill(0);
  const startedMs = performance.now();
  await assert.rejects(store.read('desired', 'lab.a'), { code: 'E_STORE' });
  await assert.rejects(store.list('desired', ''), { code: 'E_STORE' });
  await assert.rejects(store.write('desired', 'lab.a', new Uint8Array([2]), 'any'), { code: 'E_STORE' });
  assert.ok(performance.now() - startedMs < 18_000, 'not three times the deadline and more');
});

/** What of TCP keeps this process alive, when what was destroyed a moment ago is closed. */
async function connections(): Promise<readonly string[]> {
  const now = (): readonly string[] =>
    process.getActiveResourcesInfo().filter((name) => /^TCP(Socket|Connect)/.test(name));
  for (let turn = 0; turn < 100 && now().length > 0; turn++) await setImmediate();
  return now();
}
