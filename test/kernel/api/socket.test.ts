/** The API of a lab that is followed, by its socket: who may use it, what it answers, and that it goes with the daemon. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { ask, events, socketOf } from '../../support/api/request.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('the API by its socket', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  let file: string;
  const lab = uniqueName('a');
  const socket = socketOf(lab);
  const directory = `/run/linkloom/${lab}`;
  before(() => {
    folder = temporaryFolder('api');
    file = join(folder.path, 'lab.json');
    const links = ['a', 'b'].map((node, n) => ({
      ...{ netns: lab + node, bridge: 'lan', dev: 'eth0' },
      ip: `10.0.0.${n + 1}/24`,
    }));
    writeFileSync(file, JSON.stringify({ lab, links }));
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  it('is for root alone, says how the lab is, and is gone with the daemon', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    assert.equal(statSync(socket.socketPath).mode & 0o777, 0o600);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    const { pid, lab: name } = (await ask(socket, '/healthz')).document();
    assert.deepEqual([pid, name], [daemon.child.pid, lab]);
    const ready = await ask(socket, '/readyz');
    assert.equal(ready.status, 200);
    assert.deepEqual(ready.document(), {
      ...{ schemaVersion: 1, lab, ready: true, passed: true },
      ...{ lost: [], failing: [], waiting: [] },
    });
    const { links } = (await ask(socket, '/links')).document() as { links: { link: string; state: string }[] };
    assert.deepEqual(
      links.map(({ link, state }) => `${link} ${state}`),
      [`${lab}a:eth0 ok`, `${lab}b:eth0 ok`],
    );
    const one = (await ask(socket, `/links/${encodeURIComponent(`${lab}a:eth0`)}`)).document() as { link: object };
    assert.equal((one.link as { link: string }).link, `${lab}a:eth0`);
    assert.equal((await ask(socket, '/links/nobody:eth0')).status, 404);
    const topology = (await ask(socket, '/topology')).document() as { files: string[]; graph: { nodes: object[] } };
    assert.deepEqual([topology.files, topology.graph.nodes.length], [[file], 2]);

    // Another user comes neither through the directory, nor, where that would be open, into the socket.
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e'];
    const program = `require('node:net').connect(process.argv[1]).on('error', (e) => console.log(e.code)).on('connect', () => console.log('in'))`;
    const closed = await execa('setpriv', [...asNobody, program, socket.socketPath]);
    assert.equal(closed.stdout, 'EACCES');
    await execa('chmod', ['711', '/run/linkloom', directory]);
    const open = await execa('setpriv', [...asNobody, program, socket.socketPath]);
    await execa('chmod', ['700', '/run/linkloom', directory]);
    assert.equal(open.stdout, 'EACCES');

    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.equal(existsSync(directory), false);
  });

  it('takes the place of the socket that a killed daemon has left, and says what else is in its way', async () => {
    await using killed = startLinkloom(['up', '--watch', '-f', file]);
    await killed.until(/All links connected/);
    killed.child.kill('SIGKILL');
    await killed.child;
    assert.ok(existsSync(socket.socketPath));
    assert.equal((await linkloom(['health', '--lab', lab])).exitCode, 1);
    await using daemon = startLinkloom(['up', '--watch', '-f', file]);
    await daemon.until(/All links connected/);
    assert.equal((await ask(socket, '/healthz')).status, 200);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.ok(await openNetns(`${lab}a`).link('eth0'), 'up --watch leaves the links');
    assert.equal(existsSync(socket.socketPath), false);

    mkdirSync(socket.socketPath, { recursive: true });
    const { exitCode, stderr } = await linkloom(['up', '--watch', '-f', file]);
    await execa('rmdir', [socket.socketPath]);
    assert.equal(exitCode, 3);
    assert.match(stderr, /api\.sock is in the way of the daemon's socket/);
  });

  it('has events that a reader takes up again where it was cut off', async () => {
    await using daemon = startLinkloom(['up', '--watch', '-f', file]);
    await daemon.until(/All links connected/);
    const first = await events(socket, '/events?after=0', ({ event }) => event === 'connected');
    const connected = first.at(-1)?.id ?? '';
    // In the form of `events --json`, as docs/events.md says.
    const [head] = first;
    assert.ok(head);
    const { schemaVersion, id, time } = head.data as { schemaVersion: unknown; id: unknown; time: string };
    assert.deepEqual([schemaVersion, String(id), new Date(time).toISOString()], [1, head.id, time]);
    const reading = events(socket, `/events?after=${connected}`, ({ event }) => event === 'mended');
    await openNetns(`${lab}a`).exec('ip', 'link', 'set', 'eth0', 'mtu', '1400');
    const drift = await reading;
    assert.deepEqual(
      drift.map(({ event }) => event).filter((type) => type === 'drifted' || type === 'mended'),
      ['drifted', 'mended'],
    );
    const again = await events(socket, '/events', ({ event }) => event === 'mended', { 'last-event-id': connected });
    assert.deepEqual(
      again.map(({ id }) => id),
      drift.map(({ id }) => id),
    );
    assert.ok(drift.every(({ id }, at) => Number(id) === Number(connected) + 1 + at));
    assert.equal((await ask(socket, '/events?after=x')).status, 400);

    // A stream that is read ends with the daemon, and does not hold it up.
    let reader: Promise<unknown> = Promise.resolve();
    await new Promise<void>((begun) => {
      reader = events(socket, '/events?after=0', () => {
        begun();
        return false;
      });
    });
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    await reader;
  });

  it('refuses what it does not take, by name, and stays up', async () => {
    await using daemon = startLinkloom(['up', '--watch', '-f', file]);
    await daemon.until(/All links connected/);
    const refused: readonly (readonly [string, string, Parameters<typeof ask>[2], number, RegExp])[] = [
      ['a name of others', '/readyz', { headers: { host: 'evil.example' } }, 403, /not the name of this server/],
      ['a page of others', '/reconcile', { method: 'POST', headers: { origin: 'http://evil.example' } }, 403, /no say/],
      ['another key', '/reconcile', { method: 'POST', body: '{"x": 1}' }, 400, /x: /],
      ['a key, of what takes none', '/down', { method: 'POST', body: '{"dry": true}' }, 400, /dry: /],
      ['no JSON', '/reconcile', { method: 'POST', body: '{' }, 400, /POST \/reconcile/],
      [
        'another type',
        '/reconcile',
        { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } },
        415,
        /Media Type/,
      ],
      [
        'too much',
        '/reconcile',
        { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': '5000000' } },
        413,
        /large/,
      ],
      ['another method', '/reconcile', { method: 'DELETE' }, 405, /takes POST/],
      ['a method that wants a body', '/links', { method: 'QUERY' }, 405, /takes GET/],
      ['nothing, with a body', '/nothing', { method: 'POST', body: '{' }, 404, /there is no \/nothing/],
      ['a list', '/reconcile', { method: 'POST', body: '[]' }, 400, /not a list/],
      ['no object', '/reconcile', { method: 'POST', body: 'null' }, 400, /Expected Object/],
      ['too long a name', `/links/${'x'.repeat(1100)}:eth0`, {}, 400, /id: /],
      ['no encoding', '/links/%zz', {}, 400, /%zz/],
      ['another path', '/nothing', {}, 404, /there is no \/nothing/],
      ['a path outside', '/page/..%2f..%2fpackage.json', {}, 404, /there is no/],
    ];
    for (const [what, path, sent, status, message] of refused) {
      const answer = await ask(socket, path, sent);
      assert.equal(answer.status, status, `${what}: ${answer.text}`);
      const { error } = answer.document() as { error: { message: string } };
      assert.match(error.message, message, what);
    }
    // What is no HTTP at all.
    const raw = connect(socket.socketPath);
    raw.on('error', () => {}).end('\x00\x01 nonsense\r\n\r\n');
    assert.equal((await ask(socket, '/healthz')).status, 200);
  });

  it('is not there with --no-api; then `health` and other verbs say so', async () => {
    await linkloom(['down', '--lab', lab]);
    assert.equal(existsSync(directory), false, 'what a killed daemon has left goes with the lab');
    await using daemon = startLinkloom(['up', '--watch', '--no-api', '-f', file]);
    await daemon.until(/All links connected/);
    assert.equal(existsSync(socket.socketPath), false);
    const health = await linkloom(['health', '-f', file]);
    assert.equal(health.exitCode, 1);
    assert.match(health.stderr, /no daemon of lab .* answers/);
    const up = await linkloom(['up', '-f', file]);
    assert.equal(up.exitCode, 1);
    assert.match(up.stderr, new RegExp(`in the hands of another linkloom, pid ${daemon.child.pid}`));
  });
});
