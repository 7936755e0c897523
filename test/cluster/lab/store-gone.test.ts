/** 7, 8: links go on while the store is gone, and a store that was wiped takes nothing away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../scripts/cluster/site.ts';
import { crossingLab, lossy, pingWires } from '../../support/cluster/crossing.ts';
import { HOSTS, RunningSite, tell } from '../../support/cluster/running.ts';
import { amount } from '../../support/faults/amount.ts';
import { needs } from '../../support/needs.ts';

/** How long all servers are dead. */
const DEAD_MS = amount('DEAD_MS', 60_000);

test('300 wires between hosts, and a store that goes', needs('root', 'program:openssl'), async (t) => {
  await using running = await RunningSite.start();
  const { site } = running;
  const lab = crossingLab({ lab: 'gone', wires: 300, crossing: 300, nodes: 30 });
  await running.up(lab.configuration);

  await t.test('7. all servers are dead: no packet is lost, what is broken meanwhile is mended', async () => {
    const count = Math.round(DEAD_MS / 1000) + 15;
    const pinging = pingWires(site, lab, lab.wires.slice(1), { count, intervalMs: 1000 });
    await delay(3000);
    for (const host of HOSTS) await site.end('server', host);
    const broken = lab.wires[0]?.ends[0];
    assert.ok(broken);
    const host = lab.hostOf(broken.netns);
    await site.hosts.exec(host, 'ip', ['-n', broken.netns, 'link', 'del', broken.dev]);
    const startedMs = performance.now();
    await until('the device is there again', () => isThere(running, host, broken.netns, broken.dev), 20_000);
    tell('7. a device deleted while all servers are dead is back after', performance.now() - startedMs);
    await delay(Math.max(0, DEAD_MS - (performance.now() - startedMs)));
    for (const each of HOSTS) await site.startServer(each);
    assert.deepEqual(lossy(await pinging), []);
    tell('7. from the return of the servers to a whole lab', await running.settled('gone', 60_000));
  });

  await t.test('8. the store is wiped: no packet is lost, and up makes nothing', async () => {
    const pinging = pingWires(site, lab, lab.wires, { count: 60, intervalMs: 1000 });
    await delay(2000);
    for (const host of HOSTS) await site.end('server', host);
    site.wipe();
    for (const host of HOSTS) await site.startServer(host);
    await running.agentsLive();
    const startedMs = performance.now();
    const { hosts } = await running.up(lab.configuration);
    tell('8. up after the store was wiped', performance.now() - startedMs);
    assert.deepEqual(
      hosts.map(({ host, state, created }) => [host, state, created]),
      HOSTS.map((host) => [host, 'whole', 0]),
    );
    assert.deepEqual(lossy(await pinging), []);
    await running.down('gone');
  });
});

async function isThere({ site }: RunningSite, host: string, netns: string, dev: string): Promise<boolean> {
  const text = await site.hosts.exec(host, 'ip', ['-n', netns, '-json', 'address', 'show', 'dev', dev], {
    reject: false,
  });
  return text.includes('"inet"');
}
