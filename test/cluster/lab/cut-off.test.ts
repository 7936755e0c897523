/** 6: a host is cut off for 5, 20 and 60 s in the midst of up, of a change and of down; on its return nothing is stale. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../scripts/cluster/site.ts';
import { crossingLab } from '../../support/cluster/crossing.ts';
import { differencesOf, dump } from '../../support/cluster/dump.ts';
import { HOSTS, RunningSite, tell } from '../../support/cluster/running.ts';
import { amount } from '../../support/faults/amount.ts';
import { needs } from '../../support/needs.ts';

/** Longer ones can be left out. */
const CUTS_S = [5, 20, 60].filter((seconds) => seconds <= amount('CUT_S', 60));

const SHAPE = { lab: 'cut', wires: 150, crossing: 60, nodes: 12 } as const;

test('a host is cut off', needs('root', 'program:openssl'), async (t) => {
  await using running = await RunningSite.start();
  const { site } = running;
  const [first, changed] = [crossingLab(SHAPE), crossingLab({ ...SHAPE, rewired: 40 })];
  await running.up(first.configuration);
  const whole = await dump(running);
  await running.up(changed.configuration);
  await running.down('cut');
  await running.up(changed.configuration);
  const wholeChanged = await dump(running);
  await running.down('cut');
  const none = await dump(running);
  const files = [
    running.write('first.json', first.configuration),
    running.write('changed.json', changed.configuration),
  ];

  /** Cuts h3 off soon after a verb was started on h1. Returns how long it took, from its return, until all was as wanted. */
  const cutIn = async (seconds: number, wanted: readonly string[], ...verb: readonly string[]): Promise<number> => {
    const working = site.verb('h1', ...verb, '--wait', '1');
    await delay(1200);
    await site.hosts.plug('h3', 'down');
    await delay(seconds * 1000);
    const { stdout, stderr } = await working;
    await site.hosts.plug('h3', 'up');
    const startedMs = performance.now();
    let left: readonly string[] = [];
    const check = async (): Promise<boolean> => {
      left = differencesOf(await dump(running), wanted);
      return left.length === 0;
    };
    await until('all is as a fresh up makes it', check, 60_000).catch((error: Error) => {
      assert.fail(
        `${error.message}, after a cut of ${seconds} s in ${verb[0]}:\n${stdout}${stderr}\n${left.join('\n')}\n${running.logs()}`,
      );
    });
    return performance.now() - startedMs;
  };

  for (const seconds of CUTS_S) {
    await t.test(`6. for ${seconds} s`, async () => {
      // There is no record any more that h3 takes part in, so it has to be heard of again.
      await running.agentsLive();
      const upMs = await cutIn(seconds, whole, 'up', '-f', files[0] ?? '');
      const changeMs = await cutIn(seconds, wholeChanged, 'up', '-f', files[1] ?? '');
      const downMs = await cutIn(seconds, none, 'down', '--lab', 'cut');
      tell(`6. cut off for ${seconds} s in up: current again after`, upMs);
      tell(`6. cut off for ${seconds} s in a change: current again after`, changeMs);
      tell(`6. cut off for ${seconds} s in down: gone after`, downMs);
      for (const host of HOSTS) assert.ok(site.runs('agent', host), `the agent of ${host} has ended`);
    });
  }
});
