/** Links that are set by hand where a daemon has the lab: by the API and by verbs, which the daemon carries out and does not undo. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ask, events, socketOf } from '../../support/api/request.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';
import { kernelHasNetem } from '../traffic/impaired.ts';

interface Report {
  readonly links: readonly {
    readonly link: string;
    readonly end: string;
    readonly state: string;
    readonly overrides: readonly object[];
  }[];
}

describe('set and reset where a daemon has the lab', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  let file: string;
  const lab = uniqueName('y');
  const socket = socketOf(lab);
  const [a, b] = [`${lab}a:eth0`, `${lab}b:eth0`];
  const configuration = {
    lab,
    links: ['a', 'b'].map((node, n) => ({
      ...{ netns: lab + node, bridge: 'lan', dev: 'eth0', ip: `10.0.0.${n + 1}/24` },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
      mtu: '${MTU:-1500}',
    })),
  };
  const linkOf = (id: string) => openNetns(id.replace(/:.*/, '')).link('eth0');
  const isUp = async (id: string): Promise<boolean> => (await linkOf(id))?.flags.includes('UP') ?? false;
  const post = (path: string, body: object) => ask(socket, path, { method: 'POST', body: JSON.stringify(body) });
  const links = async (): Promise<Report['links']> =>
    ((await ask(socket, '/links')).document() as unknown as Report).links;
  const lookOver = async (): Promise<void> => {
    const answer = await post('/reconcile', {});
    assert.deepEqual((answer.document()['links'] as { changed: number }).changed, 0, answer.text);
  };
  const whoOf = (pid: number | undefined) => new RegExp(`The daemon of lab ${lab} \\(pid ${pid}\\) did this`);

  before(() => {
    folder = temporaryFolder('api-set');
    file = join(folder.path, 'lab.json');
    writeFileSync(file, JSON.stringify(configuration));
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  it('by the API: one link and batches; the daemon leaves it, tells it, and takes it back', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const told = events(socket, '/events?after=0', ({ event }) => event === 'override');
    const path = `/links/${encodeURIComponent(a)}`;
    const down = await post(`${path}/set`, { down: true });
    assert.equal(down.status, 200, down.text);
    const override = { end: 'node', setting: 'state', wanted: 'up', actual: 'down' };
    assert.deepEqual(down.document(), {
      ...{ schemaVersion: 1, verb: 'set', lab, missing: [], failures: [] },
      links: [{ link: a, end: 'node', state: 'changed', changes: ['state up → down'], overrides: [override] }],
    });
    const { data } = (await told).at(-1) ?? {};
    assert.deepEqual([data?.['change'], data?.['settings']], ['set', ['state']]);
    await lookOver();
    assert.equal(await isUp(a), false);
    assert.deepEqual(
      (await links()).map(({ link, state, overrides }) => [link, state, overrides]),
      [
        [a, 'ok', [override]],
        [b, 'ok', []],
      ],
    );
    const drifted = (await events(socket, '/events?after=0', ({ event }) => event === 'override')).filter(
      ({ event }) => event === 'drifted',
    );
    assert.deepEqual(drifted, []);
    assert.equal((await post(`${path}/set`, { up: true })).status, 200);
    assert.deepEqual([await isUp(a), (await links()).flatMap(({ overrides }) => overrides)], [true, []]);

    const batch = await post('/set', { links: ['bridge/lan'], mtu: 1400, rate: '10mbit', both: true });
    assert.equal(batch.status, 200, batch.text);
    assert.equal((batch.document() as unknown as Report).links.length, 4);
    await lookOver();
    assert.deepEqual([(await linkOf(a))?.mtu, (await linkOf(b))?.mtu], [1400, 1400]);
    const one = (await post(`${path}/reset`, {})).document() as unknown as Report;
    assert.deepEqual(
      one.links.map(({ link, state }) => [link, state]),
      [[a, 'changed']],
    );
    assert.deepEqual([(await linkOf(a))?.mtu, (await linkOf(b))?.mtu], [1500, 1400]);
    assert.equal((await ask(socket, '/reset', { method: 'POST' })).status, 200);
    assert.equal((await linkOf(b))?.mtu, 1500);
    assert.deepEqual(
      (await links()).flatMap(({ overrides }) => overrides),
      [],
    );
    await lookOver();
  });

  it('refuses what it can’t mean, and touches nothing', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const one = `/links/${encodeURIComponent(a)}/set`;
    const refused: readonly (readonly [string, object, number, RegExp])[] = [
      ['/set', {}, 400, /links: /],
      ['/set', { links: [], down: true }, 400, /links: /],
      ['/set', { links: [a] }, 400, /nothing to set is given/],
      ['/set', { links: ['a'], down: true }, 400, /links.0: It must be NODE:DEV/],
      ['/set', { links: [a, 'x:eth0'], down: true }, 404, /has no link x:eth0/],
      ['/reset', { links: ['x:eth0'] }, 404, /has no link x:eth0/],
      ['/reset', { down: true }, 400, /down: /],
      [one, {}, 400, /nothing to set is given/],
      [one, { down: false }, 400, /nothing to set is given/],
      [one, { down: true, up: true }, 400, /exclude each other/],
      [one, { delay: '10' }, 400, /delay: It must be a time with its unit/],
      [one, { delay: 10 }, 400, /delay: /],
      [one, { loss: '101%' }, 400, /loss: It must be a percentage/],
      [one, { rate: '7bit' }, 400, /rate: It must be a rate/],
      [one, { mtu: 67 }, 400, /mtu: /],
      [one, { links: [b], down: true }, 400, /links: /],
      ['/links/*:eth0/set', { down: true }, 404, /has no link \*:eth0/],
      ['/links/bridge%2Flan/set', { down: true }, 404, /has no link bridge\/lan/],
      ['/links/nobody/reset', {}, 404, /has no link nobody/],
      ...(kernelHasNetem() ? [] : [[one, { down: true, delay: '200ms' }, 422, /delay can't be set/] as const]),
    ];
    for (const [path, body, status, message] of refused) {
      const answer = await post(path, body);
      assert.equal(answer.status, status, `${path} ${JSON.stringify(body)}: ${answer.text}`);
      assert.match((answer.document() as { error: { message: string } }).error.message, message);
    }
    assert.deepEqual([await isUp(a), await isUp(b)], [true, true]);
  });

  it('by verbs: the daemon does it and is named, with the file and by the lab’s name alone', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const who = whoOf(daemon.child.pid);
    const set = await linkloom(['set', '-f', file, a, '--down', '--rate', '1.5mbit', '--json']);
    assert.equal(set.exitCode, 0, set.stderr);
    assert.match(set.stderr, who);
    const { verb, links: ends } = JSON.parse(set.stdout);
    assert.deepEqual([verb, ends[0].state, ends[0].overrides.length], ['set', 'changed', 2]);
    await lookOver();
    assert.equal(await isUp(a), false);
    const marked = await linkloom(['set', '--lab', lab, '*:eth0', '--mtu', '1400']);
    assert.equal(marked.exitCode, 0, marked.stderr);
    assert.match(marked.stderr, who);
    assert.match(marked.stderr, /2 links set by hand/);
    const nobody = await linkloom(['set', '--lab', lab, 'x:eth0', '--down']);
    assert.equal(nobody.exitCode, 1);
    assert.match(nobody.stderr, /has no link x:eth0/);

    // What it is reset to has to be what the daemon has.
    const other = await linkloom(['reset', '-f', file], { env: { MTU: '1300' } });
    assert.equal(other.exitCode, 1);
    assert.match(other.stderr, /reads .*lab\.json otherwise than this `reset`/);
    assert.equal((await linkOf(a))?.mtu, 1400);
    const one = await linkloom(['reset', '-f', file, a]);
    assert.equal(one.exitCode, 0, one.stderr);
    assert.match(one.stderr, who);
    assert.deepEqual([await isUp(a), (await linkOf(a))?.mtu, (await linkOf(b))?.mtu], [true, 1500, 1400]);
    const all = await linkloom(['reset', '--lab', lab, '--json'], { cwd: '/' });
    assert.equal(all.exitCode, 0, all.stderr);
    assert.match(all.stderr, who);
    assert.equal(JSON.parse(all.stdout).verb, 'reset');
    assert.equal((await linkOf(b))?.mtu, 1500);
  });

  it('`up` leaves it, `up --reset` takes it back, addresses and routes too; so does `up --watch --reset` at its begin', async () => {
    const daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    await openNetns(`${lab}a`).exec('ip', 'route', 'add', '10.9.0.0/16', 'via', '10.0.0.2');
    const routes = async () => (await openNetns(`${lab}a`).routes(4)).map(({ dst }) => dst);
    assert.equal((await linkloom(['set', '-f', file, a, '--down'])).exitCode, 0);
    assert.equal((await linkloom(['up', '-f', file])).exitCode, 0);
    assert.equal(await isUp(a), false);
    const up = await linkloom(['up', '-f', file, '--reset']);
    assert.equal(up.exitCode, 0, up.stderr);
    assert.match(up.stderr, whoOf(daemon.child.pid));
    assert.equal(await isUp(a), true);
    assert.ok((await routes()).includes('10.9.0.0/16'));

    assert.equal((await linkloom(['set', '-f', file, a, '--down'])).exitCode, 0);
    daemon.child.kill('SIGKILL');
    await daemon[Symbol.asyncDispose]();
    await using watching = startLinkloom(['up', '--watch', '--reset', '-f', file]);
    await watching.until(/All links connected/);
    assert.equal(await isUp(a), true);
    assert.ok((await routes()).includes('10.9.0.0/16'));
    // That was once: what is set from now on stays.
    assert.equal((await linkloom(['set', '-f', file, a, '--down'])).exitCode, 0);
    await lookOver();
    assert.equal(await isUp(a), false);
    watching.child.kill('SIGTERM');
    await watching.child;
  });
});
