/** Hosts that go and come back, nodes that move, and a LAN over all hosts: frames arrive, and nothing is left where it is not wanted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../scripts/cluster/site.ts';
import { HOSTS, RunningSite } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

type Places = Readonly<Record<string, string>>;

const EACH_ON_ITS_OWN = { h1: { nodes: ['n0'] }, h2: { nodes: ['n1'] }, h3: { nodes: ['n2'] } };

/** A LAN of namespaces: node I has 10.0.0.(I+1). */
function lan(lab: string, count: number, hosts: object): object {
  const links = Array.from({ length: count }, (_, at) => ({
    ...{ netns: `n${at}`, dev: 'eth0', bridge: 'lan', ip: `10.0.0.${at + 1}/24`, mtu: 1400 },
  }));
  return { lab, hosts, bridges: [{ bridge: 'lan', mode: 'linux' }], links };
}

test('hosts that go, and nodes that move', needs('root', 'program:openssl'), async (t) => {
  await using running = await RunningSite.start();
  const { site } = running;
  const places = async (lab: string): Promise<Places> => {
    const { stdout } = await site.verb('h1', 'status', '--lab', lab, '--json');
    return (JSON.parse(stdout) as { place: Places }).place;
  };
  /** From each node to each other one: one answer, and no frame twice. */
  const assertReached = async (lab: string, count: number): Promise<void> => {
    const place = await places(lab);
    const pairs = Array.from({ length: count ** 2 }, (_, at) => [Math.floor(at / count), at % count] as const);
    for (const [from, to] of pairs.filter(([a, b]) => a !== b)) {
      const ping = ['netns', 'exec', `n${from}`, 'ping', '-c', '2', '-i', '0.2', '-w', '10', `10.0.0.${to + 1}`];
      const said = await site.hosts.exec(place[`netns/n${from}`] ?? '', 'ip', ping);
      assert.doesNotMatch(said, /DUP/, `n${from} to n${to}`);
    }
  };
  /** Each node is on the host that the record says, and on no other. */
  const assertOnlyThere = async (lab: string): Promise<void> => {
    const place = await places(lab);
    for (const host of HOSTS) {
      const wanted = Object.keys(place).filter((node) => place[node] === host);
      const there = (await netns(running, host)).filter((name) => name.startsWith('n'));
      assert.deepEqual(there, wanted.map((node) => node.slice('netns/'.length)).sort(), host);
    }
  };

  await t.test('a LAN over three hosts carries frames each way, once', async () => {
    await running.up(lan('go', 3, EACH_ON_ITS_OWN));
    await assertReached('go', 3);
  });

  await t.test(
    'the store is wiped: labs keep their numbers in another order, and also where agents know nothing',
    async () => {
      await running.up(renamed(lan('also', 3, EACH_ON_ITS_OWN)), 'h2');
      const before = await tunnels(running);
      await wipe(running);
      await running.up(renamed(lan('also', 3, EACH_ON_ITS_OWN)));
      await running.up(lan('go', 3, EACH_ON_ITS_OWN));
      assert.deepEqual(await tunnels(running), before);
      for (const host of HOSTS) await site.end('agent', host);
      await wipe(running);
      for (const host of HOSTS) site.startAgent(host);
      await running.agentsLive();
      await running.up(renamed(lan('also', 3, EACH_ON_ITS_OWN)));
      const after = await tunnels(running);
      for (const [switches, vni] of Object.entries(after)) {
        if (switches.includes('linkloom-go')) assert.equal(vni, before[switches]);
        else assert.ok(!Object.values(before).includes(vni), `${switches} has ${vni}`);
      }
      await running.down('also');
      await running.up(lan('go', 3, EACH_ON_ITS_OWN));
      await assertReached('go', 3);
      await running.down('go');
    },
  );

  await t.test('rebalance moves nodes, and leaves none behind', async () => {
    await running.up(lan('go', 6, { h1: { nodes: ['n*'] } }));
    await running.up(lan('go', 6, {}));
    assert.deepEqual([...new Set(Object.values(await places('go')))], ['h1'], 'nodes stay where they are');
    const file = running.write('lab.json', lan('go', 6, {}));
    await running.must('h2', 'rebalance', '-f', file, '--dry-run');
    assert.deepEqual([...new Set(Object.values(await places('go')))], ['h1'], 'it was only shown');
    await running.must('h2', 'rebalance', '-f', file);
    assert.deepEqual([...new Set(Object.values(await places('go')))].sort(), HOSTS);
    await assertReached('go', 6);
    await assertOnlyThere('go');
  });

  await t.test('evict: the nodes of a lost host go to the others; when it is back its part goes', async () => {
    await site.end('agent', 'h3', 'SIGTERM');
    await running.must('h1', 'hosts', 'evict', 'h3');
    await running.up(lan('go', 6, {}));
    assert.deepEqual([...new Set(Object.values(await places('go')))].sort(), ['h1', 'h2']);
    await assertReached('go', 6);
    assert.notDeepEqual(await netns(running, 'h3'), []);
    site.startAgent('h3');
    await until('its part is gone', async () => (await netns(running, 'h3')).length === 0, 30_000);
    await running.settled('go', 30_000);
    await assertOnlyThere('go');
  });

  await t.test('down while a host is cut off: it is named, and its part goes when it is back', async () => {
    await running.up(lan('go', 6, { h3: { nodes: ['n5'] } }));
    await site.hosts.plug('h3', 'down');
    const lost = async (): Promise<boolean> => !(await running.alive()).includes('h3');
    // The verb may have been at the server that is cut off, and comes to another one late.
    await until('h3 is lost', lost, 180_000);
    const { exitCode, stdout, stderr } = await site.verb('h1', 'down', '--lab', 'go', '--wait', '3');
    assert.equal(exitCode, 1, stdout + stderr);
    assert.match(stdout + stderr, /h3.*lost/);
    // The verb waits for 3 s, and a busy machine may take longer.
    await until('the part of h1 is gone', async () => (await netns(running, 'h1')).length === 0, 60_000);
    assert.notDeepEqual(await netns(running, 'h3'), []);
    await site.hosts.plug('h3', 'up');
    await until('its part is gone', async () => (await netns(running, 'h3')).length === 0, 60_000);
    await running.settled('go', 60_000);
    await running.down('go');
  });
});

