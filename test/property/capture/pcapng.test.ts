import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeProgram, parseProgram } from '../../../src/capture/filter.ts';
import {
  PACKET_HEADER_BYTES,
  packetBlockBytes,
  timestampHigh,
  timestampLow,
  writePacketBlock,
} from '../../../src/capture/pcapng.ts';
import { filesTooMany, isFileFull } from '../../../src/capture/ring-files.ts';
import { blocksOf } from '../../support/capture/blocks.ts';

const seconds = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.integer({ min: 1_700_000_000, max: 2_000_000_000 }),
);
const nanoseconds = fc.integer({ min: 0, max: 999_999_999 });

test('a timestamp is exact to the nanosecond', () => {
  fc.assert(
    fc.property(seconds, nanoseconds, (sec, nsec) => {
      const exact = BigInt(sec) * 1_000_000_000n + BigInt(nsec);
      assert.equal((BigInt(timestampHigh(sec, nsec)) << 32n) | BigInt(timestampLow(sec, nsec)), exact);
    }),
    { numRuns: 5000 },
  );
});

test('packets one after another are whole blocks with their bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(seconds, nanoseconds, fc.uint8Array({ maxLength: 100 })), { maxLength: 20 }),
      (packets) => {
        const out = Buffer.alloc(
          packets.reduce((sum, [, , data]) => sum + packetBlockBytes(data.length), 0),
          0xee,
        );
        let at = 0;
        for (const [id, [sec, nsec, data]] of packets.entries()) {
          const facts = { interfaceId: id, seconds: sec, nanoseconds: nsec, capturedBytes: data.length };
          out.set(data, at + PACKET_HEADER_BYTES);
          writePacketBlock(out, at, { ...facts, originalBytes: data.length + 1, flags: id & 31 });
          at += packetBlockBytes(data.length);
        }
        const bodies = blocksOf(out).map(({ body }) => body);
        assert.deepEqual(
          bodies.map((body) => [body.readUInt32LE(0), ...body.subarray(20, 20 + body.readUInt32LE(12))]),
          packets.map(([, , data], id) => [id, ...data]),
        );
      },
    ),
  );
});

test('a program survives being printed, and any text is either a program or refused', () => {
  const instruction = fc.record(
    {
      code: fc.integer({ min: 0, max: 0xffff }),
      jt: fc.integer({ min: 0, max: 255 }),
      jf: fc.integer({ min: 0, max: 255 }),
      k: fc.integer({ min: 0, max: 0xffffffff }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(instruction, { minLength: 1, maxLength: 50 }), (program) => {
      const text = [program.length, ...program.map(({ code, jt, jf, k }) => `${code} ${jt} ${jf} ${k}`)].join('\n');
      assert.deepEqual(parseProgram(`${text}\n`), program);
      assert.equal(encodeProgram(program).length, program.length * 8);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseProgram(text);
    }),
  );
});

test('no file of a ring is larger than its limit, unless by one piece alone, and no more are kept than asked for', () => {
  const piece = fc.integer({ min: 1, max: 150 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 100 }), fc.integer({ min: 1, max: 5 }), (pieces, files) => {
      const kept: { bytes: number; pieces: number }[] = [{ bytes: 0, pieces: 0 }];
      for (const bytes of pieces) {
        const last = kept.at(-1) ?? assert.fail();
        if (isFileFull({ fileBytes: 100, fileMs: null }, { ...last, ageMs: 0 }, bytes)) kept.push({ bytes, pieces: 1 });
        else Object.assign(last, { bytes: last.bytes + bytes, pieces: last.pieces + 1 });
        kept.splice(0, filesTooMany({ files }, kept.length));
        assert.ok(kept.length <= files);
      }
      assert.ok(kept.every((file) => file.bytes <= 100 || file.pieces === 1));
    }),
  );
});
