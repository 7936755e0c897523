import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMessage, readAck, sizeAt } from '../../../workers/netlink/ack.ts';
import { align4, attrText, eachAttribute } from '../../../workers/netlink/attributes.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { readAddress } from '../../../workers/rtnl/address-dump.ts';
import { readLink } from '../../../workers/rtnl/link-dump.ts';
import { readRoute } from '../../../workers/rtnl/route-dump.ts';

const GOLDEN = JSON.parse(
  readFileSync(new URL('../../../../test/unit/netlink/fixtures/replies.json', import.meta.url), 'utf8'),
) as Readonly<Record<'links' | 'addresses' | 'routes', readonly string[]>>;
const WHOLE = [...GOLDEN.links, ...GOLDEN.addresses, ...GOLDEN.routes].map((hex) => Buffer.from(hex, 'hex'));

/** Reads bytes as everything that a worker could take them for. */
function readAll(bytes: Buffer): void {
  for (let at = 0; isMessage(bytes, at, bytes.length); at += align4(sizeAt(bytes, at))) {
    const end = at + sizeAt(bytes, at);
    readAck(bytes, at);
    readLink(bytes, at + 16, end, true);
    readAddress(bytes, at + 16, end);
    readRoute(bytes, at + 16, end);
  }
  readLink(bytes, 0, bytes.length, true);
  readAddress(bytes, 0, bytes.length);
  readRoute(bytes, 0, bytes.length);
}

test('whatever arrives, reading ends and throws nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => readAll(Buffer.from(bytes))),
    { numRuns: 3000 },
  );
});

test('nor for real messages that are cut short or have bytes changed', () => {
  const damage = fc.record({
    which: fc.nat(WHOLE.length - 1),
    cut: fc.nat(2000),
    changes: fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(damage, ({ which, cut, changes }) => {
      const bytes = Buffer.from(WHOLE[which] ?? []).subarray(0, cut);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      readAll(bytes);
    }),
    { numRuns: 3000 },
  );
});

test('what a batch holds is what was written, however it grew', () => {
  const attribute = fc.record({
    type: fc.integer({ min: 1, max: 500 }),
    text: fc.string({ maxLength: 300, unit: 'binary' }),
  });
  const messages = fc.array(fc.array(attribute, { maxLength: 20 }), { minLength: 1, maxLength: 40 });
  const batch = new MessageBatch();
  fc.assert(
    fc.property(messages, (wanted) => {
      batch.reset();
      for (const attributes of wanted) {
        batch.begin(16, 0);
        for (const { type, text } of attributes) batch.attrText(type, text);
        batch.end();
      }
      const bytes = batch.slice(0, batch.count);
      const found: { type: number; text: string }[][] = [];
      for (let at = 0; isMessage(bytes, at, bytes.length); at += align4(sizeAt(bytes, at))) {
        const attributes: { type: number; text: string }[] = [];
        eachAttribute(bytes, at + 16, at + sizeAt(bytes, at), (type, a, length) => {
          attributes.push({ type, text: attrText(bytes, a, length) });
        });
        found.push(attributes);
      }
      const expected = wanted.map((attributes) =>
        // A final NUL can't be told from the one that ends the text; lone surrogates are no text.
        attributes.map(({ type, text }) => ({ type, text: Buffer.from(text).toString().replace(/\0+$/, '') })),
      );
      assert.deepEqual(found, expected);
    }),
    { numRuns: 300 },
  );
});

test('an acknowledgement that says its refused message is longer than anything is read without its attributes', () => {
  const bytes = Buffer.alloc(60);
  bytes.writeUInt32LE(60, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(0x200, 6);
  bytes.writeInt32LE(-17, 16);
  for (const size of [0x80000000, 0x95ffffd4, 0xffffffff]) {
    bytes.writeUInt32LE(size, 20);
    assert.deepEqual(readAck(bytes, 0), { errno: 17, message: '', offset: 0 });
  }
});
