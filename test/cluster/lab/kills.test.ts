/** 4, 5: leaders of the store and agents are killed at any moment; what comes of it is what a fresh `up` makes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Crossing, crossingLab, lossy, pingWires } from '../../support/cluster/crossing.ts';
import { differencesOf, dump } from '../../support/cluster/dump.ts';
import { HOSTS, RunningSite, tell } from '../../support/cluster/running.ts';
import { amount } from '../../support/faults/amount.ts';
import { diceFor } from '../../support/faults/seed.ts';
import { needs } from '../../support/needs.ts';

const ROUNDS = amount('ROUNDS', 20);

const SHAPE = { lab: 'kills', wires: 150, crossing: 60, nodes: 12 } as const;
const LABS: readonly Crossing[] = [crossingLab(SHAPE), crossingLab({ ...SHAPE, rewired: 40 })];

test('kills', needs('root', 'program:openssl'), async (t) => {
  const random = diceFor('4, 5');
  await using running = await RunningSite.start();
  const { site } = running;
  const fresh: (readonly string[])[] = [];
  for (const { configuration } of LABS) {
    await running.up(configuration);
    fresh.push(await dump(running));
    await running.down('kills');
  }

  await t.test(`5. each agent is killed while it applies, ${ROUNDS} rounds`, async () => {
    let longestMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const lab = LABS[round % 2] as Crossing;
      const file = running.write(`lab-${round % 2}.json`, lab.configuration);
      const up = site.verb('h1', 'up', '-f', file, '--wait', '120');
      const killed = HOSTS[round % 3] ?? 'h1';
      await delay(1000 + random.below(3000));
      await site.end('agent', killed);
      const startedMs = performance.now();
      site.startAgent(killed);
      assert.equal((await up).exitCode, 0, `round ${round}\n${running.logs()}`);
      await running.settled('kills', 60_000);
      longestMs = Math.max(longestMs, performance.now() - startedMs);
      assert.deepEqual(differencesOf(await dump(running), fresh[round % 2] ?? []), [], `round ${round}, ${killed}`);
    }
    tell('5. from the restart of an agent that was killed to a whole lab, longest', longestMs);
  });

  await t.test(`4. the leader is killed in an up, ${ROUNDS} rounds`, async () => {
    let longestMs = 0;
    let revision = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const lab = LABS[round % 2] as Crossing;
      const file = running.write(`lab-${round % 2}.json`, lab.configuration);
      const leader = leaderOf(running);
      const up = site.verb('h1', 'up', '-f', file, '--json', '--wait', '120');
      await delay(random.below(3000));
      const startedMs = performance.now();
      await site.end('server', leader);
      const { exitCode, stdout, stderr } = await up;
      longestMs = Math.max(longestMs, performance.now() - startedMs);
      assert.equal(exitCode, 0, `round ${round}\n${stdout}${stderr}\n${running.logs()}`);
      const written = (JSON.parse(stdout) as { readonly revision: number }).revision;
      assert.ok(written >= revision, `revision ${written} after ${revision}: an acknowledged one was lost`);
      revision = written;
      for (const host of HOSTS) assert.ok(site.runs('agent', host), `the agent of ${host} has ended`);
      await site.startServer(leader);
      await running.settled('kills', 60_000);
      assert.deepEqual(differencesOf(await dump(running), fresh[round % 2] ?? []), [], `round ${round}`);
    }
    tell('4. from the kill of the leader to the end of up, longest', longestMs);
    const lab = LABS[(ROUNDS + 1) % 2] as Crossing;
    assert.deepEqual(lossy(await pingWires(site, lab, lab.wires, { count: 'once', intervalMs: 1000 })), []);
    await running.down('kills');
  });
});

/** The host whose server has said last that it leads the records. */
function leaderOf({ site }: RunningSite): string {
  const said = HOSTS.map((host) => {
    const lines = site.log('server', host).split('\n');
    const last = lines.findLast((line) => /new stream leader for '[^']*KV_ll-desired'/.test(line)) ?? '';
    return { host, at: /\d{4}\/\d\d\/\d\d [\d:.]+/.exec(last)?.[0] ?? '' };
  });
  return said.sort((a, b) => (a.at < b.at ? 1 : -1))[0]?.host ?? 'h1';
}
