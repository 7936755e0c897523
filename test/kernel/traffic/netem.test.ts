import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { QdiscNetem } from '../../../src/plan/op.ts';
import { isFault } from '../../../src/topology/text/fault.ts';
import { parseNetem } from '../../../src/topology/text/netem.ts';
import type { Netem, NsId } from '../../../src/topology/topology.ts';
import { Namespaces } from '../../../workers/namespaces.ts';
import { NLM_F_DUMP } from '../../../workers/netlink/constants.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { getQdiscs, readQdisc } from '../../../workers/rtnl/qdisc.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, veth } from '../ops/ops.ts';

/** Every option of tc-netem(8) at least once. */
const OPTIONS = [
  'delay 40ms',
  'delay 100ms 20ms 25%',
  'delay 100ms 20ms distribution normal',
  'delay 100ms 20ms distribution pareto',
  'delay 100ms 20ms distribution paretonormal',
  'loss 0.3% 25%',
  'loss state 1% 20% 30% 40% 5%',
  'loss gemodel 1% 10% 70% 0.1%',
  'loss 1% ecn',
  'duplicate 1% 50%',
  'corrupt 0.1% 10%',
  'delay 10ms reorder 25% 50%',
  'delay 10ms reorder 25% 50% gap 5',
  'rate 10mbit',
  'rate 5kbit 20 100 5',
  'rate 100mbit -18',
  'rate 100gbit',
  'limit 42',
  'slot 800us 1ms packets 20 bytes 32768',
  'slot distribution normal 800us 10us packets 20',
  'delay 100ms 10ms 5% loss 2% 3% duplicate 4% 5% corrupt 6% 7% reorder 8% 9% rate 1gbit limit 5000',
] as const;

function netem(text: string): Netem {
  const parsed = parseNetem(text);
  if (isFault(parsed)) throw new Error(parsed.message);
  return parsed;
}

function impair(ns: NsId, text: string | null): QdiscNetem {
  const wanted = text === null ? null : netem(text);
  return { op: 'qdisc.netem', ns, link: 'node:eth0', cause: 'test', dev: 'eth0', ifindex: 0, netem: wanted };
}

/** What the kernel says of `eth0`'s root. */
function rootNetem(ns: NsId): Netem | null {
  using spaces = new Namespaces();
  const batch = new MessageBatch();
  getQdiscs(batch, NLM_F_DUMP);
  const found: Netem[] = [];
  spaces.get(ns).socket.query(batch, (_type, bytes, start, end) => {
    const qdisc = readQdisc(bytes, start, end);
    if (qdisc?.netem) found.push(qdisc.netem);
  });
  assert.ok(found.length <= 1);
  return found[0] ?? null;
}

/** As far as the kernel tells: no distribution; a limit always, and newer kernels a seed. */
function told(wanted: Netem, got: Netem | null): Netem {
  return { ...wanted, distribution: null, limitPackets: wanted.limitPackets ?? 1000, seed: got?.seed ?? null };
}

/** Two nodes and a wire. */
async function pair(): Promise<readonly [Netns, Netns]> {
  const [a, b] = await Promise.all([newNetns('a'), newNetns('b')]);
  const link = veth(a.id, 'eth0', b.id, 'eth0', { addresses: ['10.0.0.1/24'] });
  assert.deepEqual(applyJob(a.id, [link]), []);
  await b.exec('ip', 'address', 'add', '10.0.0.2/24', 'dev', 'eth0');
  await b.exec('ip', 'link', 'set', 'eth0', 'up');
  return [a, b];
}

/** Milliseconds of each answer, and what ping says in the end. */
async function ping(
  from: Netns,
  ...options: readonly string[]
): Promise<{ readonly times: number[]; readonly text: string }> {
  const text = await from.exec('sh', '-c', 'ping -n "$@" 10.0.0.2 || true', 'ping', ...options);
  return { times: [...text.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1])), text };
}

