/** What a bad day does to an engine's event stream: events out of order, and now and then cut off in the middle of one. */
import type { Socket } from 'node:net';

/** Longest that an event is held back for another to overtake it. */
const HELD_MS = 200;
/** One in so many events is the last of its connection, and only half of it comes. */
const CUT_ONE_IN = 12;

/** Pass on a response of chunks (RFC 9112, 7.1), an event in each, in disorder. */
export function passDisturbed(engine: Socket, client: Socket): void {
  let isHeader = true;
  let rest = '';
  let held: string | null = null;
  let count = 0;
  const release = (): void => {
    if (held !== null) client.write(held, 'latin1');
    held = null;
  };
  const timer = setInterval(release, HELD_MS);
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
      if (held === null) held = chunk;
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
