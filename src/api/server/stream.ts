/** Events as server-sent events (HTML Living Standard, 9.2), for as long as the reader stays. */
import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import type { EventLog } from '../../lab/live/log.ts';
import type { LabEvent } from '../../lab-events.ts';
import { labEventJson } from '../../report/lab-events.ts';

/** A comment this often, so that what is in between does not take the stream for dead. */
const KEEP_ALIVE_MS = 15_000;

/** Writes what comes after `after` (undefined: from now on) until the reader goes or `ending` aborts. */
export async function streamEvents(
  log: EventLog,
  reply: FastifyReply,
  after: number | undefined,
  ending: AbortSignal,
): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-accel-buffering': 'no',
  });
  response.write(`: events after ${after ?? log.lastId}\n\n`);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const alive = setInterval(() => response.write(': \n\n'), KEEP_ALIVE_MS);
  const signal = AbortSignal.any([gone.signal, ending]);
  try {
    for await (const event of log.follow({ signal, ...(after !== undefined && { after }) })) {
      // A slow reader waits in the log and not in memory.
      if (!response.write(framed(event))) await once(response, 'drain', { signal });
    }
  } catch {
    // The reader has gone.
  } finally {
    clearInterval(alive);
    response.end();
  }
}

function framed(event: LabEvent): string {
  return `id: ${event.id}\nevent: ${event.event.type}\ndata: ${JSON.stringify(labEventJson(event))}\n\n`;
}
