import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  interfaceDescription,
  interfaceStatistics,
  PACKET_FLAGS,
  PACKET_HEADER_BYTES,
  packetBlockBytes,
  sectionHeader,
  writePacketBlock,
} from '../../../src/capture/pcapng.ts';
import { blocksOf, optionsOf } from '../../support/capture/blocks.ts';

test('a section says the byte order, the version and who wrote it', () => {
  const [block] = blocksOf(sectionHeader({ application: 'linkloom', os: 'Linux 6.1', comment: 'lab äö' }));
  assert.equal(block?.type, 0x0a0d0d0a);
  assert.equal(block.body.readUInt32LE(0), 0x1a2b3c4d);
  assert.deepEqual([block.body.readUInt16LE(4), block.body.readUInt16LE(6)], [1, 0]);
  assert.equal(block.body.readBigInt64LE(8), -1n);
  const options = optionsOf(block.body, 16);
  assert.deepEqual(
    [1, 3, 4].map((code) => options.get(code)?.toString()),
    ['lab äö', 'Linux 6.1', 'linkloom'],
  );
});

test('an interface has a name, nanoseconds, the length of packets, its MAC and its filter', () => {
  const described = {
    ...{ name: 'n1:eth0', description: 'node end', linkType: 1, snaplenBytes: 96 },
    mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  };
  const [block] = blocksOf(interfaceDescription({ ...described, filter: 'icmp' }));
  assert.equal(block?.type, 1);
  assert.deepEqual([block.body.readUInt16LE(0), block.body.readUInt32LE(4)], [1, 96]);
  const options = optionsOf(block.body, 8);
  assert.equal(options.get(2)?.toString(), 'n1:eth0');
  assert.equal(options.get(6)?.toString('hex'), '020000000001');
  assert.deepEqual([...(options.get(9) ?? [])], [9]);
  assert.equal(options.get(11)?.toString(), '\0icmp');
  const [bare] = blocksOf(interfaceDescription({ ...described, mac: null, filter: null }));
  assert.deepEqual([...optionsOf(bare?.body ?? Buffer.alloc(0), 8).keys()], [2, 3, 9]);
});

test('statistics have the beginning, the end, and what was received, dropped and delivered', () => {
  const counts = { received: 2 ** 33 + 7, dropped: 5, delivered: 2 ** 33 + 2, comment: '' };
  const [block] = blocksOf(interfaceStatistics(3, { startMs: 1_000, endMs: 1_700_000_000_123, ...counts }));
  assert.equal(block?.type, 5);
  assert.equal(block.body.readUInt32LE(0), 3);
  const time = (bytes: Buffer | undefined): bigint =>
    ((BigInt(bytes?.readUInt32LE(0) ?? 0) << 32n) | BigInt(bytes?.readUInt32LE(4) ?? 0)) / 1_000_000n;
  assert.equal(time(block.body.subarray(4)), 1_700_000_000_123n);
  const options = optionsOf(block.body, 12);
  assert.deepEqual([time(options.get(2)), time(options.get(3))], [1_000n, 1_700_000_000_123n]);
  const numbers = [4, 5, 7, 8].map((code) => options.get(code)?.readBigUInt64LE());
  assert.deepEqual(numbers, [2n ** 33n + 7n, 5n, 5n, 2n ** 33n + 2n]);
});

test('what is not known of an interface is left out, and said', () => {
  const unknown = { received: null, dropped: null, delivered: 7, comment: 'some of it' };
  const [block] = blocksOf(interfaceStatistics(0, { startMs: 1, endMs: 2, ...unknown }));
  const options = optionsOf(block?.body ?? Buffer.alloc(0), 12);
  assert.deepEqual([...options.keys()], [2, 3, 8, 1]);
  assert.equal(options.get(1)?.toString(), 'some of it');
});

test('a packet is padded to four bytes, and nothing of what stood in the buffer shows', () => {
  for (const captured of [0, 1, 2, 3, 4, 61]) {
    const bytes = packetBlockBytes(captured);
    const out = Buffer.alloc(bytes + 8, 0xee);
    out.fill(0xaa, 4 + PACKET_HEADER_BYTES, 4 + PACKET_HEADER_BYTES + captured);
    writePacketBlock(out, 4, {
      ...{ interfaceId: 2, seconds: 1, nanoseconds: 5, capturedBytes: captured, originalBytes: 1500 },
      flags: PACKET_FLAGS.outbound,
    });
    assert.equal(out.readUInt32LE(0), 0xeeeeeeee);
    assert.equal(out.readUInt32LE(out.length - 4), 0xeeeeeeee);
    const [block] = blocksOf(out.subarray(4, -4));
    assert.equal(block?.type, 6);
    assert.deepEqual(
      [0, 4, 8, 12, 16].map((at) => block.body.readUInt32LE(at)),
      [2, 0, 1_000_000_005, captured, 1500],
    );
    const end = 20 + captured;
    const padded = 20 + ((captured + 3) & ~3);
    assert.ok(block.body.subarray(20, end).every((byte) => byte === 0xaa));
    assert.ok(block.body.subarray(end, padded).every((byte) => byte === 0));
    assert.equal(optionsOf(block.body, padded).get(2)?.readUInt32LE(), 0b10);
  }
});

test('an option longer than its length can say is cut', () => {
  const [block] = blocksOf(sectionHeader({ application: 'x'.repeat(70_000), os: '', comment: '' }));
  assert.equal(optionsOf(block?.body ?? Buffer.alloc(0), 16).get(4)?.length, 65_535);
});
