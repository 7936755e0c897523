/** The event decoder: formats old and new, chunks cut anywhere, rubbish between. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ContainerEvent } from '../../../src/runtime/engine.ts';
import { createLineSplitter, decodeEvents, parseEvent } from '../../../src/runtime/event-stream.ts';
import { collectGarbage } from '../../support/memory/garbage.ts';

const ID = 'ab'.repeat(32);

describe('parseEvent', () => {
  const cases: readonly [string, unknown, ContainerEvent | null][] = [
    [
      'Docker before API 1.52',
      {
        status: 'start',
        id: ID,
        from: 'busybox',
        Type: 'container',
        Action: 'start',
        Actor: { ID, Attributes: { image: 'busybox', name: 'web_1' } },
        scope: 'local',
        time: 1700000000,
        timeNano: 1700000000000000000,
      },
      { action: 'start', id: ID, name: 'web_1' },
    ],
    [
      'Docker since API 1.52',
      { Type: 'container', Action: 'die', Actor: { ID, Attributes: { name: 'web_1', exitCode: '137' } }, time: 1 },
      { action: 'die', id: ID, name: 'web_1' },
    ],
    [
      'Docker 1.9, without Type and Actor',
      { status: 'destroy', id: ID, from: 'busybox', time: 1 },
      { action: 'destroy', id: ID, name: null },
    ],
    [
      'Podman: died',
      { status: 'died', id: ID, Type: 'container', Action: 'died' },
      { action: 'die', id: ID, name: null },
    ],
    [
      'Podman: remove',
      { Type: 'container', Action: 'remove', Actor: { ID, Attributes: { name: '/web_1' } } },
      { action: 'destroy', id: ID, name: 'web_1' },
    ],
    ['Podman: init', { status: 'init', id: ID, Type: 'container' }, null],
    ['stop and kill say nothing of the process', { status: 'kill', id: ID, Type: 'container' }, null],
    ['an exec in a container', { status: 'exec_start: sh -c true', id: ID, Type: 'container' }, null],
    ['a network of that id', { Type: 'network', Action: 'destroy', Actor: { ID } }, null],
    ['no id', { Type: 'container', Action: 'start', Actor: {} }, null],
    ['no action', { Type: 'container', Actor: { ID } }, null],
    ["a name of Object's own", { Type: 'container', Action: 'constructor', Actor: { ID } }, null],
    ['a list', [{ status: 'start', id: ID }], null],
    ['null', null, null],
  ];
  for (const [title, message, expected] of cases) {
    it(title, () => assert.deepEqual(parseEvent(JSON.stringify(message)), expected));
  }

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const event = parseEvent(text);
        assert.ok(event === null || event.id !== '');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('decodeEvents', () => {
  const event = fc.record(
    {
      action: fc.constantFrom('start' as const, 'die' as const, 'destroy' as const),
      id: fc.stringMatching(/^[0-9a-f]{64}$/),
      name: fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !name.includes('/')),
    },
    { noNullPrototype: true },
  );
  const rubbish = fc.constantFrom('', '{', '{"status":"start"', 'null', '[]', '{"Type":"image","Action":"pull"}', '\r');

  it('finds all events, in order, however the bytes are cut and whatever stands between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(event, rubbish), { maxLength: 8 }),
        fc.array(fc.nat(3000), { maxLength: 20 }),
        async (written, cuts) => {
          const lines = written.flatMap(([{ action, id, name }, junk]) => [
            junk,
            JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id, Attributes: { name } } }),
          ]);
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const decoded = await collect(decodeEvents(chunksOf(bytes, cuts)));
          assert.deepEqual(
            decoded,
            written.map(([wanted]) => wanted),
          );
        },
      ),
    );
  });

  it('drops a last line that is cut off', async () => {
    const bytes = Buffer.from(`{"status":"start","id":"${ID}"}\n{"status":"die","id":"${ID}"}`);
    assert.deepEqual(await collect(decodeEvents(chunksOf(bytes, [70]))), [{ action: 'start', id: ID, name: null }]);
  });

  it('does not keep the bytes it was lent', () => {
    const split = createLineSplitter();
    const lent = Buffer.from('abc');
    split(lent);
    lent.fill('x');
    assert.deepEqual(split(Buffer.from('d\n')), ['abcd']);
  });

  it('passes over a line without end, without keeping it, and goes on after it', () => {
    const split = createLineSplitter();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    split(chunk);
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 2000; count++) assert.deepEqual(split(chunk), []);
    collectGarbage();
    assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
    assert.deepEqual(split(Buffer.from('xx\nnext\n')), ['next']);
  });
});

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [...new Set(cuts)].filter((cut) => cut < bytes.length).sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
