/**
 * What impairments do to packets, measured. Times are compared generously, since a virtual machine may be several times
 * slower than this one; shares within four standard deviations of what chance allows.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Arrival, receiveArrivals, sendFrames } from '../../support/frames.ts';
import type { Netns } from '../../support/netns.ts';
import { applyJob } from '../ops/ops.ts';
import { impair, kernelHasNetem, type Pair, pair } from './impaired.ts';
import { numberedFrames, numberOf } from './known-frames.ts';

/** Impairs a's end, sends frames out of it, and gives what comes to b. */
async function through(
  wire: Pair,
  text: string,
  frames: readonly Buffer[],
  expected: number,
): Promise<readonly Arrival[]> {
  const { a, b } = wire;
  assert.deepEqual(applyJob(a.id, [impair(a.id, text)]), [], text);
  return await receiveArrivals(b.name, 'eth0', expected, () => sendFrames(a.id, 'eth0', frames), { timeoutMs: 4000 });
}

/** Milliseconds of each answer. */
async function roundTrips({ exec }: Netns, ...options: readonly string[]): Promise<readonly number[]> {
  const text = await exec('sh', '-c', 'ping -n "$@" 10.0.0.2 || true', 'ping', ...options);
  return [...text.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
}

/** How many of `count` events of this probability chance allows. */
function assertShare(found: number, count: number, probability: number): void {
  const deviation = Math.sqrt(count * probability * (1 - probability));
  const off = Math.abs(found - count * probability);
  assert.ok(
    off <= 4 * deviation,
    `${found} of ${count}, expected ${count * probability} ± ${(4 * deviation).toFixed(1)}`,
  );
}

const numbersOf = (arrivals: readonly Arrival[]): readonly number[] => arrivals.map(({ bytes }) => numberOf(bytes));

/** Frames at once: fewer than the default limit of netem, and more than chance plays with. */
const MANY = 600;

describe('packets', () => {
  if (kernelHasNetem()) {
    test('are delayed: a round trip by 80 ms, and at most by 80 more', delayed);
    test('are lost: all, a quarter, and in bursts', lost);
    test('come twice: a fifth of them', duplicated);
    test('are corrupted: each in one bit', corrupted);
    test('overtake others: a quarter of them, or each fifth', reordered);
    test('are paced: at 1 Mbit/s a kilobyte takes 8 ms', paced);
    test('are delayed around a mean, as their distribution has it', distributed);
    test('are in order and all there once nothing is asked for', untouched);
  } else {
    test('go on as before, where the kernel has no netem', async () => {
      await using wire = await pair();
      const { a } = wire;
      assert.equal(applyJob(a.id, [impair(a.id, 'loss 100%')])[0]?.code, 'E_FEATURE');
      assert.equal((await roundTrips(a, '-c', '3', '-i', '0.2', '-W', '5')).length, 3);
    });
  }
});

async function delayed(): Promise<void> {
  await using wire = await pair();
  const { a } = wire;
  await roundTrips(a, '-c', '1', '-w', '10');
  assert.deepEqual(applyJob(a.id, [impair(a.id, 'delay 80ms')]), []);
  const times = await roundTrips(a, '-c', '10', '-i', '0.2');
  assert.equal(times.length, 10);
  const late = times.filter((time) => time >= 80 && time < 160);
  assert.ok(late.length >= 9 && times.every((time) => time >= 80), `${times.join(' ')} ms`);
}

async function lost(): Promise<void> {
  await using wire = await pair();
  const frames = numberedFrames(MANY);
  assert.deepEqual(await through(wire, 'loss 100%', frames, MANY), []);
  assertShare((await through(wire, 'loss 25%', frames, MANY)).length, MANY, 0.75);
  // From good to bad with 5 %, back with 20 %, all lost in the bad state: a fifth of all, in bursts of five on average.
  const got = new Set(numbersOf(await through(wire, 'loss gemodel 5% 20%', frames, MANY)));
  assert.ok(got.size > MANY * 0.6 && got.size < MANY * 0.97, `${got.size} of ${MANY}`);
  const bursts = [...frames.keys()].filter((n) => n > 0 && got.has(n - 1) && !got.has(n)).length;
  const mean = (MANY - got.size) / Math.max(1, bursts);
  assert.ok(mean > 2 && mean < 12, `bursts of ${mean} on average`);
}

async function duplicated(): Promise<void> {
  await using wire = await pair();
  const got = numbersOf(await through(wire, 'duplicate 20%', numberedFrames(MANY), 2 * MANY));
  assert.equal(new Set(got).size, MANY, 'none is lost');
  assertShare(got.length - MANY, MANY, 0.2);
}

async function corrupted(): Promise<void> {
  await using wire = await pair();
  const frames = numberedFrames(MANY, 1000);
  const got = await through(wire, 'corrupt 100%', frames, MANY);
  // Which one it was shows in all but the number itself, which is hit once in 250 times.
  const bits = got.map(({ bytes }) => Math.min(...frames.map((frame) => differingBits(frame, bytes))));
  assert.ok(bits.length > MANY * 0.98, `${bits.length} came`);
  assertShare(bits.filter((count) => count === 1).length, bits.length, 0.99);
  assert.ok(
    bits.every((count) => count <= 1),
    `${bits.join(' ')}`,
  );
}

/** Up to two; more are not told apart. */
function differingBits(one: Buffer, other: Buffer): number {
  let bits = 0;
  for (let at = 0; at < one.length && bits < 2; at++) {
    for (let diff = (one[at] ?? 0) ^ (other[at] ?? 0); diff !== 0; diff &= diff - 1) bits++;
  }
  return bits;
}

async function reordered(): Promise<void> {
  await using wire = await pair();
  const frames = numberedFrames(MANY);
  // Long enough for all to have been sent before the first that waits comes.
  const early = numbersOf(await through(wire, 'delay 1500ms reorder 25%', frames, MANY));
  assert.equal(early.length, MANY);
  assertShare(leaders(early), MANY, 0.25);
  const each = numbersOf(await through(wire, 'delay 1500ms reorder 100% gap 5', frames, MANY));
  assertShare(leaders(each), MANY, 0.2);
}

/** How many came before the first that did not skip the delay: they are in order among themselves, and so are the others. */
function leaders(numbers: readonly number[]): number {
  const fall = numbers.findIndex((number, at) => at > 0 && number < (numbers[at - 1] ?? 0));
  return Math.max(fall, 0);
}

async function paced(): Promise<void> {
  await using wire = await pair();
  const count = 60;
  const got = await through(wire, 'rate 1mbit', numberedFrames(count, 1000), count);
  assert.equal(got.length, count);
  const tookMs = (got.at(-1)?.timeMs ?? 0) - (got[0]?.timeMs ?? 0);
  const expectedMs = (count - 1) * 8;
  assert.ok(tookMs > expectedMs * 0.95 && tookMs < expectedMs * 1.5, `${tookMs} ms, expected ${expectedMs}`);
}

async function distributed(): Promise<void> {
  await using wire = await pair();
  for (const [name, deviationMs] of [
    ['normal', 50],
    ['uniform', 50 / Math.sqrt(3)],
  ] as const) {
    const frames = numberedFrames(MANY);
    const got = await through(wire, `delay 500ms 50ms distribution ${name}`, frames, MANY);
    assert.equal(got.length, MANY);
    const times = got.map(({ timeMs }) => timeMs);
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length);
    assert.ok(deviation > deviationMs * 0.8 && deviation < deviationMs * 1.4, `${name}: ${deviation} ms`);
  }
}

async function untouched(): Promise<void> {
  await using wire = await pair();
  const frames = numberedFrames(MANY);
  await through(wire, 'delay 5ms 4ms loss 10% duplicate 10% corrupt 10%', frames, MANY);
  const got = await through(wire, '', frames, MANY);
  assert.deepEqual(numbersOf(got), [...frames.keys()]);
  assert.ok(got.every(({ bytes }, at) => bytes.equals(frames[at] ?? Buffer.alloc(0))));
}
