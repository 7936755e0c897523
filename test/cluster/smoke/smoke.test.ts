/** A lab over three hosts, from `up` to `down`: every wire carries frames, also those between hosts; a change, a second `up`, a status. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type EmulatedHost, EmulatedHosts } from '../../support/cluster/hosts.ts';
import { NatsServers, until } from '../../support/cluster/server.ts';
import { needs } from '../../support/needs.ts';

/** A ring of ten namespaces: 20 links, wire I between node I and the next one. */
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

interface Status {
  readonly place: Readonly<Record<string, string>>;
  readonly hosts: readonly { readonly host: string; readonly state: string; readonly created: number }[];
}

test('up, status, change and down over three hosts', needs('root'), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smoke-'));
  try {
    await using emulated = await EmulatedHosts.boot(3);
    await using servers = await NatsServers.start(1, EmulatedHosts.gateway);
    const store = ['--store', servers.urls.join(',')];
    const [h1] = emulated.hosts as readonly [EmulatedHost];
    const file = join(folder, 'lab.json');
    const run = async (status: number, ...args: readonly string[]): Promise<string> => {
      const done = await h1.linkloom(...args, ...store);
      const said = `${done.stdout}\n${done.stderr}\n${emulated.hosts.map(({ name, log }) => `--- ${name}\n${log}`).join('\n')}`;
      assert.equal(done.exitCode, status, said);
      return done.stdout;
    };
    const status = async (): Promise<Status> =>
      JSON.parse(await run(0, 'status', '--lab', 'smoke', '--json')) as Status;
    const ping = async ({ place }: Status, from: string, to: string): Promise<void> => {
      const host = emulated.hosts.find(({ name }) => name === place[`netns/${from}`]);
      assert.ok(host, `${from} is somewhere`);
      await host.run('ip', 'netns', 'exec', from, 'ping', '-c', '1', '-w', '10', to);
    };
    for (const host of emulated.hosts) host.startAgent(...store);
    await until('all agents live', async () => {
      const { stdout } = await h1.linkloom('hosts', '--json', ...store);
      const { hosts } = JSON.parse(stdout || '{"hosts":[]}') as { hosts: readonly { alive: boolean }[] };
      return hosts.length === 3 && hosts.every(({ alive }) => alive);
    });
    writeFileSync(file, JSON.stringify(ring(10)));
    await run(0, 'up', '-f', file);
    const first = await status();
    assert.equal(new Set(Object.values(first.place)).size, 3);
    for (let at = 0; at < 10; at++) await ping(first, `n${at}`, `10.0.${at}.2`);
    const again = JSON.parse(await run(0, 'up', '-f', file, '--json')) as { written: boolean };
    assert.equal(again.written, false);
    const proof = JSON.parse(await run(0, 'verify', '--lab', 'smoke', '--json')) as {
      counts: { links: number; ok: number; faults: number };
    };
    assert.equal(proof.counts.links, 20);
    assert.equal(proof.counts.faults, 0);
    assert.ok(proof.counts.ok > 0);
    const set = JSON.parse(await run(0, 'set', '--lab', 'smoke', 'n0:right', 'n5:*', '--mtu', '1300', '--json')) as {
      links: readonly { link: string; state: string }[];
    };
    assert.deepEqual(set.links.map(({ link, state }) => `${link} ${state}`).sort(), [
      'n0:right changed',
      'n5:left changed',
      'n5:right changed',
    ]);
    await run(1, 'set', '--lab', 'smoke', 'nowhere:eth0', '--mtu', '1300');
    await run(0, 'reset', '--lab', 'smoke');
    writeFileSync(file, JSON.stringify(ring(12)));
    await run(0, 'up', '-f', file);
    const second = await status();
    for (const [node, host] of Object.entries(first.place)) assert.equal(second.place[node], host, `${node} stays`);
    for (let at = 0; at < 12; at++) await ping(second, `n${at}`, `10.0.${at}.2`);
    await run(0, 'down', '--lab', 'smoke');
    for (const host of emulated.hosts) {
      assert.equal(await host.run('ip', 'netns', 'list'), '', host.log);
      await host.endAgent('SIGTERM');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
