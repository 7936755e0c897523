import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { ProbeOrder, ProbeReport, ProbeStart } from '../src/wire/probe.ts';
import { failureOf } from './failure.ts';
import { OpenEnds } from './probe/ends.ts';
import { Prober } from './probe/prober.ts';

/**
 * The prober's thread. It is not from the pool: it waits in poll(2) for probes to arrive, up to seconds, which would hold up the
 * pool's other work. It carries out an order at a time, answers each, and ends after `close`.
 */
const { stop } = workerData as ProbeStart;
let open: OpenEnds | null = null;
let prober: Prober | null = null;

function obey(order: ProbeOrder): ProbeReport | null {
  switch (order.order) {
    case 'open':
      open = new OpenEnds(order.places, order.ends);
      prober = new Prober(open, order.run === null ? randomBytes(8) : Buffer.from(order.run), stop);
      return { report: 'opened', sockets: open.sockets.length, failures: open.failures };
    case 'send':
      if (prober === null) throw new Error('nothing is open');
      return prober.send(order.batch);
    case 'close':
      open?.[Symbol.dispose]();
      parentPort?.close();
      return null;
    default:
      return order satisfies never;
  }
}

parentPort?.on('message', (order: ProbeOrder) => {
  try {
    const report = obey(order);
    if (report !== null) parentPort?.postMessage(report);
  } catch (error) {
    parentPort?.postMessage({ report: 'failed', failure: failureOf(null, error) } satisfies ProbeReport);
  }
});
