/** Hosts whose clocks differ by days: nothing that is decided between hosts asks for the time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Crossing, crossingLab, lossy, pingWires } from '../../support/cluster/crossing.ts';
import { RunningSite } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

const SHAPE = { lab: 'skew', wires: 30, crossing: 12, nodes: 6 } as const;
const DAY_MS = 86_400_000;
/** Longer than a lease lives. */
const LEASE_AND_MORE_MS = 20_000;

/** Has what is started meanwhile read a clock that is wrong by so much. */
function withClock(offByMs: number, start: () => void): void {
  const code = `const D = Date; globalThis.Date = class extends D {
    constructor(...words) { words.length > 0 ? super(...words) : super(D.now() + ${offByMs}); }
    static now() { return D.now() + ${offByMs}; }
  };`;
  process.env['NODE_OPTIONS'] = `--import=data:text/javascript,${encodeURIComponent(code)}`;
  try {
    start();
  } finally {
    delete process.env['NODE_OPTIONS'];
  }
}

test('clocks that are days apart', needs('root', 'program:openssl'), async () => {
  await using running = await RunningSite.start();
  const { site } = running;
  for (const [host, offByMs] of [['h1', -DAY_MS] as const, ['h2', 30 * DAY_MS] as const]) {
    await site.end('agent', host);
    withClock(offByMs, () => site.startAgent(host));
  }
  await running.agentsLive();
  const [before, after] = [crossingLab(SHAPE), crossingLab({ ...SHAPE, rewired: 8 })];
  const carries = async (lab: Crossing): Promise<void> => {
    assert.deepEqual(lossy(await pingWires(site, lab, lab.wires, { count: 'once', intervalMs: 1000 })), []);
  };
  await running.up(before.configuration);
  await carries(before);
  await delay(LEASE_AND_MORE_MS);
  assert.equal((await running.alive()).length, 3);
  await running.up(after.configuration, 'h2');
  await running.settled('skew', 30_000);
  await carries(after);
  // Numbers of wires that went are free again by now, which is nothing for a host to do.
  assert.equal((await running.up(after.configuration, 'h3')).written, false);
  const ahead = (await running.must('h3', 'status', '--lab', 'skew', '--json')).stdout;
  const times = (JSON.parse(ahead) as { hosts: { at: string }[] }).hosts.map(({ at }) => Date.parse(at) - Date.now());
  assert.deepEqual(
    times.map((ms) => Math.round(ms / DAY_MS) + 0),
    [-1, 30, 0],
    'the clocks were wrong indeed',
  );
  await running.down('skew');
});
