/** What a lab over several hosts has beside its links: records of any size, events of its hosts, metrics, names. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { execa } from 'execa';
import { until } from '../../../scripts/cluster/site.ts';
import { HOSTS, RunningSite, tell } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

const LAB = 'beside';

/** Two nodes on each host, tied in a ring. Some noise in a label makes it as large as is wanted. */
function ring(noiseBytes = 0): object {
  const names = HOSTS.flatMap((host) => [`${host}-a`, `${host}-b`]);
  const label = { noise: randomBytes(noiseBytes).toString('base64') };
  return {
    lab: LAB,
    hosts: Object.fromEntries(HOSTS.map((host) => [host, { nodes: [`${host}-*`] }])),
    nodes: Object.fromEntries(names.map((name) => [name, { labels: label }])),
    wires: names.map((name, at) => ({
      ends: [`${name}:right`, `${names[(at + 1) % names.length]}:left`],
      ...{ ip: [`10.0.${at}.1/24`, `10.0.${at}.2/24`], mtu: 1400 },
    })),
  };
}

test('beside its links', needs('root', 'program:openssl'), async (t) => {
  await using running = await RunningSite.start();
  const { site } = running;

  await t.test(
    'a record of several megabytes is carried out; of two that follow each other the older goes',
    async () => {
      await running.up(ring());
      const startedMs = performance.now();
      await running.up(ring(1_000_000));
      tell('a record of 6 MB, which gzip makes no smaller, from the verb to all hosts', performance.now() - startedMs);
      const pieces = async (): Promise<number> => Number((await inBucket(running, 'piece')).messages);
      const many = await pieces();
      assert.ok(many > 10, `${many} pieces`);
      await site.end('agent', 'h3');
      await running.up(ring(1_000_000), 'h2', '--wait', '3').catch(() => {});
      site.startAgent('h3');
      await running.settled(LAB, 60_000);
      await running.up(ring());
      assert.equal(await pieces(), 0, 'no piece stays of records that nobody wants');
    },
  );

  await t.test('the nodes of each host know those of all by name', async () => {
    for (const [host, other] of [
      ['h1', 'h3-b'],
      ['h3', 'h1-a'],
    ] as const) {
      const words = ['netns', 'exec', `${LAB}.${host}-a`, 'getent', 'hosts', other];
      assert.match(await site.hosts.exec(host, 'ip', words), new RegExp(`^10\\..*${other}`));
    }
  });

  await t.test(
    'events tell of hosts that go and come back, and of records; metrics of lag and of the store',
    async () => {
      const [nsenter, ...words] = site.hosts.words('h1');
      const program = [...words, process.execPath, new URL('../../../../lib/src/main.js', import.meta.url).pathname];
      const following = execa(
        nsenter,
        [...program, 'events', '--lab', LAB, '--json', '--kind', 'host', ...site.storeWords('readers')],
        {
          reject: false,
          stdin: 'ignore',
        },
      );
      let text = '';
      let said = '';
      following.stdout.on('data', (chunk: Buffer) => (text += chunk));
      following.stderr.on('data', (chunk: Buffer) => (said += chunk));
      try {
        await until('events are followed', () => said.includes('Following'), 20_000);
        await until(
          'the first event is told',
          async () => {
            await running.must('h2', 'up', '-f', running.write('next.json', { ...ring(10) }));
            return text.includes('"revision"');
          },
          60_000,
        );
        await site.end('agent', 'h3');
        await until('h3 is lost', () => text.includes('"host-lost"'), 40_000);
        site.startAgent('h3');
        await until('h3 is back', () => text.includes('"host-back"'), 40_000);
      } finally {
        // nsenter(1) has forked, and passes no signal on.
        const inside = readFileSync(`/proc/${following.pid}/task/${following.pid}/children`, 'utf8');
        process.kill(Number(inside.trim()), 'SIGINT');
      }
      assert.equal((await following).exitCode, 0);
      const told = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; host: string | null });
      const ofHosts = told.filter(({ type }) => type !== 'revision').map(({ type, host }) => `${type} ${host}`);
      assert.deepEqual(ofHosts, ['host-lost h3', 'host-back h3']);
      await running.settled(LAB, 30_000);
      const metrics = await metricsOf(running, 'h1');
      assert.equal(metrics.get('linkloom_revision_lag'), 0);
      assert.ok((metrics.get('linkloom_revision') ?? 0) > 0);
      assert.ok((metrics.get('linkloom_converge_seconds') ?? 0) > 0);
      assert.ok((metrics.get('linkloom_store_calls_total') ?? 0) > 10);
      assert.ok(metrics.has('linkloom_store_retries_total'));
    },
  );

  await t.test('checks are tried from each host, to nodes of all', async () => {
    const checks = [
      { name: 'neighbours', from: 'h1-b', to: 'h2-a:left', within: '10s' },
      { name: 'round', from: '*-b', to: ['h1-a:left', 'h3-a:left'], within: '1s' },
      { name: 'nobody', from: 'h3-a', to: '192.0.2.77', reachable: false },
      { name: 'own program', from: '*-a', run: ['hostname'] },
    ];
    await running.up({ ...ring(), checks });
    const { exitCode, stdout, stderr } = await site.verb('h2', 'check', '--lab', LAB, '--json');
    assert.equal(exitCode, 1, stderr);
    const shown = JSON.parse(stdout) as {
      checks: readonly {
        name: string;
        held: boolean;
        pairs: number;
        failures: readonly { from: string; to: string }[];
      }[];
    };
    const [neighbours, round, nobody, program] = shown.checks;
    assert.deepEqual([neighbours?.held, nobody?.held, program?.held], [true, true, true], stdout);
    assert.deepEqual([neighbours?.pairs, round?.pairs, program?.pairs], [1, 6, 3]);
    const failed = round?.failures.map(({ from, to }) => `${from} ${to}`).sort();
    assert.deepEqual(failed, ['h1-b h1-a:left', 'h1-b h3-a:left', 'h2-b h1-a:left', 'h3-b h3-a:left']);
    const one = await site.verb('h1', 'check', '--lab', LAB, 'neigh*');
    assert.equal(one.exitCode, 0, `${one.stdout}${one.stderr}`);
  });

  await t.test('late links rise when all hosts have the record, and wait for a host that has not', async () => {
    const lab = { ...ring(), defaults: { link: { state: 'late' } } };
    await running.down(LAB);
    await site.end('agent', 'h3');
    const file = running.write('late.json', lab);
    await site.verb('h1', 'up', '-f', file, '--wait', '5');
    await until('h2 has made its ends', async () => (await isUp(running, 'h2', 'right')) !== null, 30_000);
    assert.equal(await isUp(running, 'h2', 'right'), false, 'h2 shares a wire with h3, which has nothing yet');
    site.startAgent('h3');
    await running.settled(LAB, 60_000);
    for (const host of HOSTS) assert.equal(await isUp(running, host, 'right'), true, host);
    await running.down(LAB);
  });

  await t.test('on-host-loss: the end of a wire has no carrier while the other host is lost', async () => {
    await running.up({ ...ring(), defaults: { link: { 'on-host-loss': 'down' } } });
    const carriers = async (): Promise<readonly string[]> =>
      await Promise.all(
        HOSTS.slice(0, 2).flatMap((host) => [
          stateOf(running, host, 'a', 'left'),
          stateOf(running, host, 'b', 'right'),
        ]),
      );
    assert.deepEqual(await carriers(), ['UP', 'UP', 'UP', 'UP']);
    await site.end('agent', 'h3');
    const startedMs = performance.now();
    const lost = ['DOWN', 'UP', 'UP', 'DOWN'];
    await until('the wires to h3 have no carrier', async () => `${await carriers()}` === `${lost}`, 45_000);
    tell('on-host-loss: from the end of an agent to no carrier', performance.now() - startedMs);
    const { stdout } = await site.linkloom('h1', 'status', '--lab', LAB, '--json');
    assert.ok(stdout.includes('"lab"'), stdout);
    site.startAgent('h3');
    await until('they have it again', async () => `${await carriers()}` === `${['UP', 'UP', 'UP', 'UP']}`, 45_000);
    await running.settled(LAB, 30_000);
  });

  await running.down(LAB);
});

