/** 13: each host has its own container engine; a container that is started anew is linked to a node of another host again. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Site, until } from '../../../scripts/cluster/site.ts';
import { engineOn } from '../../support/cluster/engine-on.ts';
import { RunningSite, tell } from '../../support/cluster/running.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

const LAB = 'engines';
const AGAIN_MAX_MS = 2000;
const ROUNDS = 5;

test('13. own engines', needs('root', 'program:openssl', 'program:dockerd'), async (t) => {
  using folder = temporaryFolder('engine');
  await using running = await RunningSite.start();
  const { site } = running;
  await using engine = await engineOn(site, 'h2', folder.path);
  await ensureBusybox(engine);
  await site.end('agent', 'h2', 'SIGTERM');
  site.startAgent('h2', '--docker-socket', engine.socketPath);
  await running.agentsLive();
  await engine.docker('run', '--detach', '--name', 'db', '--network', 'none', BUSYBOX, 'sleep', '1000000');
  const file = join(folder.path, 'lab.json');
  writeFileSync(
    file,
    JSON.stringify({
      lab: LAB,
      hosts: { h1: { nodes: ['far'] } },
      bridges: [{ bridge: 'wire', mode: 'direct' }],
      links: [
        { netns: 'far', dev: 'eth1', bridge: 'wire', ip: '10.7.0.1/24', mtu: 1400 },
        { container: 'db', dev: 'eth0', bridge: 'wire', ip: '10.7.0.2/24', mtu: 1400 },
      ],
    }),
  );

  await t.test('a container of h2 and a namespace of h1 are linked', async () => {
    await until(
      'h2 says which containers it has',
      async () => (await site.verb('h1', 'hosts', '--json')).stdout.includes('container/db'),
      20_000,
    );
    await running.must('h1', 'up', '-f', file);
    await ping(site, '10.7.0.2', 10);
  });

  await t.test('a container that is started anew is linked again within two seconds', async () => {
    const taken: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await engine.docker('stop', '--time', '0', 'db');
      await engine.docker('start', 'db');
      const startedMs = performance.now();
      await ping(site, '10.7.0.2', 30);
      taken.push(performance.now() - startedMs);
      tell(`13. from the start of a container to an answer from the other host, round ${round + 1}`, taken.at(-1) ?? 0);
    }
    const median = taken.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    assert.ok(median <= AGAIN_MAX_MS, `${taken.map(Math.round).join(', ')} ms`);
  });

  await running.down(LAB);

  await t.test('up does not succeed where a container does not run, or can not be made', async () => {
    const wire = (more: object, ...links: readonly object[]): object => ({
      ...{ lab: LAB, bridges: [{ bridge: 'wire', mode: 'direct' }], ...more },
      links: links.map((link) => ({ ...link, dev: 'e', bridge: 'wire', mtu: 1400 })),
    });
    const near = { netns: 'far' };
    const cases = [
      [wire({ hosts: { h1: { nodes: ['far'] } } }, near, { container: 'nobody' }), /waits .*link.* wait.*nobody/],
      [
        wire(
          { hosts: { h1: { nodes: ['far'] }, h2: { nodes: ['box'] } }, nodes: { box: { image: 'linkloom/none:0' } } },
          near,
          {
            node: 'box',
          },
        ),
        /h2 +failed .*linkloom\/none/,
      ],
    ] as const;
    for (const [lab, why] of cases) {
      writeFileSync(file, JSON.stringify(lab));
      const { stdout, stderr, exitCode } = await site.verb('h1', 'up', '-f', file, '--wait', '15');
      assert.equal(exitCode, 1, `${stdout}\n${stderr}`);
      assert.match(`${stdout}\n${stderr}`, why);
      await running.down(LAB);
    }
  });
});

/** Pings from the namespace on h1, five times a second, until there is an answer. */
async function ping({ hosts }: Site, address: string, withinS: number): Promise<void> {
  const words = ['netns', 'exec', 'far', 'ping', '-n', '-q', '-c', '1', '-i', '0.2', '-w', `${withinS}`, address];
  await hosts.exec('h1', 'ip', words);
}
