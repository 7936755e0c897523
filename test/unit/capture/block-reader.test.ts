/** Rings as the kernel fills them (TPACKET_V3, linux/if_packet.h), made in plain memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockReader } from '../../../workers/capture/block-reader.ts';
import type { PacketRing } from '../../../workers/capture/ring.ts';
import { TimeOrder } from '../../../workers/capture/time-order.ts';
import { blocksOf } from '../../support/capture/blocks.ts';

const BLOCK_BYTES = 4096;

interface Packet {
  readonly nanoseconds: number;
  readonly data: Buffer;
  readonly originalBytes?: number;
  readonly type?: number;
  /** Taken off the bytes by the kernel; `tpid` null: not said. */
  readonly vlan?: { readonly tci: number; readonly tpid: number | null };
}

/** A ring of blocks, of which the first ones hold these packets. */
function ringOf(blocks: readonly (readonly Packet[])[], count = 4): PacketRing {
  const memory = new ArrayBuffer(BLOCK_BYTES * count);
  const bytes = Buffer.from(memory);
  blocks.forEach((packets, block) => {
    const start = block * BLOCK_BYTES;
    bytes.writeUInt32LE(1, start + 8);
    bytes.writeUInt32LE(packets.length, start + 12);
    bytes.writeUInt32LE(48, start + 16);
    let at = start + 48;
    for (const [index, { nanoseconds, data, originalBytes, type, vlan }] of packets.entries()) {
      // The data begins at an odd place: the kernel aligns what follows the Ethernet header.
      const size = (82 + data.length + 15) & ~15;
      bytes.writeUInt32LE(index === packets.length - 1 ? 0 : size, at);
      bytes.writeUInt32LE(3_000_000_000, at + 4);
      bytes.writeUInt32LE(nanoseconds, at + 8);
      bytes.writeUInt32LE(data.length, at + 12);
      bytes.writeUInt32LE(originalBytes ?? data.length, at + 16);
      bytes.writeUInt32LE(vlan ? (1 << 4) | (vlan.tpid === null ? 0 : 1 << 6) : 0, at + 20);
      bytes.writeUInt16LE(82, at + 24);
      bytes.writeUInt32LE(vlan?.tci ?? 0, at + 32);
      bytes.writeUInt16LE(vlan?.tpid ?? 0, at + 36);
      bytes.writeUInt8(type ?? 0, at + 58);
      data.copy(bytes, at + 82);
      at += size;
    }
  });
  const ring = { bytes, words: new Int32Array(memory), blockBytes: BLOCK_BYTES, blocks: count };
  return ring as unknown as PacketRing;
}

function readAll(reader: BlockReader): readonly { readonly data: Buffer; readonly words: readonly number[] }[] {
  const out = Buffer.alloc(1 << 16);
  let at = 0;
  for (let has = reader.hasPacket(0); has; has = reader.advance(0)) at = reader.write(out, at);
  return blocksOf(out.subarray(0, at)).map(({ body }) => ({
    data: body.subarray(20, 20 + body.readUInt32LE(12)),
    words: [0, 12, 16].map((from) => body.readUInt32LE(from)).concat(body.readUInt32LE(body.length - 8)),
  }));
}

const frame = (text: string): Buffer => Buffer.from(text.padEnd(20, '.'));

test('packets are read block by block, and blocks given back', () => {
  const ring = ringOf([
    [
      { nanoseconds: 1, data: frame('a') },
      { nanoseconds: 2, data: frame('b'), type: 4, originalBytes: 1500 },
    ],
    [{ nanoseconds: 3, data: frame('c'), type: 1 }],
  ]);
  const reader = new BlockReader(ring, 7, 65_536);
  const packets = readAll(reader);
  assert.deepEqual(
    packets.map(({ data }) => data[0]),
    [0x61, 0x62, 0x63],
  );
  assert.deepEqual(
    packets.map(({ words }) => words),
    [
      [7, 20, 20, 0b00101],
      [7, 20, 1500, 0b00010],
      [7, 20, 20, 0b01101],
    ],
  );
  assert.equal(reader.delivered, 3);
  assert.deepEqual([ring.words[2], ring.words[BLOCK_BYTES / 4 + 2]], [0, 0]);
  // The kernel fills them again, from the third one on.
  const [again] = [ringOf([[], [], [{ nanoseconds: 9, data: frame('d') }]])];
  ring.bytes.set(again.bytes.subarray(2 * BLOCK_BYTES), 2 * BLOCK_BYTES);
  assert.equal(readAll(reader)[0]?.data[0], 0x64);
});

test('an empty block is given back, and hides none that comes after it', () => {
  const reader = new BlockReader(ringOf([[], [{ nanoseconds: 1, data: frame('a') }]]), 0, 65_536);
  assert.equal(readAll(reader).length, 1);
});

test('a VLAN tag that the kernel took off is put back', () => {
  const data = Buffer.from('ffffffffffff020000000001' + '0800' + '45000014', 'hex');
  const rows = [
    [{ tci: 0x6005, tpid: 0x88a8 }, '88a86005'],
    [{ tci: 42, tpid: null }, '8100002a'],
  ] as const;
  for (const [vlan, tag] of rows) {
    const [packet] = readAll(new BlockReader(ringOf([[{ nanoseconds: 1, data, vlan }]]), 0, 65_536));
    assert.equal(packet?.data.toString('hex'), `ffffffffffff020000000001${tag}080045000014`);
    assert.deepEqual(packet.words.slice(1, 3), [22, 22]);
  }
});

test('with its tag a packet has no more bytes than were asked for', () => {
  const rows = [
    // captured, length asked for, captured with the tag
    [20, 20, 20],
    [20, 22, 22],
    [14, 14, 14],
    [13, 13, 13],
    [12, 12, 12],
    // Too short for a tag to have a place in it.
    [11, 11, 11],
  ] as const;
  for (const [captured, snaplen, kept] of rows) {
    const data = Buffer.from('abcdefghijklmnopqrst').subarray(0, captured);
    const packet = { nanoseconds: 1, data, originalBytes: 100, vlan: { tci: 0x4142, tpid: 0x8100 } };
    const [read] = readAll(new BlockReader(ringOf([[packet]]), 0, snaplen));
    assert.equal(read?.data.length, kept);
    assert.equal(read.words[2], captured < 12 ? 100 : 104);
    const whole =
      captured < 12 ? data : Buffer.concat([data.subarray(0, 12), Buffer.from('81004142', 'hex'), data.subarray(12)]);
    assert.deepEqual(read.data, whole.subarray(0, kept));
  }
});

test('packets of several rings come in the order of time', () => {
  const times = [[5, 9, 12], [1, 2, 30], [7, 8], [], [3, 40]];
  const order = new TimeOrder();
  for (const [id, ofRing] of times.entries()) {
    const reader = new BlockReader(ringOf([ofRing.map((nanoseconds) => ({ nanoseconds, data: frame('x') }))]), id, 64);
    if (reader.hasPacket(0)) order.add(reader);
  }
  const seen: number[] = [];
  for (let first = order.first; first !== undefined; first = order.first) {
    seen.push(first.nanoseconds);
    order.moved(first.advance(0));
    assert.equal(order.has(first), first.hasPacket(0));
  }
  assert.deepEqual(
    seen,
    times.flat().sort((a, b) => a - b),
  );
});
