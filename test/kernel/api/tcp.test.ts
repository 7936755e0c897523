/** The API by TCP: who has the token may ask, nobody else learns or changes anything. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ask, events } from '../../support/api/request.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

const TOKEN = 'f5bqX2m0Yl7sTz9e';

describe('the API by TCP', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  let file: string;
  let token: string;
  const lab = uniqueName('t');
  before(() => {
    folder = temporaryFolder('api-tcp');
    file = join(folder.path, 'lab.json');
    token = join(folder.path, 'token');
    const links = ['a', 'b'].map((node) => ({ netns: lab + node, bridge: 'lan', dev: 'eth0' }));
    writeFileSync(file, JSON.stringify({ lab, links }));
    writeFileSync(token, TOKEN, { mode: 0o600 });
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  it('answers with the token alone, but for whether it runs', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file, '--listen', '127.0.0.1:0', '--token-file', token]);
    await daemon.until(/All links connected/);
    const [, port] = /API: http:\/\/127\.0\.0\.1:(\d+)/.exec(daemon.output()) ?? [];
    const where = { host: '127.0.0.1', port: Number(port) };
    const headers = { authorization: `Bearer ${TOKEN}` };
    assert.equal((await ask(where, '/healthz')).status, 200);
    const closed = ['/readyz', '/metrics', '/topology', '/links', `/links/${lab}a:eth0`, '/events', '/nothing'];
    for (const path of closed) {
      const answer = await ask(where, path);
      assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Bearer'], path);
      assert.doesNotMatch(answer.text, new RegExp(lab), path);
    }
    for (const path of ['/reconcile', '/up', '/down', '/set', '/reset', '/play', '/play/end', '/restart']) {
      const wrong = { authorization: `Bearer ${TOKEN.slice(1)}x` };
      assert.equal((await ask(where, path, { method: 'POST' })).status, 401, path);
      assert.equal((await ask(where, path, { method: 'POST', headers: wrong })).status, 401, path);
      const rebound = { ...headers, host: 'evil.example' };
      assert.equal((await ask(where, path, { method: 'POST', headers: rebound })).status, 403, path);
      const crossing = { ...headers, origin: 'http://evil.example' };
      assert.equal((await ask(where, path, { method: 'POST', headers: crossing })).status, 403, path);
    }
    assert.ok(await openNetns(`${lab}a`).link('eth0'), 'nothing was changed');
    assert.equal((await ask(where, '/readyz', { headers })).status, 200);
    assert.equal((await ask(where, '/metrics', { headers })).status, 200);
    await events(where, '/events?after=0', ({ event }) => event === 'connected', headers);

    const { status, document } = await ask(where, '/down', { method: 'POST', headers });
    assert.equal(status, 200);
    assert.equal((document()['links'] as { removed: number }).removed, 2);
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
  });

  it('is refused before anything is touched where it can’t be had, or would be open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const open = join(folder.path, 'open');
    writeFileSync(open, TOKEN, { mode: 0o644 });
    const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['daemon', '--listen', `127.0.0.1:${port}`, '--token-file', token], 2, /EADDRINUSE/],
      [['daemon', '--listen', '192.0.2.1:0', '--token-file', token], 2, /EADDRNOTAVAIL/],
      [['daemon', '--listen', '127.0.0.1:0'], 2, /--listen and --token-file go together/],
      [['daemon', '--token-file', token], 2, /go together/],
      [['daemon', '--listen', '127.0.0.1:0', '--token-file', open], 3, /no secret/],
      [['daemon', '--listen', '127.0.0.1', '--token-file', token], 2, /It must be ADDRESS:PORT/],
      [['daemon', '--no-api', '--listen', '127.0.0.1:0', '--token-file', token], 2, /served to nobody/],
      [['up', '--listen', '127.0.0.1:0', '--token-file', token], 2, /are for `up --watch` and `daemon`/],
    ];
    for (const [words, status, message] of rows) {
      const { exitCode, stderr } = await linkloom([...words, '-f', file]);
      assert.equal(exitCode, status, stderr);
      assert.match(stderr, message);
      await assert.rejects(openNetns(`${lab}a`).links(), 'nothing was made');
    }
    other.close();
  });
});
