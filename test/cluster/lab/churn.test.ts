/** 14: an hour of random changes, kills and cuts; at the end all is as a fresh `up` makes it, and agents have not grown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crossingLab } from '../../support/cluster/crossing.ts';
import { differencesOf, dump } from '../../support/cluster/dump.ts';
import { HOSTS, RunningSite } from '../../support/cluster/running.ts';
import { amount, figures } from '../../support/faults/amount.ts';
import { diceFor } from '../../support/faults/seed.ts';
import { needs } from '../../support/needs.ts';

const SHAPE = { lab: 'churn', wires: 120, crossing: 60, nodes: 10 } as const;

/** How much an agent may have grown. */
const GROWTH_MAX_MIB = 10;

/**
 * The least that is seen in the last quarter is compared with that of the second one. In the first fifteen minutes or so V8 and glibc find
 * how much they keep of what was freed; later what is alive after a collection stays the same. V8 takes up to 48 MiB for what is new and gives
 * it back by and by, so one look alone says nothing. Shorter runs only print it.
 */
const QUARTERS = { warm: 1, last: 3 } as const;
const JUDGED_MINUTES = 60;

test('14. churn', needs('root', 'program:openssl'), async () => {
  const minutes = amount('CLUSTER_MINUTES', 60);
  const random = diceFor('14');
  await using running = await RunningSite.start();
  const { site } = running;
  const labs = [0, 20, 40].map((rewired) => crossingLab({ ...SHAPE, rewired }));
  const startedMs = performance.now();
  const totalMs = minutes * 60_000;
  let rounds = 0;
  const seenMiB: number[][] = [[], [], [], []];
  for (; performance.now() - startedMs < totalMs; rounds++) {
    const file = running.write(`lab-${rounds % 3}.json`, random.pick(labs).configuration);
    const up = site.verb(random.pick(HOSTS), 'up', '-f', file, '--wait', '60');
    await delay(random.below(2000));
    await disturb(running, random.pick(['server', 'agent', 'cut', 'nothing']), random.pick(HOSTS), random.below(4000));
    await up;
    const quarter = Math.min(3, Math.floor((4 * (performance.now() - startedMs)) / totalMs));
    seenMiB[quarter]?.push(await rssMiB(running));
  }
  const last = labs[1];
  assert.ok(last);
  await running.agentsLive();
  await running.up(last.configuration, 'h1', '--wait', '120');
  const seen = await dump(running);
  const leastMiB = seenMiB.map((quarter) => Number(Math.min(...quarter).toFixed(1)));
  const grown = (leastMiB[QUARTERS.last] ?? 0) - (leastMiB[QUARTERS.warm] ?? 0);
  figures('14. churn', { minutes, rounds, leastMiB, grownMiB: Number(grown.toFixed(1)) });
  await running.down('churn');
  await running.up(last.configuration);
  assert.deepEqual(differencesOf(seen, await dump(running)), []);
  assert.ok(minutes < JUDGED_MINUTES || grown < GROWTH_MAX_MIB, `the agent of h1 has grown by ${grown.toFixed(1)} MiB`);
  await running.down('churn');
});

/** The agent of h1 is never killed: its memory is measured. */
async function disturb(running: RunningSite, what: string, host: string, forMs: number): Promise<void> {
  const { site } = running;
  if (what === 'agent' && host !== 'h1') {
    await site.end('agent', host);
    site.startAgent(host);
  }
  if (what === 'server') {
    await site.end('server', host);
    await delay(forMs);
    await site.startServer(host);
  }
  if (what === 'cut' && host !== 'h1') {
    await site.hosts.plug(host, 'down');
    await delay(forMs);
    await site.hosts.plug(host, 'up');
  }
}

async function rssMiB({ site }: RunningSite): Promise<number> {
  const words = ['-C', 'node', '-o', 'rss=,args='];
  const lines = (await site.hosts.exec('h1', 'ps', words)).split('\n');
  const agent = lines.find((line) => / daemon /.test(line)) ?? '0';
  return Number.parseInt(agent, 10) / 1024;
}
