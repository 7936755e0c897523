/** A lab over three hosts, from `up` to `down`: every wire carries frames, also those between hosts; a change, a second `up`, a status. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTS, RunningSite } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

/** A ring of namespaces, wire I between node I and the next one. */
function ring(count: number): object {
  const links = Array.from({ length: count }, (_, at) => {
    const net = `10.0.${at}`;
    return [
      { netns: `n${at}`, dev: 'right', bridge: `w${at}`, ip: `${net}.1/24`, mtu: 1400 },
      { netns: `n${(at + 1) % count}`, dev: 'left', bridge: `w${at}`, ip: `${net}.2/24`, mtu: 1400 },
    ];
  }).flat();
  const bridges = Array.from({ length: count }, (_, at) => ({ bridge: `w${at}`, mode: 'direct' }));
  return { lab: 'smoke', bridges, links };
}

type Places = Readonly<Record<string, string>>;

test('up, status, change and down over three hosts', needs('root', 'program:openssl'), async () => {
  await using running = await RunningSite.start();
  const { site } = running;
  const places = async (): Promise<Places> => {
    const { stdout } = await running.must('h2', 'status', '--lab', 'smoke', '--json');
    return (JSON.parse(stdout) as { place: Places }).place;
  };
  /** Along each wire of the ring. */
  const pings = async (place: Places, count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const host = place[`netns/n${at}`];
      assert.ok(host, `n${at} is somewhere`);
      await site.hosts.exec(host, 'ip', ['netns', 'exec', `n${at}`, 'ping', '-c', '1', '-w', '10', `10.0.${at}.2`]);
    }
  };
  await running.up(ring(10));
  const first = await places();
  assert.deepEqual([...new Set(Object.values(first))].sort(), HOSTS);
  await pings(first, 10);
  const again = await running.up(ring(10));
  assert.equal(again.written, false);
  await asked(running);
  await running.up(ring(12), 'h3');
  const second = await places();
  for (const [node, host] of Object.entries(first)) assert.equal(second[node], host, `${node} stays`);
  await pings(second, 12);
  const reader = site.storeWords('readers');
  assert.equal((await site.linkloom('h1', 'status', '--lab', 'smoke', ...reader)).exitCode, 0);
  await running.down('smoke');
  for (const host of HOSTS) {
    assert.equal(await site.hosts.exec(host, 'ip', ['netns', 'list']), '', site.log('agent', host));
    await site.end('agent', host, 'SIGTERM');
  }
});

/** What agents are asked by verbs on another host. */
async function asked(running: RunningSite): Promise<void> {
  const lab = ['--lab', 'smoke'];
  const verified = await running.must('h2', 'verify', ...lab, '--json');
  const { counts } = JSON.parse(verified.stdout) as { counts: { links: number; ok: number } };
  assert.deepEqual([counts.links, counts.ok], [20, 20]);
  const set = await running.must('h3', 'set', ...lab, 'n0:right', 'n5:*', '--mtu', '1300', '--json');
  const { links } = JSON.parse(set.stdout) as { links: readonly { link: string; state: string }[] };
  assert.deepEqual(links.map(({ link, state }) => `${link} ${state}`).sort(), [
    'n0:right changed',
    'n5:left changed',
    'n5:right changed',
  ]);
  const { exitCode } = await running.site.verb('h1', 'set', ...lab, 'nowhere:eth0', '--mtu', '1300');
  assert.equal(exitCode, 1);
  await running.must('h1', 'reset', ...lab);
}
