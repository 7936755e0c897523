/** Wires between hosts go through one device on each: two labs side by side, drift, an agent that begins anew, and what is left at the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../scripts/cluster/site.ts';
import { programIds, update } from '../../../workers/bpf/call.ts';
import { TrunkMaps } from '../../../workers/bpf/trunk-maps.ts';
import { keyOf, outValue } from '../../../workers/bpf/trunk-program.ts';
import { type Crossing, crossingLab, lossy, pingWires } from '../../support/cluster/crossing.ts';
import { dump } from '../../support/cluster/dump.ts';
import { HOSTS, RunningSite } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

const SHAPE = { wires: 24, crossing: 18, nodes: 4 } as const;

/** Two labs in namespaces of different names. */
const ONE = crossingLab({ ...SHAPE, lab: 'one' });
const TWO = renamed(crossingLab({ ...SHAPE, lab: 'two' }), '-2');

/** The same lab in namespaces of other names. */
function renamed(lab: Crossing, suffix: string): Crossing {
  const wires = lab.wires.map((wire) => {
    const [a, b] = wire.ends;
    return {
      ...wire,
      ends: [
        { ...a, netns: a.netns + suffix },
        { ...b, netns: b.netns + suffix },
      ] as const,
    };
  });
  const configuration = lab.configuration as { links: readonly { netns: string }[] };
  const links = configuration.links.map((link) => ({ ...link, netns: link.netns + suffix }));
  return { ...lab, wires, configuration: { ...configuration, links } };
}

interface Device {
  readonly ifname: string;
  readonly linkinfo?: { readonly info_data?: Readonly<Record<string, unknown>> };
}

/** The vxlans of a lab on a host. */
async function vxlansOf({ site }: RunningSite, host: string, lab: string): Promise<readonly Device[]> {
  const text = await site.hosts.exec(host, 'ip', [
    '-n',
    `linkloom-${lab}`,
    '-d',
    '-json',
    'link',
    'show',
    'type',
    'vxlan',
  ]);
  return (JSON.parse(text || '[]') as Partial<Device>[]).filter((one): one is Device => one.ifname !== undefined);
}

test('wires between hosts by trunks', needs('root', 'program:openssl'), async (t) => {
  const programs = new Set<number>();
  await using running = await RunningSite.start();
  const { site } = running;
  const arrives = async (lab: Crossing) => {
    const crossing = lab.wires.filter(({ crosses }) => crosses);
    return lossy(await pingWires(site, lab, crossing, { count: 'once', intervalMs: 500 }));
  };

  await t.test('two labs: one device for each and host, on one port, and every wire carries frames', async () => {
    for (const lab of [ONE, TWO]) await running.up(lab.configuration);
    for (const host of HOSTS) {
      for (const { lab } of [ONE, TWO]) {
        const devices = await vxlansOf(running, host, lab);
        assert.equal(devices.length, 1, `${host} ${lab}`);
        const { port, external, vnifilter } = devices[0]?.linkinfo?.info_data ?? {};
        assert.deepEqual([port, external, vnifilter], [8473, true, true]);
        for (const id of await programsOf(running, host, lab, devices[0]?.ifname ?? '')) programs.add(id);
      }
    }
    assert.equal(programs.size, 6);
    for (const lab of [ONE, TWO]) assert.deepEqual(await arrives(lab), []);
  });

  await t.test('an agent that begins anew does nothing', async () => {
    const seen = await dump(running);
    const isMade = seen.filter((line) => / hears \d+, knows \d+$/.test(line));
    assert.deepEqual(isMade.length, 6);
    await site.end('agent', 'h1', 'SIGKILL');
    site.startAgent('h1');
    await running.agentsLive();
    await running.settled('one', 60_000);
    const { created = -1 } = (await running.status('one')).find(({ host }) => host === 'h1') ?? {};
    assert.equal(created, 0);
    assert.deepEqual(await dump(running), seen);
  });

  await t.test('what others take away is put back', async () => {
    const [device] = await vxlansOf(running, 'h1', 'one');
    assert.ok(device);
    const inside = (...words: readonly string[]) =>
      site.hosts.exec('h1', 'ip', ['netns', 'exec', 'linkloom-one', ...words]);
    const wanted = await dump(running);
    const isAsBefore = async () => (await dump(running)).join('\n') === wanted.join('\n');
    await inside('tc', 'qdisc', 'del', 'dev', device.ifname, 'ingress');
    await until('the trunk has its program again', isAsBefore, 60_000);
    await inside('ip', 'link', 'del', device.ifname);
    await until('the trunk is there again', isAsBefore, 60_000);
    for (const lab of [ONE, TWO]) assert.deepEqual(await arrives(lab), []);
  });

  await t.test('what the kernel tells nobody of is seen by the next look', async () => {
    const [device] = await vxlansOf(running, 'h1', 'one');
    assert.ok(device);
    const wanted = await dump(running);
    const inside = ['netns', 'exec', 'linkloom-one', 'bridge'];
    const text = await site.hosts.exec('h1', 'ip', [...inside, '-json', 'vni', 'show']);
    const vni = (JSON.parse(text) as { vnis: { vni: number }[] }[])[0]?.vnis[0]?.vni;
    await site.hosts.exec('h1', 'ip', [...inside, 'vni', 'delete', 'vni', String(vni), 'dev', device.ifname]);
    const [id = 0] = await programsOf(running, 'h1', 'one', device.ifname);
    misdirect(id);
    assert.notDeepEqual(await dump(running), wanted);
    await site.end('agent', 'h1', 'SIGKILL');
    site.startAgent('h1');
    await until('all is as before', async () => (await dump(running)).join('\n') === wanted.join('\n'), 60_000);
    await running.agentsLive();
    assert.deepEqual(await arrives(ONE), []);
  });

  await t.test('a wire more and one less change nothing else', async () => {
    const more = crossingLab({ ...SHAPE, lab: 'one', wires: 25, crossing: 19 });
    await running.up(more.configuration);
    assert.deepEqual(await arrives(more), []);
    await running.up(ONE.configuration);
    assert.deepEqual(await arrives(ONE), []);
    const { stdout } = await running.must('h2', 'status', '--lab', 'one', '--json');
    assert.ok(stdout.includes('"whole"'));
  });

  await t.test('down leaves nothing', async () => {
    for (const { lab } of [ONE, TWO]) await running.down(lab);
    for (const host of HOSTS) assert.equal(await site.hosts.exec(host, 'ip', ['netns', 'list']), '', host);
    const left = () => programIds().filter((id) => programs.has(id));
    await until('the programs have gone with their trunks', () => left().length === 0, 60_000);
  });
});

/** Has a trunk send what one of its ports receives to a host that there is not. */
function misdirect(id: number): void {
  using maps = TrunkMaps.open(id);
  const [entry] = maps?.entries().out ?? [];
  assert.ok(maps && entry);
  update(maps.out, 'test', keyOf(entry.port), outValue({ ...entry, remote: '192.0.2.99' }));
}

/** The ids of the programs of a device, as tc(8) shows them. */
async function programsOf({ site }: RunningSite, host: string, lab: string, dev: string): Promise<readonly number[]> {
  const words = ['netns', 'exec', `linkloom-${lab}`, 'tc', 'filter', 'show', 'dev', dev, 'ingress'];
  const text = await site.hosts.exec(host, 'ip', words);
  return [...text.matchAll(/ id (\d+)/g)].map(([, id]) => Number(id));
}
