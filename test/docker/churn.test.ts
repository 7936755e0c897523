/** A short churn with a disturbed engine; the long one is test/faults/churn.test.ts. */
import { test } from 'node:test';
import { ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd } from '../support/engine/dockerd.ts';
import { SocketProxy } from '../support/engine/proxy.ts';
import { figures } from '../support/faults/amount.ts';
import { churn } from '../support/faults/churn.ts';

test('containers that come and go under a daemon are linked, whatever becomes of their events', {
  timeout: 300_000,
}, async () => {
  await using engine = await startDockerd();
  await ensureBusybox(engine);
  await using proxy = new SocketProxy(engine.socketPath, true);
  await proxy.listen();
  const size = { containers: 6, durationMs: 20_000, pauses: 2, atOnce: 2, socketPath: proxy.socketPath };
  figures('short churn, bad engine', await churn(engine, size));
});