/** The same lab with other namespaces. */
function renamed(configuration: object): object {
  return JSON.parse(JSON.stringify(configuration).replaceAll(/"n(\d)"/g, '"m$1"')) as object;
}

async function netns({ site }: RunningSite, host: string): Promise<readonly string[]> {
  const text = await site.hosts.exec(host, 'ip', ['netns', 'list']);
  return text
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || [])
    .sort();
}

/** By host and switch namespace, the VNI of its tunnel. */
async function tunnels(running: RunningSite): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const host of HOSTS) {
    for (const name of (await netns(running, host)).filter((of) => of.startsWith('linkloom-'))) {
      const words = ['-n', name, '-d', '-json', 'link', 'show', 'type', 'vxlan'];
      const [tunnel] = JSON.parse(await running.site.hosts.exec(host, 'ip', words)) as readonly Tunnel[];
      if (tunnel !== undefined) found[`${host} ${name}`] = tunnel.linkinfo.info_data.id;
    }
  }
  return found;
}

interface Tunnel {
  readonly linkinfo: { readonly info_data: { readonly id: number } };
}

/** All servers get new disks. */
async function wipe(running: RunningSite): Promise<void> {
  const { site } = running;
  for (const host of HOSTS) await site.end('server', host);
  site.wipe();
  for (const host of HOSTS) await site.startServer(host);
  await until('the servers answer', async () => [0, 4].includes((await site.verb('h1', 'hosts')).exitCode), 60_000);
  if (HOSTS.every((host) => site.runs('agent', host))) await running.agentsLive();
}
