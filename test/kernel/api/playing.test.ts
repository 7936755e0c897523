/** `play` where a daemon has the lab: the daemon plays, tells each step, and leaves all as it was found, however the play ends. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, socketOf } from '../../support/api/request.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

interface Line {
  readonly type: string;
  readonly set: object;
  readonly links: readonly string[];
  readonly wantedMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

describe('play where a daemon has the lab', { timeout: 180_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  let file: string;
  const lab = uniqueName('p');
  const socket = socketOf(lab);
  const [a, b] = [`${lab}a:eth0`, `${lab}b:eth0`];
  const linkOf = (id: string) => openNetns(id.replace(/:.*/, '')).link('eth0');
  const isUp = async (id: string): Promise<boolean> => (await linkOf(id))?.flags.includes('UP') ?? false;
  /** What the daemon finds set by hand, or otherwise than configured. */
  const amiss = async (): Promise<readonly unknown[]> => {
    const { links } = (await ask(socket, '/links')).document() as {
      links: readonly { link: string; state: string; overrides: readonly { setting: string }[] }[];
    };
    return links.flatMap(({ link, state, overrides }) => [
      ...(state === 'ok' ? [] : [`${link} ${state}`]),
      ...overrides.map(({ setting }) => `${link} ${setting}`),
    ]);
  };
  const untilClean = async (): Promise<void> => {
    for (let tries = 0; (await amiss()).length > 0; tries++) {
      assert.ok(tries < 100, JSON.stringify(await amiss()));
      await delay(50);
    }
  };
  const write = (timeline: object): string => {
    const path = join(folder.path, 'timeline.json');
    writeFileSync(path, JSON.stringify(timeline));
    return path;
  };
  const post = (path: string, body: object) => ask(socket, path, { method: 'POST', body: JSON.stringify(body) });
  const messageOf = ({ document }: { document: () => object }): string =>
    (document() as { error: { message: string } }).error.message;
  const long = { name: 'long', length: '60s', steps: [{ at: 0, links: a, down: true }] };

  before(() => {
    folder = temporaryFolder('api-play');
    file = join(folder.path, 'lab.json');
    const links = ['a', 'b'].map((node, n) => ({
      ...{ netns: lab + node, bridge: 'lan', dev: 'eth0', ip: `10.0.0.${n + 1}/24`, mtu: 1500 },
    }));
    writeFileSync(file, JSON.stringify({ lab, links }));
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  it('the daemon does each step after its time, not before, between its passes, and puts all back', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    assert.equal((await linkloom(['set', '-f', file, b, '--rate', '5mbit'])).exitCode, 0);
    const before = await amiss();
    const steps = [
      { at: 0, links: a, down: true },
      { at: '100ms', links: [a, b], up: true, mtu: 1300 },
      {
        at: '200ms',
        links: 'bridge/lan',
        both: true,
        rate: { from: '1mbit', to: '3mbit' },
        over: '200ms',
        every: '100ms',
      },
      { at: '900ms', links: '*:*', flaps: { count: 3, down: '20ms', over: '200ms' } },
      { at: '1150ms', links: a, reset: true },
    ];
    const timeline = write({ repeat: 2, length: '1200ms', steps });
    for (const source of [
      ['-f', file],
      ['--lab', lab],
    ]) {
      const ran = await linkloom(['play', timeline, ...source, '--json']);
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.match(ran.stderr, new RegExp(`The daemon of lab ${lab} \\(pid ${daemon.child.pid}\\) did this`));
      const lines = ran.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      const told = lines.filter(({ type }) => type === 'step');
      assert.equal(told.length, 2 * (1 + 1 + 3 + 6 + 1));
      for (const { wantedMs, firstMs, lastMs } of told) {
        if (firstMs !== null) assert.ok(firstMs >= wantedMs && lastMs >= firstMs, ran.stdout);
      }
      assert.deepEqual(
        told.slice(0, 4).map(({ set, links, wantedMs }) => [set, links, wantedMs]),
        [
          [{ down: true }, [a], 0],
          [{ up: true, mtu: 1300 }, [a, b], 100],
          [{ rate: '1mbit' }, [a, b], 200],
          [{ rate: '2mbit' }, [a, b], 300],
        ],
      );
      assert.deepEqual(
        { ...lines.at(-1), lastedMs: 0, restored: [] },
        {
          ...{
            schemaVersion: 1,
            type: 'end',
            lab,
            end: 'finished',
            steps: 24,
            lastedMs: 0,
            restored: [],
            failures: [],
          },
        },
      );
      assert.deepEqual(await amiss(), before);
      assert.deepEqual([await isUp(a), (await linkOf(a))?.mtu, (await linkOf(b))?.mtu], [true, 1500, 1500]);
    }
    assert.equal((await linkloom(['reset', '-f', file])).exitCode, 0);
  });

  it('is told as events, by whoever follows the lab: its beginning, each step, its end', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    await using watch = startLinkloom(['events', '--lab', lab, '--kind', 'play', '--json']);
    await watch.until(/Following lab/);
    const steps = [
      { name: 'cut', at: 0, links: a, down: true },
      { at: '50ms', links: [a, b], up: true, mtu: 1300 },
    ];
    const timeline = write({ name: 'short', repeat: 2, length: '100ms', steps });
    const play = async (): Promise<void> => {
      assert.equal((await linkloom(['play', timeline, '--lab', lab])).exitCode, 0);
    };
    // Until the daemon is heard, too.
    let plays = 0;
    for (; !/playEnded/.test(watch.output()); plays++) {
      assert.ok(plays < 50, watch.output());
      await play();
    }
    await play();
    await watch.until(new RegExp(`"type":"playEnded","play":${plays + 1},`));
    watch.child.kill('SIGTERM');
    const { stdout } = await watch.child;
    const told = String(stdout)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string; readonly play: number; readonly lastedMs: number })
      .filter((event) => event.play === plays + 1);
    const one = { schemaVersion: 1, source: 'linkloom', play: plays + 1 };
    const cut = { type: 'playStep', step: 1, name: 'cut', set: { down: true }, links: [a], wantedMs: 0, failed: 0 };
    const mend = {
      type: 'playStep',
      step: 2,
      name: null,
      set: { up: true, mtu: 1300 },
      links: [a, b],
      wantedMs: 50,
      failed: 0,
    };
    const known = told.map((event) =>
      Object.fromEntries(
        Object.entries(event).filter(
          ([key]) => !['id', 'time', 'message', 'firstMs', 'lastMs', 'lastedMs'].includes(key),
        ),
      ),
    );
    assert.deepEqual(known, [
      { ...one, type: 'playBegun', name: 'short' },
      { ...one, ...cut, round: 1 },
      { ...one, ...mend, round: 1 },
      { ...one, ...cut, round: 2, wantedMs: 100 },
      { ...one, ...mend, round: 2, links: [a], wantedMs: 150 },
      { ...one, type: 'playEnded', end: 'finished', steps: 4 },
    ]);
    // The daemon's own report has no line for each step.
    await daemon.until(/Play 1 \(short\) begins[\s\S]*Play 1 is over \(finished\) after 4 steps/);
    assert.doesNotMatch(daemon.output(), /Play 1, step/);
  });

  it('one plays at a time, others look meanwhile, and what would change the lab is refused by name', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    await using play = startLinkloom(['play', write(long), '--lab', lab]);
    await play.until(/step 1.*done/);
    const named = new RegExp(
      `daemon of lab ${lab} \\(pid ${daemon.child.pid}\\) has been playing the timeline long for .* s`,
    );
    for (const args of [
      ['play', write(long), '-f', file],
      ['set', '-f', file, b, '--down'],
      ['reset', '--lab', lab],
      ['up', '-f', file],
      ['down', '--lab', lab],
      ['restart', '--lab', lab, '--all'],
    ]) {
      const ran = await linkloom(args);
      assert.equal(ran.exitCode, 1, `${args[0]}: ${ran.stderr}`);
      assert.match(ran.stderr, named, args[0]);
    }
    assert.equal((await post('/reconcile', { reset: true })).status, 409);
    for (const args of [
      ['status', '-f', file],
      ['plan', '-f', file],
      ['verify', '-f', file],
    ]) {
      assert.equal((await linkloom(args)).exitCode, 0, args[0]);
    }
    assert.deepEqual(await amiss(), [`${a} state`]);
    assert.equal((await post('/verify', {})).status, 200);
    // Drift is mended all the same, between two steps.
    await openNetns(`${lab}b`).exec('ip', 'link', 'set', 'eth0', 'mtu', '1400');
    for (let tries = 0; (await linkOf(b))?.mtu !== 1500; tries++) {
      assert.ok(tries < 100);
      await delay(50);
    }
    assert.equal(await isUp(a), false);

    const wrong = await post('/play/end', { play: 77 });
    assert.deepEqual([wrong.status, messageOf(wrong)], [404, `lab ${lab}: timeline 77 is over, or was never begun`]);
    const ended = await post('/play/end', {});
    assert.equal(ended.status, 200, ended.text);
    const { end, restored } = ended.document();
    assert.deepEqual([end, restored], ['interrupted', [a]]);
    assert.equal((await play.child).exitCode, 130, play.output());
    assert.equal((await post('/play/end', {})).status, 404);
    assert.deepEqual(await amiss(), []);
  });

  it('all is put back on SIGINT, where the command line is killed, and where the daemon is stopped', async () => {
    await using daemon = startLinkloom(['up', '--watch', '-f', file]);
    await daemon.until(/All links connected/);
    for (const [signal, status] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGKILL', undefined],
    ] as const) {
      await using play = startLinkloom(['play', write(long), '-f', file]);
      await play.until(/step 1.*done/);
      assert.equal(await isUp(a), false);
      play.child.kill(signal);
      const { exitCode } = await play.child;
      assert.equal(exitCode, status, play.output());
      if (status !== undefined) assert.match(play.output(), /1 link put back as found/);
      else await untilClean();
      assert.deepEqual([await amiss(), await isUp(a)], [[], true]);
    }
    // A step that has just been begun is no reason to be left.
    const sent = request({ ...socket, method: 'POST', path: '/play', headers: { 'content-type': 'application/json' } });
    sent.on('error', () => {});
    sent.end(JSON.stringify({ timeline: long }));
    await new Promise<void>((begun) => sent.once('response', (response) => response.once('data', begun)));
    sent.destroy();
    await untilClean();

    await using play = startLinkloom(['play', write(long), '-f', file]);
    await play.until(/step 1.*done/);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    await play.child;
    assert.match(play.output(), /1 link put back as found/);
    assert.equal(await isUp(a), true);
    const { overrides } = JSON.parse((await linkloom(['plan', '-f', file, '--json'])).stdout);
    assert.deepEqual(overrides, []);
  });

  it('a step that fails ends it; a daemon that is killed is told, and leaves what `reset` takes back', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const steps = [
      { at: 0, links: a, mtu: 1300 },
      // So close to each other that no pass comes between.
      ...Array.from({ length: 12 }, (_, at) => ({ at: `${100 * (at + 1)}ms`, links: b, mtu: 1301 + at })),
    ];
    await using failing = startLinkloom(['play', write({ length: '60s', steps }), '-f', file]);
    await failing.until(/step 1:.*done/);
    await openNetns(`${lab}b`).exec('ip', 'link', 'del', 'eth0');
    assert.equal((await failing.child).exitCode, 1, failing.output());
    assert.match(failing.output(), /a step failed after/);
    await untilClean();

    await using play = startLinkloom(['play', write(long), '-f', file]);
    await play.until(/step 1.*done/);
    daemon.child.kill('SIGKILL');
    assert.equal((await play.child).exitCode, 3, play.output());
    assert.match(play.output(), /the daemon of lab .* has not answered/);
    const reset = await linkloom(['reset', '-f', file]);
    assert.equal(reset.exitCode, 0, reset.stderr);
    assert.equal(await isUp(a), true);
  });

  it('the command of until is tried by the command line, never by the daemon', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const flag = join(folder.path, 'flag');
    // The parent's name tells who has started it.
    const command = ['sh', '-c', `tr '\\0' ' ' < /proc/$PPID/cmdline > ${flag}.who; test -e ${flag}`];
    const steps = [{ at: '20ms', links: b, flaps: { count: 1, down: '20ms', over: '50ms' } }];
    await using play = startLinkloom(['play', write({ until: { command, every: '50ms' }, steps }), '-f', file]);
    await play.until(/round 3/);
    writeFileSync(flag, '');
    assert.equal((await play.child).exitCode, 0, play.output());
    assert.match(play.output(), /the command has succeeded after/);
    assert.ok(existsSync(`${flag}.who`));
    const body = { timeline: { until: { command: ['touch', `${flag}.x`] }, steps } };
    const refused = await post('/play', body);
    assert.deepEqual([refused.status, existsSync(`${flag}.x`)], [400, false], refused.text);
    assert.match(messageOf(refused), /timeline\.until/);
    const absent = await linkloom(['play', write({ until: { command: ['no-such-program'] }, steps }), '-f', file]);
    assert.equal(absent.exitCode, 3, absent.stderr);
  });

  it('refuses what can’t be done before anything is touched', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const down = { at: 0, links: a, down: true };
    const refused: readonly (readonly [object, number, RegExp])[] = [
      [{}, 400, /timeline: /],
      [{ timeline: { steps: [] } }, 400, /timeline\.steps: /],
      [{ timeline: { steps: [{ ...down, at: '5' }] } }, 400, /timeline\.steps\.0\.at: must be a time with its unit/],
      [{ timeline: { steps: [{ ...down, x: 1 }] } }, 400, /timeline\.steps\.0\.x: /],
      [{ timeline: { steps: [{ ...down, links: 'a' }] } }, 400, /timeline\.steps\.0\.links: /],
      [{ timeline: { steps: [{ ...down, up: true }] } }, 422, /steps\[0\]: down and up exclude each other/],
      [{ timeline: { steps: [down, { links: a, up: true }] } }, 422, /neither at nor after is given/],
      [{ timeline: { steps: [down, { at: '1s', links: 'x:eth0', up: true }] } }, 404, /step 2: .*has no link x:eth0/],
      [
        { timeline: { steps: [down, { at: '1s', links: '*:*', flaps: { count: 99, down: '1s', over: '5s' } }] } },
        400,
        /no room/,
      ],
    ];
    for (const [body, status, message] of refused) {
      const answer = await post('/play', body);
      assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
      assert.match(messageOf(answer), message);
    }
    assert.deepEqual([await isUp(a), await amiss()], [true, []]);
    // What it is reset to is what the daemon has.
    const other = join(folder.path, 'other.json');
    writeFileSync(other, JSON.stringify({ lab, links: [{ netns: `${lab}a`, bridge: 'lan', dev: 'eth0' }] }));
    const steps = [{ at: 0, links: a, reset: true }];
    const ran = await linkloom(['play', write({ steps }), '-f', other]);
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.match(ran.stderr, /follows .*lab\.json, and `play` was given .*other\.json/);
  });
});