/** Whether a device of the host's second node is up; null: it is not there. */
async function isUp({ site }: RunningSite, host: string, dev: string): Promise<boolean | null> {
  const words = ['-json', '-n', `${LAB}.${host}-b`, 'link', 'show', 'dev', dev];
  const text = await site.hosts.exec(host, 'ip', words, { reject: false });
  const [device] = JSON.parse(text || '[]') as readonly { readonly flags?: readonly string[] }[];
  return device?.flags?.includes('UP') ?? null;
}

async function stateOf({ site }: RunningSite, host: string, node: 'a' | 'b', dev: string): Promise<string> {
  const words = ['-json', '-n', `${LAB}.${host}-${node}`, 'link', 'show', 'dev', dev];
  const [device] = JSON.parse(await site.hosts.exec(host, 'ip', words)) as readonly { readonly operstate: string }[];
  return device?.operstate ?? '';
}

/** A figure of JetStream's own about a bucket, asked as linkloom asks. */
async function inBucket({ site }: RunningSite, bucket: string): Promise<{ messages: number }> {
  const [, servers = '', , ca = '', , nkey = ''] = site.storeWords();
  const script = `
    const { openStore } = await import(${JSON.stringify(new URL('../../../src/cluster/open.js', import.meta.url).href)});
    const options = { servers: ${JSON.stringify(servers.split(','))}, host: null, tlsCa: ${JSON.stringify(ca)}, tlsCert: null,
      tlsKey: null, nkeyFile: ${JSON.stringify(nkey)}, credsFile: null, deadlineMs: 20000 };
    const store = await openStore(options, null);
    console.log(JSON.stringify({ messages: (await store.list(${JSON.stringify(bucket)}, '')).length }));
    await store[Symbol.asyncDispose]();`;
  const printed = await site.hosts.exec('h1', process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(printed) as { messages: number };
}

/** Values by their names, without labels. */
async function metricsOf({ site }: RunningSite, host: string): Promise<ReadonlyMap<string, number>> {
  const script = `require('node:http').get({ socketPath: '/run/linkloom/${LAB}/api.sock', path: '/metrics' }, (answer) => answer.pipe(process.stdout))`;
  const text = await site.hosts.exec(host, process.execPath, ['-e', script]);
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return new Map(lines.map((line) => [line.split('{')[0] ?? '', Number(line.split(' ').at(-1))]));
}
