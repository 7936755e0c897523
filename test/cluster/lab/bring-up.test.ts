/** 1, 2, 3: a lab of 1,000 wires of which 300 cross, from nothing, again, and changed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossingLab, lossy, pingWires } from '../../support/cluster/crossing.ts';
import { HOSTS, RunningSite, tell } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

const SHAPE = { lab: 'wide', wires: 1000, crossing: 300, nodes: 60 } as const;

test('1,000 wires over three hosts', needs('root', 'program:openssl'), async (t) => {
  await using running = await RunningSite.start();
  const { site } = running;
  const lab = crossingLab(SHAPE);
  const crossing = lab.wires.filter(({ crosses }) => crosses);

  await t.test('1. up from any host; a frame each way along each wire that crosses, none goes elsewhere', async () => {
    const startedMs = performance.now();
    const { timings, hosts } = await running.up(lab.configuration, 'h2');
    tell('1. 1,000 wires, 300 across: from the record to all hosts', timings.totalMs);
    tell('1. the same from the start of the program', performance.now() - startedMs);
    assert.deepEqual(
      hosts.map(({ state }) => state),
      ['whole', 'whole', 'whole'],
    );
    assert.deepEqual(lossy(await pingWires(site, lab, crossing, { count: 'once', intervalMs: 1000 })), []);
  });

  await t.test('2. again: nothing is done on any host, and no packet is lost', async () => {
    const pinging = pingWires(site, lab, crossing.slice(0, 6), { count: 1000, intervalMs: 10 });
    const before = await running.status('wide');
    const { revision, written } = await running.up(lab.configuration, 'h3');
    assert.equal(written, false);
    assert.deepEqual(await running.status('wide'), before);
    assert.ok(before.every(({ rev }) => rev === revision));
    assert.deepEqual(lossy(await pinging), []);
  });

  await t.test('3. 100 wires change: the others lose nothing, tunnels are exactly those that are wanted', async () => {
    const changed = crossingLab({ ...SHAPE, rewired: 100 });
    const others = crossing.slice(100, 112);
    const pinging = pingWires(site, lab, others, { count: 2000, intervalMs: 10 });
    const startedMs = performance.now();
    await running.up(changed.configuration);
    tell('3. 100 of the wires changed', performance.now() - startedMs);
    assert.deepEqual(lossy(await pinging), []);
    const wires = changed.wires.filter(({ crosses }) => crosses);
    assert.deepEqual(lossy(await pingWires(site, changed, wires, { count: 'once', intervalMs: 1000 })), []);
    for (const host of HOSTS) {
      const wanted = wires.filter(({ ends }) => ends.some(({ netns }) => changed.hostOf(netns) === host)).length;
      assert.equal((await tunnelsOn(running, host)).length, wanted, host);
    }
  });

  await t.test('down leaves nothing on any host', async () => {
    const startedMs = performance.now();
    await running.down('wide');
    tell('down of 1,000 wires', performance.now() - startedMs);
    for (const host of HOSTS) assert.equal(await site.hosts.exec(host, 'ip', ['netns', 'list']), '', host);
  });
});

/** A trunk, as bridge(8) shows it. */
interface TrunkVnis {
  readonly vnis?: readonly { readonly vni: number; readonly vniEnd?: number }[];
}

/** The VNIs that the lab's trunks on a host hear. */
async function tunnelsOn({ site }: RunningSite, host: string): Promise<readonly number[]> {
  const netns = (await site.hosts.exec(host, 'ip', ['netns', 'list']))
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  const switches = netns.filter((name) => name.startsWith('linkloom-wide'));
  const lists = switches.map((name) => site.hosts.exec(host, 'bridge', ['-n', name, '-json', 'vni', 'show']));
  return (await Promise.all(lists)).flatMap((text) =>
    (JSON.parse(text || '[]') as TrunkVnis[]).flatMap(({ vnis = [] }) =>
      vnis.flatMap(({ vni, vniEnd = vni }) => Array.from({ length: vniEnd - vni + 1 }, (_, n) => vni + n)),
    ),
  );
}
