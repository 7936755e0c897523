/** Disturbs an engine's event stream: events come out of order, and some connections are cut in the middle of an event. */
import type { Socket } from 'node:net';

/** The longest time that an event is delayed for another one to overtake it. */
const MAX_DELAY_MS = 200;
/** One in this many events is the last of its connection, and only half of it arrives. */
const CUT_ONE_IN = 12;

/** Passes on a response in chunks (RFC 9112, 7.1), with an event in each, in disorder. */
export function passDisturbed(engine: Socket, client: Socket): void {
  let isHeader = true;
  let rest = '';
  let delayed: string | null = null;
  let count = 0;
  const release = (): void => {
    if (delayed !== null) client.write(delayed, 'latin1');
    delayed = null;
  };
  const timer = setInterval(release, MAX_DELAY_MS);
  client.on('close', () => clearInterval(timer));
  engine.on('data', (data: Buffer) => {
    rest += data.toString('latin1');
    if (isHeader) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      client.write(rest.slice(0, end + 4), 'latin1');
      rest = rest.slice(end + 4);
      isHeader = false;
    }
    for (let chunk = firstChunk(rest); chunk !== null; chunk = firstChunk(rest)) {
      rest = rest.slice(chunk.length);
      count += 1;
      if (count % CUT_ONE_IN === 0) {
        client.write(chunk.slice(0, chunk.length >> 1), 'latin1');
        client.destroySoon();
        return;
      }
      if (delayed === null) delayed = chunk;
      else {
        client.write(chunk, 'latin1');
        release();
      }
    }
  });
}

function firstChunk(text: string): string | null {
  const end = text.indexOf('\r\n');
  if (end < 0) return null;
  const length = end + 2 + Number.parseInt(text.slice(0, end), 16) + 2;
  return text.length < length ? null : text.slice(0, length);
}
