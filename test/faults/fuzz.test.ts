/** 1,000,000 inputs for what reads bytes of others: netlink, engine events, configurations. No crash, no hang, no growth. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createLineSplitter, parseEvent } from '../../src/runtime/event-stream.ts';
import { readChange } from '../../workers/monitor/change.ts';
import { isMessage, readAck, sizeAt } from '../../workers/netlink/ack.ts';
import { align4 } from '../../workers/netlink/attributes.ts';
import { readAddress } from '../../workers/rtnl/address-dump.ts';
import { readLink } from '../../workers/rtnl/link-dump.ts';
import { readRoute } from '../../workers/rtnl/route-dump.ts';
import { amount, figures } from '../support/faults/amount.ts';
import { check } from '../unit/config/loading.ts';

const REPLIES = new URL('../../../test/unit/netlink/fixtures/replies.json', import.meta.url);
const GOLDEN = JSON.parse(readFileSync(REPLIES, 'utf8')) as Readonly<
  Record<'links' | 'addresses' | 'routes', readonly string[]>
>;
const WHOLE = [...GOLDEN.links, ...GOLDEN.addresses, ...GOLDEN.routes].map((hex) => Buffer.from(hex, 'hex'));
const EVENT =
  '{"status":"start","id":"0123456789abcdef","Type":"container","Action":"start","Actor":{"ID":"0123456789abcdef","Attributes":{"name":"c1","image":"x"}},"time":1}\n';
const CONFIG = `lab: a
links:
  - {service: s, bridge: b, dev: eth0, ip: 10.0.0.1/24, mac: "c2:00:00:00:00:01", mtu: 9000, route: ["default via 10.0.0.2"]}
  - {netns: n, bridge: "\${B:-b}", ip: [fd00::1/64], impair: {delay: 10ms}}
bridges: [{bridge: b, mode: linux}]
commands: [{service: s, command: "echo"}]
`;
/** Inputs after which memory has to be what it was; what V8 keeps by itself is below that. */
const GROWTH_MAX_BYTES = 128 * 1024 * 1024;
const SLOWEST_MS = 5000;

/** xorshift32: the same inputs for the same seed, and cheap. */
function randomOf(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function damaged(bytes: Buffer, random: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes.subarray(0, random(8) === 0 ? random(bytes.length + 1) : bytes.length));
  for (let times = random(6); times > 0 && copy.length > 0; times--) copy[random(copy.length)] = random(256);
  return copy;
}

/** Feeds `count` inputs to `read`; says how long the slowest took. */
async function feed(what: string, count: number, read: (n: number) => unknown): Promise<void> {
  for (let warm = 0; warm < Math.min(1000, count); warm++) await read(warm);
  const before = process.memoryUsage().rss;
  let slowestMs = 0;
  for (let n = 0; n < count; n++) {
    const startedMs = performance.now();
    const pending = read(n);
    if (pending instanceof Promise) await pending;
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  const grownMb = Math.round((process.memoryUsage().rss - before) / 1024 / 1024);
  figures(`fuzz ${what}`, { inputs: count, slowestMs: Math.round(slowestMs), grownMb });
  assert.ok(slowestMs < SLOWEST_MS, `${slowestMs} ms`);
  assert.ok(grownMb * 1024 * 1024 < GROWTH_MAX_BYTES, `${grownMb} MB`);
}

test('the netlink decoder', { timeout: 1_200_000 }, async () => {
  const random = randomOf(20_260_101);
  const types = [16, 17, 20, 21, 24, 25, 36, 37];
  await feed('netlink', amount('FUZZ_NETLINK', 550_000), () => {
    const bytes = damaged(WHOLE[random(WHOLE.length)] ?? Buffer.alloc(0), random);
    for (let at = 0; isMessage(bytes, at, bytes.length); at += align4(sizeAt(bytes, at))) readAck(bytes, at);
    readLink(bytes, 16, bytes.length, true);
    readAddress(bytes, 16, bytes.length);
    readRoute(bytes, 16, bytes.length);
    const type = types[random(types.length)] ?? 16;
    readChange(type, bytes, 16, bytes.length, { group: 0x4c000000, role: 'node', concerns: () => true });
  });
});

test('the parser of engine events', { timeout: 1_200_000 }, async () => {
  const random = randomOf(7);
  const event = Buffer.from(EVENT);
  let splitter = createLineSplitter();
  await feed('events', amount('FUZZ_EVENTS', 400_000), (n) => {
    if (n % 1000 === 0) splitter = createLineSplitter();
    for (const line of splitter(damaged(event, random))) {
      const parsed = parseEvent(line);
      assert.ok(parsed === null || typeof parsed.id === 'string');
    }
  });
});

test('the loader of configurations', { timeout: 1_200_000 }, async () => {
  const random = randomOf(99);
  const config = Buffer.from(CONFIG);
  await feed('configurations', amount('FUZZ_CONFIGS', 50_000), async () => {
    const { diagnostics } = await check(damaged(config, random).toString('utf8'), { env: {} });
    assert.ok(Array.isArray(diagnostics));
  });
});
