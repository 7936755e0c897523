/**
 * Decodes an engine's event stream. It is newline-delimited JSON whose chunks can be cut anywhere, also within a character. A line
 * that can't be parsed is ignored.
 * Formats: Docker up to API 1.51 has `status` and `id` at the top, newer ones only `Action` and
 * `Actor.ID` (Docker Engine API, "Monitor events"); Podman's compatible API has either, with
 * `died` and `remove` for `die` and `destroy`.
 */
import type { ContainerEvent } from './engine.ts';

/** Longest line of an event, which includes the container's labels. The bytes of a longer line are dropped. */
const MAX_LINE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

const ACTIONS: Readonly<Record<string, ContainerEvent['action']>> = {
  start: 'start',
  die: 'die',
  died: 'die',
  destroy: 'destroy',
  remove: 'destroy',
  // The listener inspects the container and so finds its present state.
  pause: 'start',
  unpause: 'start',
};

/** Decodes a stream as it arrives. Ends and throws when the stream does. */
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

/** Returns a function that takes a chunk and returns the lines that it completes, without line ends. Keeps at most 1 MiB. */
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

/** The event of one line of JSON; null if the line can't be parsed or the event does not matter here. */
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
