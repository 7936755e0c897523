/** Impairments that are set by hand: what the kernel has then, what pings show, what plans leave alone, and that reset takes all back. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ImpairChange } from '../../../src/plan/overrides/goals.ts';
import { ask, socketOf } from '../../support/api/request.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import type { Netns } from '../../support/netns.ts';
import { kernelHasNetem } from '../traffic/impaired.ts';

interface Qdisc {
  readonly kind: string;
  readonly handle: string;
}

/** How a ping went: what came back, what came twice, and the times. */
interface Pings {
  readonly received: number;
  readonly doubles: number;
  readonly times: readonly number[];
}

async function ping({ exec }: Netns, ...options: readonly string[]): Promise<Pings> {
  const text = await exec('sh', '-c', 'ping -n -i 0.2 "$@" 10.7.0.2 || true', 'ping', ...options);
  const times = [...text.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
  const doubles = [...text.matchAll(/DUP!/g)].length;
  return { received: Number(/(\d+) received/.exec(text)?.[1]), doubles, times };
}

/** What is set, as `status` and `plan` say it, and what pings show of it. Shares of 1 leave nothing to chance. */
const ROWS: readonly {
  readonly impair: ImpairChange;
  readonly told: RegExp;
  readonly pings: readonly string[];
  readonly check: (pings: Pings) => boolean;
}[] = [
  {
    ...{ impair: { delayUs: 150_000 }, told: /^delay 150ms$/, pings: ['-c', '3', '-w', '10'] },
    check: ({ received, times }) => received === 3 && times.every((ms) => ms >= 149),
  },
  {
    ...{ impair: { delayUs: 200_000, jitterUs: 50_000 }, told: /^delay 200ms 50ms$/, pings: ['-c', '3', '-w', '10'] },
    check: ({ received, times }) => received === 3 && times.every((ms) => ms >= 149),
  },
  {
    ...{ impair: { loss: 1 }, told: /^loss 100%$/, pings: ['-c', '3', '-W', '1'] },
    check: ({ received }) => received === 0,
  },
  {
    ...{ impair: { duplicate: 1 }, told: /^duplicate 100%$/, pings: ['-c', '3', '-w', '10'] },
    check: ({ received, doubles }) => received === 3 && doubles >= 2,
  },
  // A bit of each is turned, so that checksums are wrong, or the answer is.
  {
    ...{ impair: { corrupt: 1 }, told: /^corrupt 100%$/, pings: ['-c', '5', '-W', '1'] },
    check: ({ received }) => received < 5,
  },
  // All of them skip the delay.
  {
    ...{ impair: { delayUs: 900_000, reorder: 1 }, told: /^delay 900ms reorder 100%$/, pings: ['-c', '3', '-w', '10'] },
    check: ({ received, times }) => received === 3 && times.every((ms) => ms < 900),
  },
  // 1,442 bytes at 64 kbit/s.
  {
    ...{ impair: { rateBitsPerSec: 64_000 }, told: /^rate 64kbit$/, pings: ['-c', '2', '-s', '1400', '-w', '10'] },
    check: ({ received, times }) => received === 2 && times.every((ms) => ms >= 175),
  },
];

function labOf(lab: TestLab) {
  const links = ['a', 'b'].map((letter, at) => ({
    ...{ netns: lab.node(letter).name, bridge: 'lan', dev: 'eth0', ip: `10.7.0.${at + 1}/24` },
  }));
  return { bridges: [{ bridge: 'lan', mode: 'linux' }], links };
}

async function qdiscOf({ exec }: Netns): Promise<Qdisc | undefined> {
  const [qdisc] = JSON.parse(await exec('tc', '-json', 'qdisc', 'show', 'dev', 'eth0', 'root')) as Qdisc[];
  return qdisc;
}

describe('an impairment that is set by hand', needs('root', 'program:ip', 'program:tc', 'program:ping'), () => {
  if (!kernelHasNetem()) {
    test('is refused where the kernel has no netem, all of it by name', async () => {
      await using lab = testLab('netns', 'sn');
      const lan = labOf(lab);
      await lab.up(lan);
      const impair = { delayUs: 1000, jitterUs: 1000, loss: 0.1, duplicate: 0.1, corrupt: 0.1, reorder: 0.1 };
      const set = lab.set(lan, { links: ['*:*'], settings: { impair }, both: false });
      await assert.rejects(set, /delay, jitter, loss, duplicate, corrupt and reorder can't be set/);
      assert.equal((await qdiscOf(lab.node('a')))?.kind, 'noqueue');
    });
    return;
  }

  for (const { impair, told, pings, check } of ROWS) {
    const name = Object.keys(impair).join(' and ');
    test(`${name}: is in the kernel, is left by plan and up, is seen by pings, and goes by reset`, async () => {
      await using lab = testLab('netns', 'sn');
      const lan = labOf(lab);
      const [a, b] = [lab.node('a'), lab.node('b')];
      await lab.up(lan);
      await ping(a, '-c', '1', '-w', '10');
      const report = await lab.set(lan, { links: [`${a.name}:eth0`], settings: { impair }, both: false });
      assert.deepEqual(report.failures, []);
      const [override] = report.ends[0]?.overrides ?? [];
      assert.match(override?.actual ?? '', told);
      const set = await qdiscOf(a);
      assert.deepEqual([set?.kind, set?.handle.slice(0, 2)], ['netem', '4d']);
      assert.equal((await qdiscOf(b))?.kind, 'noqueue');
      const found = await ping(a, ...pings);
      assert.ok(check(found), JSON.stringify(found));
      const { ops, overrides } = await lab.plan(lan);
      assert.deepEqual([ops, overrides.map(({ setting }) => setting)], [[], ['impair']]);
      assert.equal((await lab.up(lan)).links.unchanged, 2);
      assert.deepEqual(await qdiscOf(a), set);
      const { links } = await lab.status(lan);
      assert.deepEqual(
        links.flatMap(({ drift }) => drift),
        [],
      );
      assert.deepEqual((await lab.reset(lan)).failures, []);
      assert.equal((await qdiscOf(a))?.kind, 'noqueue');
      assert.equal((await ping(a, '-c', '2', '-w', '10')).received, 2);
    });
  }

  test('is added to what is set already, both ways too, and ends one by one', async () => {
    await using lab = testLab('netns', 'sn');
    const lan = labOf(lab);
    const a = lab.node('a');
    const links = [`${a.name}:eth0`];
    await lab.up(lan);
    await lab.set(lan, { links, settings: { impair: { delayUs: 100_000 } }, both: true });
    await lab.set(lan, { links, settings: { impair: { loss: 0.001 } }, both: false });
    await ping(a, '-c', '1', '-w', '10');
    const both = await ping(a, '-c', '2', '-w', '10');
    assert.ok(
      both.times.every((ms) => ms >= 199),
      JSON.stringify(both),
    );
    const { ends } = await lab.set(lan, { links, settings: { impair: { delayUs: 0 } }, both: false });
    assert.deepEqual(
      ends[0]?.overrides.map(({ actual }) => actual),
      ['loss 0.1%'],
    );
    await lab.reset(lan);
    assert.equal((await qdiscOf(a))?.kind, 'noqueue');
  });

  test('goes up a ramp by play, and what was set before is there again after it', { timeout: 120_000 }, async () => {
    await using lab = testLab('netns', 'sn');
    await using folder = temporaryFolder('netem');
    const lan = labOf(lab);
    const a = lab.node('a');
    const links = [`${a.name}:eth0`];
    await lab.up(lan);
    await lab.set(lan, { links, settings: { impair: { delayUs: 1000, loss: 0.001 } }, both: false });
    const before = await a.exec('tc', 'qdisc', 'show', 'dev', 'eth0', 'root');
    const timeline = join(folder.path, 'ramp.json');
    const ramp = { at: 0, links, delay: { from: '10ms', to: '30ms' }, over: '1s', every: '500ms' };
    await writeFile(timeline, JSON.stringify({ length: '1500ms', steps: [ramp] }));
    const ran = await linkloom(['play', timeline, '--lab', lab.name, '--json'], { timeoutMs: 100_000 });
    assert.equal(ran.exitCode, 0, ran.stderr);
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { set?: object; end?: string });
    assert.deepEqual(
      lines.map(({ set, end }) => set ?? end),
      [{ delay: '10ms' }, { delay: '20ms' }, { delay: '30ms' }, 'finished'],
    );
    const plain = (text: string): string => text.replace(/ seed \d+/, '');
    assert.equal(plain(await a.exec('tc', 'qdisc', 'show', 'dev', 'eth0', 'root')), plain(before));
  });

  test('is left by a daemon that is asked for it, and by its looks; it plays a ramp, too', {
    timeout: 180_000,
  }, async () => {
    await using lab = testLab('netns', 'sn');
    await using folder = temporaryFolder('netem');
    const file = join(folder.path, 'lab.json');
    const a = lab.node('a');
    const link = `${a.name}:eth0`;
    await writeFile(file, JSON.stringify({ lab: lab.name, ...labOf(lab) }));
    await using daemon = startLinkloom(['up', '--watch', '-f', file]);
    await daemon.until(/All links connected/, 120_000);
    // The first one has the server loaded, which on a slow machine takes longer than a verb waits.
    assert.equal((await ask(socketOf(lab.name), '/healthz')).status, 200);
    const run = async (...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await linkloom(args, { timeoutMs: 100_000 });
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /The daemon of lab \S+ \(pid \d+\) did this/);
      return stdout;
    };
    await run('set', '--lab', lab.name, link, '--delay', '150ms', '--loss', '0.1%');
    const before = await qdiscOf(a);
    assert.equal(before?.handle.slice(0, 2), '4d');
    const lookOver = async (): Promise<void> => {
      const answer = await ask(socketOf(lab.name), '/reconcile', { method: 'POST' });
      assert.equal((answer.document()['links'] as { changed: number }).changed, 0, answer.text);
    };
    await lookOver();
    assert.deepEqual(await qdiscOf(a), before);

    const timeline = join(folder.path, 'ramp.json');
    const ramp = { at: '500ms', links: link, delay: { from: '200ms', to: '300ms' }, over: '2s', every: '1s' };
    await writeFile(timeline, JSON.stringify({ length: '4s', steps: [ramp] }));
    const lines = (await run('play', timeline, '-f', file, '--json')).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as { set?: object; end?: string }).map(({ set, end }) => set ?? end),
      [{ delay: '200ms' }, { delay: '250ms' }, { delay: '300ms' }, 'finished'],
    );
    await lookOver();
    assert.match(await a.exec('tc', 'qdisc', 'show', 'dev', 'eth0', 'root'), /delay 150ms loss 0\.1%/);
    await run('reset', '--lab', lab.name);
    assert.equal((await qdiscOf(a))?.kind, 'noqueue');
  });
});
