/** 50 containers, five minutes, ten pauses: not one link missed, not one device leaked. Then the same with an engine that has a bad day. */
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { SocketProxy } from '../support/engine/proxy.ts';
import { amount, figures } from '../support/faults/amount.ts';
import { churn } from '../support/faults/churn.ts';

describe('churn', { timeout: 1_800_000 }, () => {
  const containers = amount('CONTAINERS', 50);
  const durationMs = amount('CHURN_SECONDS', 300) * 1000;
  const size = { containers, durationMs, pauses: amount('PAUSES', 10), atOnce: 4 };
  let engine: TestEngine;
  before(async () => {
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  it('is exact at each pause and at the end', async () => {
    figures('churn', { ...size, ...(await churn(engine, { ...size, socketPath: engine.socketPath })) });
  });

  it('is exact though events come out of order and cut off, and the socket is gone now and then', async () => {
    await using proxy = new SocketProxy(engine.socketPath, true);
    await proxy.listen();
    let rounds = 0;
    const meanwhile = async (): Promise<void> => {
      rounds += 1;
      if (rounds % 8 !== 0) return;
      await proxy.cut();
      await delay(1500);
      await proxy.listen();
    };
    const half = { ...size, durationMs: durationMs / 2, pauses: Math.ceil(size.pauses / 2) };
    figures('churn, bad engine', {
      ...half,
      ...(await churn(engine, { ...half, socketPath: proxy.socketPath, meanwhile })),
    });
  });
});
