/** What was taken from sockets without rings waits in one place, in the order of time, and in no more memory than was set aside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog } from '../../../workers/capture/backlog.ts';
import { Packet } from '../../../workers/capture/packet.ts';
import { blocksOf } from '../../support/capture/blocks.ts';

const SECONDS = Math.floor(Date.now() / 1000);

function packetOf(id: number, nanoseconds: number, bytes: number): Packet {
  const packet = new Packet(Buffer.alloc(bytes, id), 65_536);
  packet.interfaceId = id;
  packet.seconds = SECONDS + Math.floor(nanoseconds / 1e9);
  packet.nanoseconds = nanoseconds % 1e9;
  packet.capturedBytes = bytes;
  packet.originalBytes = bytes + 1;
  return packet;
}

/** Takes packets out until so many are left: their interfaces and their times. */
function takeOut(backlog: Backlog, count: number): readonly (readonly [id: number, nanoseconds: number])[] {
  const out = Buffer.alloc(100_000);
  return Array.from({ length: count }, () => {
    assert.ok(backlog.hasPacket());
    const end = backlog.write(out, 4);
    assert.ok(end - 4 <= backlog.blockBytes());
    const [block] = blocksOf(out.subarray(4, end));
    const body = block?.body ?? Buffer.alloc(0);
    const id = body.readUInt32LE(0);
    const length = body.readUInt32LE(12);
    assert.deepEqual(body.subarray(20, 20 + length), Buffer.alloc(length, id));
    assert.equal(body.readUInt32LE(16), length + 1);
    const taken = [id, (backlog.seconds - SECONDS) * 1e9 + backlog.nanoseconds] as const;
    backlog.advance();
    return taken;
  });
}

test('packets of many sockets come in the order of time, those of one time as they were taken, and are counted', () => {
  const delivered = new Float64Array(50);
  const backlog = new Backlog(delivered);
  const times = Array.from({ length: 5000 }, (_, index) => ((index * 7919) % 997) * 2_500_000);
  for (const [index, time] of times.entries())
    assert.ok(backlog.add(packetOf(index % 50, time, 60 + (index % 40)), index));
  const expected = times
    .map((time, index) => [index % 50, time] as const)
    .toSorted(([, one], [, other]) => one - other);
  assert.deepEqual(takeOut(backlog, 5000), expected);
  assert.equal(backlog.hasPacket(), false);
  assert.deepEqual(
    [...delivered],
    Array.from({ length: 50 }, () => 100),
  );
});

test('a time before the beginning is exact, too', () => {
  const backlog = new Backlog(new Float64Array(1));
  const packet = packetOf(0, 0, 60);
  packet.seconds = SECONDS - 100;
  packet.nanoseconds = 999_999_999;
  backlog.add(packet, 5);
  assert.deepEqual([backlog.seconds, backlog.nanoseconds, backlog.seenMs], [SECONDS - 100, 999_999_999, 5]);
});

test('what finds no room is refused, and there is room again for what is taken out', () => {
  const backlog = new Backlog(new Float64Array(2));
  let added = 0;
  while (backlog.add(packetOf(1, added, 60_000), 0)) added += 1;
  const bytes = added * 60_044;
  assert.ok(bytes > 28 * 2 ** 20 && bytes <= 32 * 2 ** 20, String(bytes));
  assert.equal(takeOut(backlog, 100).at(-1)?.[1], 99);
  let more = 0;
  while (backlog.add(packetOf(1, added + more, 60_000), 0)) more += 1;
  assert.ok(more > 80 && more <= 100, String(more));
  const left = takeOut(backlog, added - 100 + more);
  assert.deepEqual(left[0], [1, 100]);
  for (let round = 0; round < 200; round++) {
    assert.ok(backlog.add(packetOf(0, round, 60_000), 0));
    takeOut(backlog, 1);
  }
});
