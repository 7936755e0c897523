/** Each option of netem as the kernel has it afterwards: as tc(8) would have set it, and as we read it ourselves. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import { isSameNetem } from '../../../src/plan/traffic/netem-same.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { receiveFrames, sendFrames } from '../../support/frames.ts';
import type { Netns } from '../../support/netns.ts';
import { applyJob, change, dumpOf, GROUP } from '../ops/ops.ts';
import { impair, kernelHasNetem, netem, pair } from './impaired.ts';
import { numberedFrames } from './known-frames.ts';

/** Every option of tc-netem(8) at least once, in an order in which each change has to undo what was there before. */
const OPTIONS = [
  'delay 40ms',
  'delay 100ms 20ms 25%',
  'delay 100ms 20ms distribution normal',
  'delay 100ms 20ms distribution pareto',
  'delay 100ms 20ms distribution paretonormal',
  'delay 100ms 20ms distribution uniform',
  'delay 1.000001ms 3ns',
  'loss 0.3% 25%',
  'loss random 33.3333333333%',
  'loss state 1% 20% 30% 40% 5%',
  'loss state 1%',
  'loss gemodel 1% 10% 70% 0.1%',
  'loss gemodel 2%',
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
  'slot 1ms',
  'slot distribution normal 800us 10us packets 20',
  'delay 100ms 10ms 5% loss 2% 3% duplicate 4% 5% corrupt 6% 7% reorder 8% 9% rate 1gbit limit 5000',
  '',
] as const;

/** tc of iproute2 6.1 sends no correlation of duplicates, has no file for what needs no table, and does not take such times. */
const UNLIKE_TC = /duplicate \d+% \d+%|distribution uniform|\dns/;

/** What tc says of `eth0`'s root, but for what belongs to the one qdisc. */
async function told({ exec }: Netns): Promise<unknown> {
  const [root] = JSON.parse(await exec('tc', '-json', 'qdisc', 'show', 'dev', 'eth0', 'root')) as {
    readonly kind: string;
    readonly options: Record<string, unknown>;
  }[];
  const { seed: _seed, ...options } = root?.options ?? {};
  return { kind: root?.kind, options };
}

/** `eth0` as planning sees it. */
function seen(ns: NsId): LinkDump | undefined {
  return dumpOf(ns).links.find(({ ifname }) => ifname === 'eth0');
}

if (kernelHasNetem()) describe('netem', withNetem);
else describe('netem, where the kernel lacks it,', withoutNetem);

function withoutNetem(): void {
  test('is refused by name, and a device that was made for it goes', async () => {
    await using wire = await pair();
    const { a } = wire;
    const refusal = {
      ...{ op: 0, call: 'RTM_NEWQDISC', subject: 'eth0: netem (sch_netem)', errnoName: 'ENOENT' },
      ...{ extAck: 'Specified qdisc kind is unknown', code: 'E_FEATURE', leftBehind: null },
    };
    assert.deepEqual(applyJob(a.id, [impair(a.id, 'delay 1ms')]), [refusal]);
    assert.deepEqual(applyJob(a.id, [impair(a.id, null)]), []);
    assert.equal(seen(a.id)?.qdisc, 'noqueue');
    assert.deepEqual(applyJob(a.id, [{ ...impair(a.id, 'delay 1ms'), undo: true }]), [refusal]);
    assert.equal(seen(a.id), undefined);
  });
}

function withNetem(): void {
  test('every option is set as tc sets it, whatever was there before, and read as it was asked for', async () => {
    await using wire = await pair();
    const { a, b } = wire;
    for (const text of OPTIONS) {
      assert.deepEqual(applyJob(a.id, [impair(a.id, text)]), [], text);
      const found = seen(a.id)?.netem?.netem;
      assert.ok(found && isSameNetem(netem(text), found), `${text}: ${JSON.stringify(found)}`);
      if (UNLIKE_TC.test(text)) continue;
      const words = text.split(' ').filter((word) => word !== '');
      await b.exec('tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', ...words);
      assert.deepEqual(await told(a), await told(b), text);
      await b.exec('tc', 'qdisc', 'delete', 'dev', 'eth0', 'root');
    }
  });

  test('a change keeps the qdisc, unless its distributions are others', async () => {
    await using wire = await pair();
    const { a } = wire;
    const handles = [
      'delay 9ms',
      'loss 1%',
      'delay 9ms 1ms distribution normal',
      'delay 8ms 1ms distribution normal',
    ].map((text) => {
      assert.deepEqual(applyJob(a.id, [impair(a.id, text)]), []);
      return seen(a.id)?.netem?.handle.toString(16);
    });
    assert.deepEqual(handles, ['4c000000', '4c000000', '4c010000', '4c010000']);
  });

  test('a change loses none of the packets that are held', async () => {
    await using wire = await pair();
    const { a, b } = wire;
    const sent = numberedFrames(50);
    assert.deepEqual(applyJob(a.id, [impair(a.id, 'delay 2s')]), []);
    const got = await receiveFrames(b.name, 'eth0', sent.length, () => {
      sendFrames(a.id, 'eth0', sent);
      assert.deepEqual(applyJob(a.id, [impair(a.id, 'delay 1ms loss 100%')]), []);
    });
    assert.equal(got.length, sent.length);
  });

  test('is taken away, ours only, and what others put there is replaced', async () => {
    await using wire = await pair();
    const { a } = wire;
    assert.deepEqual(applyJob(a.id, [impair(a.id, 'delay 1ms')]), []);
    const { handle } = seen(a.id)?.netem ?? {};
    assert.ok(handle);
    assert.deepEqual(applyJob(a.id, [{ ...impair(a.id, null), handle }]), []);
    assert.deepEqual([seen(a.id)?.qdisc, seen(a.id)?.netem], ['noqueue', null]);
    assert.deepEqual(applyJob(a.id, [{ ...impair(a.id, null), handle }]), [], 'is gone already');
    await a.exec('tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', '7ms');
    assert.deepEqual(applyJob(a.id, [{ ...impair(a.id, null), handle }]), []);
    assert.equal(seen(a.id)?.netem?.netem.delayUs, 7000, 'it is another one now');
    await a.exec(
      'tc',
      'qdisc',
      'replace',
      'dev',
      'eth0',
      'root',
      'tbf',
      'rate',
      '1mbit',
      'burst',
      '5kb',
      'latency',
      '9ms',
    );
    assert.equal(seen(a.id)?.qdisc, 'tbf');
    assert.deepEqual(applyJob(a.id, [impair(a.id, 'delay 3ms')]), []);
    assert.equal(seen(a.id)?.netem?.netem.delayUs, 3000);
  });

  test('a seed is kept, where the kernel takes one (Linux 6.6)', async () => {
    await using wire = await pair();
    const { a } = wire;
    assert.deepEqual(applyJob(a.id, [impair(a.id, 'loss 10% seed 12345678901234567890')]), []);
    const { seed } = seen(a.id)?.netem?.netem ?? {};
    assert.ok(seed === null || seed === '12345678901234567890', `${seed}`);
  });

  test('qdiscs are looked for on devices of ours alone', async () => {
    await using wire = await pair();
    const { a, b } = wire;
    await b.exec('tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', '1ms');
    assert.deepEqual(applyJob(b.id, [change(b.id, 'eth0', { settings: { group: 0 } })]), []);
    assert.deepEqual([seen(b.id)?.qdisc, seen(b.id)?.netem], ['netem', null]);
    assert.equal(seen(a.id)?.group, GROUP.nodeEnd);
  });
}
