import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonFramer } from '../../../workers/ovs/framing.ts';

/** What arrives, in pieces of `size`. */
function framed(text: string, size: number): unknown[] {
  const framer = new JsonFramer();
  const found: unknown[] = [];
  for (let at = 0; at < text.length; at += size) {
    found.push(...framer.push(text.slice(at, at + size)).map((one) => JSON.parse(one)));
  }
  return found;
}

const MESSAGES = [
  { id: 1, result: [{}], error: null },
  { method: 'echo', params: [], id: 'echo' },
  { text: 'braces } { in "quotes\\" and a backslash \\' },
  { ends: 'in a backslash \\\\' },
  { nested: { deep: [{ er: {} }] }, umlaut: 'ä€🧵' },
];

test('messages are told apart wherever the stream is cut', () => {
  const text = MESSAGES.map((message) => JSON.stringify(message)).join('');
  for (let size = 1; size <= text.length; size++) assert.deepEqual(framed(text, size), MESSAGES, `pieces of ${size}`);
});

test('white space between messages is nothing, and half a message waits', () => {
  const framer = new JsonFramer();
  assert.deepEqual(framer.push('\n {"a":1}\n\n{"b"'), ['{"a":1}']);
  assert.deepEqual(framer.push(':2} '), ['{"b":2}']);
});
