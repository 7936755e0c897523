/** `play` as a user calls it: what it does to real links and when, and that all is as it was found, however it ends. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, type Ran, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';
import { kernelHasNetem } from '../traffic/impaired.ts';

interface StepLine {
  readonly type: string;
  readonly step: number;
  readonly set: object;
  readonly links: readonly string[];
  readonly wantedMs: number;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

function linesOf({ stdout }: Pick<Ran, 'stdout'>): readonly StepLine[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('play', { timeout: 180_000, ...needs('root', 'program:ip', 'program:tc') }, () => {
  const lab = uniqueName('pl');
  const [a, b, c] = [`${lab}a`, `${lab}b`, `${lab}c`];
  let folder: Folder | undefined;
  let file = '';

  const write = async (timeline: object): Promise<string> => {
    const path = join(folder?.path ?? '', 'timeline.json');
    await writeFile(path, JSON.stringify(timeline));
    return path;
  };
  /** Devices, addresses, routes and qdiscs of a node, without what changes by itself. */
  const stateOf = async (node: string): Promise<string> => {
    const namespace = openNetns(node);
    const link = await namespace.link('eth0');
    const { ifindex, mtu, flags, ifalias, operstate, addr_info = [] } = link ?? {};
    // What the kernel makes by itself comes a while after a device is up.
    const addresses = addr_info.map(({ local, prefixlen, nodad }) => ({ local, prefixlen, nodad }));
    const all = [...(await namespace.routes(4, 'all')), ...(await namespace.routes(6, 'all'))];
    const routes = all.filter(({ protocol }) => protocol !== 'kernel');
    const qdisc = await namespace.exec('tc', 'qdisc', 'show', 'dev', 'eth0', 'root');
    const texts = [...routes, ...addresses].map((one) => JSON.stringify(one)).filter((text) => !text.includes('fe80:'));
    return JSON.stringify({ ifindex, mtu, flags, ifalias, operstate, texts: texts.sort(), qdisc }, null, 1);
  };
  const states = (): Promise<readonly string[]> => Promise.all([a, b, c].map(stateOf));
  const isUp = async (node: string): Promise<boolean> =>
    (await openNetns(node).link('eth0'))?.flags.includes('UP') === true;

  before(async () => {
    folder = temporaryFolder('play');
    file = join(folder.path, 'lab.json');
    const links = [a, b, c].map((netns, at) => ({
      ...{ netns, bridge: 'lan', dev: 'eth0', ip: [`10.0.0.${at + 1}/24`, `fd00::${at + 1}/64`] },
      ...(at === 0 && { route: ['192.0.2.0/24 via 10.0.0.2', 'fd02::/32 via fd00::2'] }),
    }));
    await writeFile(file, JSON.stringify({ lab, links }));
    const up = await linkloom(['up', '-f', file, '--progress', 'quiet']);
    assert.equal(up.exitCode, 0, up.stderr);
    // Of somebody else, and of an earlier `set`: all of it is there before each play, and after it.
    await openNetns(a).exec('ip', 'route', 'add', '198.51.100.0/24', 'via', '10.0.0.2', 'metric', '7');
    await openNetns(a).exec('ip', 'address', 'add', 'fd99::1/64', 'dev', 'eth0', 'nodad');
    const set = await linkloom(['set', '-f', file, `${b}:eth0`, '--mtu', '1400', '--rate', '5mbit']);
    assert.equal(set.exitCode, 0, set.stderr);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  it('does each step after its time, not before, and leaves all as it was found', async () => {
    const before = await states();
    const timeline = await write({
      repeat: 2,
      length: '700ms',
      steps: [
        { at: 0, links: `${a}:eth0`, down: true },
        { at: '100ms', links: [`${a}:eth0`, `${c}:eth0`], up: true, mtu: 1300 },
        {
          at: '200ms',
          links: 'bridge/lan',
          both: true,
          rate: { from: '1mbit', to: '3mbit' },
          over: '200ms',
          every: '100ms',
        },
        { at: '420ms', links: '*:*', flaps: { count: 3, down: '20ms', over: '200ms' } },
        { at: '650ms', links: `${b}:*`, reset: true },
      ],
    });
    const ran = await linkloom(['play', timeline, '-f', file, '--json']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const lines = linesOf(ran);
    const steps = lines.filter(({ type }) => type === 'step');
    assert.equal(steps.length, 2 * (1 + 1 + 3 + 6 + 1));
    for (const { wantedMs, firstMs, lastMs } of steps) {
      if (firstMs === null || lastMs === null) continue;
      assert.ok(firstMs >= wantedMs && lastMs >= firstMs, ran.stdout);
    }
    assert.deepEqual(
      steps.slice(0, 5).map(({ step, set, links, wantedMs }) => [step, set, links, wantedMs]),
      [
        [1, { down: true }, [`${a}:eth0`], 0],
        [2, { up: true, mtu: 1300 }, [`${a}:eth0`, `${c}:eth0`], 100],
        [3, { rate: '1mbit' }, [a, b, c].map((node) => `${node}:eth0`), 200],
        [3, { rate: '2mbit' }, [a, b, c].map((node) => `${node}:eth0`), 300],
        [3, { rate: '3mbit' }, [a, b, c].map((node) => `${node}:eth0`), 400],
      ],
    );
    assert.deepEqual(
      { ...lines.at(-1), lastedMs: 0, restored: [] },
      {
        ...{ schemaVersion: 1, type: 'end', lab, end: 'finished', steps: 24, lastedMs: 0, restored: [], failures: [] },
      },
    );
    assert.deepEqual(await states(), before);
    const { operations, overrides } = JSON.parse((await linkloom(['plan', '-f', file, '--json'])).stdout);
    assert.deepEqual([operations, overrides.length], [[], 2]);
  });

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`puts all back on ${signal}, by the marks alone too`, async () => {
      const before = await states();
      const steps = [
        { at: 0, links: `${a}:eth0`, down: true },
        { at: 0, links: `${b}:eth0`, mtu: 1500, rate: 0 },
        { at: 0, links: `${c}:eth0`, rate: '1mbit', both: true },
      ];
      const source = signal === 'SIGINT' ? ['-f', file] : ['--lab', lab];
      await using play = startLinkloom(['play', await write({ length: '60s', steps }), ...source]);
      await play.until(/step 3.*done/);
      assert.equal(await isUp(a), false);
      play.child.kill(signal);
      assert.equal((await play.child).exitCode, status, play.output());
      assert.match(play.output(), /3 links put back as found/);
      assert.deepEqual(await states(), before);
    });
  }

  it('leaves overrides where it is killed, and reset takes them back, with all routes', async () => {
    const before = await stateOf(a);
    const timeline = await write({ length: '60s', steps: [{ at: 0, links: `${a}:eth0`, down: true, mtu: 1300 }] });
    await using play = startLinkloom(['play', timeline, '-f', file]);
    await play.until(/step 1.*done/);
    play.child.kill('SIGKILL');
    await play.child;
    const up = await linkloom(['up', '-f', file, '--json']);
    assert.equal(JSON.parse(up.stdout).links.changed, 0, up.stdout);
    assert.equal(await isUp(a), false);
    const reset = await linkloom(['reset', '-f', file, `${a}:eth0`]);
    assert.equal(reset.exitCode, 0, reset.stderr);
    assert.deepEqual(JSON.parse(await stateOf(a)), JSON.parse(before));
  });

  it('ends with a step that fails, and puts the others back', async () => {
    const before = await Promise.all([a, b].map(stateOf));
    const steps = [
      { at: 0, links: `${a}:eth0`, down: true },
      { at: '1s', links: '*:*', mtu: 1350 },
      { at: '2s', links: `${a}:eth0`, up: true },
    ];
    await using play = startLinkloom(['play', await write({ length: '60s', steps }), '-f', file]);
    await play.until(/step 1.*done/);
    await openNetns(c).exec('ip', 'link', 'del', 'eth0');
    const { exitCode } = await play.child;
    assert.equal(exitCode, 1, play.output());
    assert.match(play.output(), new RegExp(`${c}:eth0.*ENODEV`));
    assert.match(play.output(), /a step failed after .* and 2 steps; 2 links put back as found/);
    assert.deepEqual(await Promise.all([a, b].map(stateOf)), before);
    assert.equal((await linkloom(['up', '-f', file, '--progress', 'quiet'])).exitCode, 0);
  });

  it('ends when the command of until succeeds, on the host or in a node', async () => {
    const flag = join(folder?.path ?? '', 'flag');
    for (const node of [undefined, a]) {
      const until = { command: ['test', '-e', flag], every: '50ms', ...(node && { node }) };
      const steps = [{ at: '20ms', links: `${b}:eth0`, flaps: { count: 1, down: '20ms', over: '50ms' } }];
      await using play = startLinkloom(['play', await write({ until, steps }), '-f', file]);
      await play.until(/round 3/);
      await writeFile(flag, '');
      assert.equal((await play.child).exitCode, 0, play.output());
      assert.match(play.output(), /the command has succeeded after/);
      await linkloom(['exec', a, '--', 'rm', flag]);
    }
    assert.ok(await isUp(b));
  });

  it('refuses what can’t be done before anything is touched', async () => {
    const before = await states();
    const down = { at: 0, links: `${a}:eth0`, down: true };
    const table: readonly (readonly [timeline: object, status: number, message: RegExp])[] = [
      [{ steps: [down, { at: '1s', links: `${a}:eth1`, up: true }] }, 1, new RegExp(`did you mean ${a}:eth0`)],
      [{ steps: [down, { at: '1s', links: a, up: true }] }, 2, /is no link/],
      [{ steps: [down, { at: '1s', links: 'x*:*', up: true }] }, 1, /no link of lab .* matches/],
      [{ steps: [down, { at: '1s', links: '*:*', jitter: '1ms' }] }, kernelHasNetem() ? 1 : 3, /jitter/],
      [{ steps: [down], until: { command: ['no-such-program-here'] } }, 3, /there is no program no-such-program-here/],
      [{ steps: [down], until: { command: ['true'], node: 'nobody' } }, 1, /nobody/],
      [
        { steps: [down, { at: '1s', links: '*:*', flaps: { count: 99, down: '1s', over: '5s' } }] },
        2,
        /step 2: 99 flaps .* have no room/,
      ],
      [{ steps: [{ ...down, dwon: true }] }, 1, /timeline\.json:1:\d+: .*unknown key "dwon"[\s\S]*did you mean `down`/],
    ];
    for (const [timeline, status, message] of table) {
      const ran = await linkloom(['play', await write(timeline), '-f', file]);
      assert.equal(ran.exitCode, status, `${JSON.stringify(timeline)}\n${ran.stderr}`);
      assert.match(ran.stderr, message);
      assert.equal(ran.stdout, '');
    }
    const reset = { steps: [down, { at: '1s', links: '*:*', reset: true }] };
    const marks = await linkloom(['play', await write(reset), '--lab', lab]);
    assert.equal(marks.exitCode, 2, marks.stderr);
    assert.match(marks.stderr, /can't be reset: its configuration is not known/);
    assert.deepEqual(await states(), before);
  });

  it('tells what it will do, and touches nothing', async () => {
    const before = await states();
    const steps = [
      { at: '1s', links: `${a}:*`, down: true, name: 'cut' },
      { after: '2s', links: '*:*', mtu: { from: 1000, to: 1400 }, over: '2s', every: '1s' },
    ];
    const timeline = await write({ repeat: 5, steps });
    const text = await linkloom(['play', timeline, '-f', file, '--dry-run']);
    assert.equal(text.exitCode, 0, text.stderr);
    const all = [a, b, c].map((node) => `${node}:eth0`).join(', ');
    assert.equal(
      text.stdout,
      [
        `    1.000 s  step 1 (cut): down: ${a}:eth0`,
        `    3.000 s  step 2: mtu 1000: ${all}`,
        `    4.000 s  step 2: mtu 1200: ${all}`,
        `    5.000 s  step 2: mtu 1400: ${all}`,
        '',
      ].join('\n'),
    );
    const json = linesOf(await linkloom(['play', timeline, '-f', file, '--dry-run', '--json']));
    assert.deepEqual(
      json.map(({ type, wantedMs }) => [type, wantedMs]),
      [1000, 3000, 4000, 5000].map((ms) => ['foreseen', ms]),
    );
    assert.deepEqual(await states(), before);
  });
});