/** The same file proves both: what a kernel with netem does, and what one without it says. */
async function kernelHasNetem(): Promise<boolean> {
  await using probe = await newNetns('p');
  return await probe.exec('tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem').then(
    () => true,
    () => false,
  );
}

if (await kernelHasNetem()) describe('netem', withNetem);
else describe('netem, where the kernel lacks it,', withoutNetem);

function withoutNetem(): void {
  test('is refused by name', async () => {
    const [a, b] = await pair();
    await using _a = a;
    await using _b = b;
    const [failure, ...more] = applyJob(a.id, [impair(a.id, 'delay 1ms')]);
    assert.deepEqual(more, []);
    assert.deepEqual(failure, {
      ...{ op: 0, call: 'RTM_NEWQDISC', subject: 'eth0: netem', errno: 2, errnoName: 'ENOENT' },
      ...{ extAck: 'Specified qdisc kind is unknown', code: 'E_FEATURE', leftBehind: '' },
    });
    assert.deepEqual(applyJob(a.id, [impair(a.id, null)]), []);
  });
}

function withNetem(): void {
  test('every option is there as it was asked for', async () => {
    const [a, b] = await pair();
    await using _a = a;
    await using _b = b;
    for (const text of OPTIONS) {
      assert.deepEqual(applyJob(a.id, [impair(a.id, text)]), [], text);
      const got = rootNetem(a.id);
      const slot = netem(text).slot;
      const wanted = told(netem(text), got);
      assert.deepEqual(got, slot ? { ...wanted, slot: { ...slot, distribution: null } } : wanted, text);
    }
    assert.deepEqual(applyJob(a.id, [impair(a.id, null)]), []);
    assert.equal(rootNetem(a.id), null);
    assert.deepEqual(applyJob(a.id, [impair(a.id, null)]), []);
  });

  test('a seed is kept', async () => {
    const [a, b] = await pair();
    await using _a = a;
    await using _b = b;
    assert.deepEqual(applyJob(a.id, [impair(a.id, 'loss 10% seed 12345678901234567890')]), []);
    const { seed } = rootNetem(a.id) ?? {};
    assert.ok(seed === null || seed === '12345678901234567890', `${seed}`);
  });

  test('delays, loses, duplicates and paces real packets', async () => {
    const [a, b] = await pair();
    await using _a = a;
    await using _b = b;
    const becomes = (text: string) => assert.deepEqual(applyJob(a.id, [impair(a.id, text)]), []);
    await ping(a, '-c', '1');

    becomes('delay 80ms');
    const delayed = await ping(a, '-c', '5', '-i', '0.2');
    assert.equal(delayed.times.length, 5);
    for (const time of delayed.times) assert.ok(time >= 80 && time < 160, `${time} ms`);

    becomes('loss 100%');
    assert.match((await ping(a, '-c', '3', '-i', '0.2', '-W', '1')).text, /3 packets transmitted, 0 received/);

    becomes('duplicate 100%');
    assert.match((await ping(a, '-c', '3', '-i', '0.2')).text, /\+[23] duplicates/);

    becomes('loss 30% seed 7');
    const { text } = await ping(a, '-c', '200', '-i', '0.005', '-W', '1');
    const received = Number(/(\d+) received/.exec(text)?.[1]);
    assert.ok(received > 110 && received < 170, `${received} of 200 received`);

    // 1000 bytes and their headers take 8.3 ms at 1 Mbit/s.
    becomes('rate 1mbit');
    const paced = await ping(a, '-c', '3', '-i', '0.2', '-s', '1000');
    for (const time of paced.times) assert.ok(time >= 8.3 && time < 60, `${time} ms`);

    // One packet in five skips the delay.
    becomes('delay 100ms reorder 100% gap 5');
    const reordered = await ping(a, '-c', '11', '-i', '0.01', '-W', '1');
    const order = [...reordered.text.matchAll(/icmp_seq=(\d+)/g)].map((match) => Number(match[1]));
    assert.notDeepEqual(
      order,
      order.toSorted((one, other) => one - other),
    );
  });
}
