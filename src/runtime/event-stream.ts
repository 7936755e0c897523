/**
 * An engine's event stream → ContainerEvents. It is newline-delimited JSON whose chunks are cut
 * anywhere, also within a character; a line that is not understood is passed over.
 * Formats: Docker up to API 1.51 has `status` and `id` at the top, newer ones only `Action` and
 * `Actor.ID` (Docker Engine API, "Monitor events"); Podman's compatible API has either, with
 * `died` and `remove` for `die` and `destroy`.
 */
import type { ContainerEvent } from './engine.ts';

/** A longer line can't be an event (labels ride along, so they can be long); its bytes are dropped as they come. */
const MAX_LINE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

const ACTIONS: Readonly<Record<string, ContainerEvent['action']>> = {
  start: 'start',
  die: 'die',
  died: 'die',
  destroy: 'destroy',
  remove: 'destroy',
  // The container is looked at for what it is now.
  pause: 'start',
  unpause: 'start',
};

/** Decodes a stream as it comes. Ends and throws as the stream does. */
export async function* decodeEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ContainerEvent, void, undefined> {
  const splitter = createLineSplitter();
  for await (const chunk of chunks) {
    for (const line of splitter(chunk)) {
      const event = parseEvent(line);
      if (event !== null) yield event;
    }
  }
}

/** A function that takes chunks and gives back the lines they complete, without line ends. Keeps at most 1 MiB. */
export function createLineSplitter(): (chunk: Uint8Array) => string[] {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let overlong = false;
  const hold = (part: Buffer): void => {
    overlong ||= heldBytes + part.length > MAX_LINE_BYTES;
    if (overlong) held = [];
    else held.push(part);
    heldBytes = overlong ? 0 : heldBytes + part.length;
  };
  return (chunk) => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      hold(bytes.subarray(from, end));
      if (!overlong) lines.push(Buffer.concat(held).toString('utf8'));
      held = [];
      heldBytes = 0;
      overlong = false;
      from = end + 1;
    }
    if (from < bytes.length) hold(Buffer.from(bytes.subarray(from)));
    return lines;
  };
}

/** The event of one line of JSON; null if it is none that matters here, or not to be understood. */
export function parseEvent(line: string): ContainerEvent | null {
  const message = parseObject(line);
  if (message === null) return null;
  const type = message['Type'];
  if (type !== undefined && type !== 'container') return null;
  const actor = isObject(message['Actor']) ? message['Actor'] : {};
  const action = firstText(message['status'], message['Action']);
  const id = firstText(message['id'], message['ID'], actor['ID'], actor['id']);
  const known = action === null ? undefined : Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (known === undefined || id === null) return null;
  const attributes = isObject(actor['Attributes']) ? actor['Attributes'] : {};
  const name = firstText(attributes['name']);
  return { action: known, id, name: name === null ? null : name.slice(name.lastIndexOf('/') + 1) };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) if (typeof value === 'string' && value !== '') return value;
  return null;
}
