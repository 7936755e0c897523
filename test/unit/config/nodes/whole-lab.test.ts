/** What nodes, wires, defaults, groups and addresses come to. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { printConfig } from '../../../../src/config/print.ts';
import { instantiate } from '../../../../src/topology/instantiate.ts';
import { showConfig } from '../../../../src/topology/show-config.ts';
import type { Container } from '../../../../src/topology/topology.ts';
import { ROOT } from '../../../support/bin.ts';
import { runningContainer } from '../../topology/specs.ts';
import { type Checked, check, checkFiles, folderOf, lines } from '../loading.ts';

async function right(text: string): Promise<Checked> {
  const checked = await check(text);
  assert.deepEqual(lines(checked.diagnostics), []);
  return checked;
}

const nodeOf = ({ topology }: Checked, name: string) => topology.nodes?.find((node) => node.name === name);
const linksOf = ({ topology }: Checked) =>
  topology.links.map(({ selector, dev, ...link }) => ({ of: `${selector.kind}/${selector.name}:${dev}`, ...link }));

describe('an entry of nodes:', () => {
  test('is a container with an image, all texts read', async () => {
    const checked = await right(`
lab: x
nodes:
  r1:
    image: frr
    command: sh -c 'sleep "1 2"' a\\ b
    env: [A=1, B=x=y]
    binds: [conf/r1:/etc/frr:ro, "/abs:/b:z"]
    ports: ["[::1]:53:53/udp", 80]
    sysctls: {net/ipv4/ip_forward: 1}
    cap_add: [cap_net_admin]
    memory: 1.5g
    cpus: 0.5
    copy: ["./a:/b:0600", {source: ../c, target: /d}]
    healthcheck: {test: "true", interval: 1m30s, start_period: 500ms, retries: 3}
    restart: on-failure:5
    wait_for: {r2: started}
    run: [{name: z, command: zebra}]
    exec: [ip route, [ip, link]]
    ip: [10.255.0.1/32, "FD00::1/128"]
  r2:
`);
    const node = nodeOf(checked, 'r1');
    assert.ok(node?.kind === 'container');
    const { where: _where, hash, ...definition } = node;
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.deepEqual(definition, {
      name: 'r1',
      realName: 'x.r1',
      kind: 'container',
      loopbacks: ['10.255.0.1/32', 'fd00::1/128'],
      exec: ['ip route', ['ip', 'link']],
      run: [{ name: 'z', command: 'zebra', env: {}, restart: 'always' }],
      waitFor: [{ node: 'r2', until: 'started' }],
      on: null,
      image: 'frr',
      command: ['sh', '-c', 'sleep "1 2"', 'a b'],
      entrypoint: null,
      env: { A: '1', B: 'x=y' },
      binds: [
        { source: '/nowhere/lab/conf/r1', target: '/etc/frr', options: [], readOnly: true },
        { source: '/abs', target: '/b', options: ['z'], readOnly: false },
      ],
      ports: [
        { hostIp: '::1', hostPort: 53, containerPort: 53, protocol: 'udp' },
        { hostIp: null, hostPort: null, containerPort: 80, protocol: 'tcp' },
      ],
      sysctls: { 'net.ipv4.ip_forward': '1' },
      capAdd: ['NET_ADMIN'],
      capDrop: [],
      privileged: false,
      devices: [],
      user: null,
      hostname: 'r1',
      labels: {},
      memoryBytes: 1.5 * 2 ** 30,
      cpus: 0.5,
      network: 'bridge',
      copy: [
        { source: '/nowhere/lab/a', target: '/b', mode: 0o600 },
        { source: '/nowhere/c', target: '/d', mode: null },
      ],
      healthcheck: { test: ['CMD-SHELL', 'true'], intervalMs: 90_000, timeoutMs: null, startPeriodMs: 500, retries: 3 },
      restart: { name: 'on-failure', maximumRetries: 5 },
      stopSignal: null,
    });
    assert.deepEqual(nodeOf(checked, 'r2')?.kind, 'netns');
    assert.deepEqual(
      checked.topology.commands.map(({ selector, command }) => [selector, command]),
      [
        [{ kind: 'node', name: 'r1' }, 'ip route'],
        [{ kind: 'node', name: 'r1' }, ['ip', 'link']],
      ],
    );
  });

  test('has a hash of what its container is made of, however that is written', async () => {
    const hashOf = async (node: string): Promise<string | undefined> => {
      const found = nodeOf(await right(`lab: x\nnodes: {r1: ${node}}`), 'r1');
      return found?.kind === 'container' ? found.hash : undefined;
    };
    const hash = await hashOf('{image: a, env: {A: 1, B: 2}}');
    assert.equal(await hashOf('{env: [B=2, A=1], image: a, exec: [ls], ip: 10.0.0.1/32}'), hash);
    for (const other of [
      '{image: b, env: {A: 1, B: 2}}',
      '{image: a, env: {A: 1}}',
      '{image: a, memory: 1g, env: {A: 1, B: 2}}',
    ]) {
      assert.notEqual(await hashOf(other), hash);
    }
  });

  test('is merged over files, its paths relative to the file that says them', async () => {
    await using folder = await folderOf({
      'a.yaml': 'lab: x\nnodes: {r: {image: a, command: [x, y], exec: [one], binds: ["b:/b"], env: {A: 1}}, s: }',
      'sub/b.yaml': 'nodes: {r: {command: [z], exec: [two], binds: ["c:/c"], env: [B=2]}}',
    });
    const checked = await checkFiles({ cwd: folder.path, env: {}, files: ['a.yaml', 'sub/b.yaml'] });
    const node = nodeOf(checked, 'r');
    assert.ok(node?.kind === 'container');
    assert.deepEqual([node.command, node.exec, node.env], [['z'], ['one', 'two'], { A: '1', B: '2' }]);
    assert.deepEqual(
      node.binds.map(({ source }) => source),
      [`${folder.path}/b`, `${folder.path}/sub/c`],
    );
  });

  test('has defaults, then groups in order, then its own: maps merge, lists and others replace', async () => {
    const checked = await right(`
defaults: {node: {image: a, env: {A: d, B: d}, cap_add: [NET_ADMIN], memory: 64m}, link: {mtu: 1400, state: down}}
groups:
  one: {nodes: ["r*"], node: {env: {B: 1, C: 1}, cap_add: [NET_RAW]}, link: {mtu: 1500, mode: linux}}
  two: {nodes: [r1], node: {env: {C: 2}}}
nodes: {r1: {env: {D: own}}, r2: {cap_add: []}, s: {image: null}}
links: [{node: r2, bridge: lan, mtu: 9000}, {netns: other, bridge: lan}]
wires: [[r1:eth1, s:eth1], {ends: [s:eth2, s:eth3], state: up}]
`);
    const [r1, r2, s] = ['r1', 'r2', 's'].map((name) => nodeOf(checked, name));
    assert.ok(r1?.kind === 'container' && r2?.kind === 'container');
    assert.deepEqual([r1.env, r1.capAdd], [{ A: 'd', B: '1', C: '2', D: 'own' }, ['NET_RAW']]);
    assert.deepEqual([r2.env, r2.capAdd, r2.memoryBytes], [{ A: 'd', B: '1', C: '1' }, [], 64 * 2 ** 20]);
    assert.equal(s?.kind, 'netns');
    assert.deepEqual(
      linksOf(checked).map(({ of, mtuBytes, state }) => [of, mtuBytes, state]),
      [
        ['node/r2:eth0', 9000, 'down'],
        ['netns/other:eth0', 1400, 'down'],
        ['node/r1:eth1', 1500, 'down'],
        ['node/s:eth1', 1400, 'down'],
        ['node/s:eth2', 1400, 'up'],
        ['node/s:eth3', 1400, 'up'],
      ],
    );
    assert.deepEqual(
      checked.topology.bridges.filter(({ name }) => name.startsWith('wire-')).map(({ name, mode }) => [name, mode]),
      [
        ['wire-0', 'linux'],
        ['wire-1', 'direct'],
      ],
    );
  });
});

describe('an end of a wire', () => {
  const ends = async (text: string): Promise<readonly string[]> => linksOf(await right(text)).map(({ of }) => of);

  test('is a namespace where the file has no nodes, else a node', async () => {
    assert.deepEqual(await ends('wires: [[a:eth1, b:eth1]]'), ['netns/a:eth1', 'netns/b:eth1']);
    assert.deepEqual(await ends('nodes: {a: , b: }\nwires: [[a:eth1, b:eth1]]'), ['node/a:eth1', 'node/b:eth1']);
  });

  test('is a service of the compose file', async () => {
    const compose = 'services: {web: {image: a}}\nx-network:\n  nodes: {a: }\n  wires: [[web:eth1, a:eth1]]';
    assert.deepEqual(await ends(compose), ['service/web:eth1', 'node/a:eth1']);
  });

  test('says what it is where that is said before it', async () => {
    const text = 'nodes: {a: }\nwires: [[netns/a:eth1, node/a:eth1], [container/c:eth1, service/s:eth1]]';
    assert.deepEqual(await ends(text), ['netns/a:eth1', 'node/a:eth1', 'container/c:eth1', 'service/s:eth1']);
  });

  test('shows in --show-config as a link of a direct bridge', async () => {
    const { topology } = await right('nodes: {a: , b: }\nwires: [[a:eth1, b:eth1]]');
    const shown = showConfig(topology) as { nodes: Record<string, { links: { bridge: unknown; dev: string }[] }> };
    assert.deepEqual(shown.nodes['a']?.links[0]?.bridge, { bridge: 'wire-0', mode: 'direct' });
  });
});

describe('an address plan', () => {
  test('is told by config, in the order of the files, to what has no ip', async () => {
    const checked = await right(`
addressing: {wires: {pool: 10.0.0.0/24, prefix: 30}, wires6: {pool: "fd00::/48", prefix: 64}, loopbacks: {pool: 10.1.0.0/24}}
nodes: {a: , b: {ip: 10.9.0.1/32}, c: }
wires: [[a:eth1, b:eth1], {ends: [a:eth2, b:eth2], ip: [[], 10.2.0.1/24]}, [b:eth3, c:eth3]]
`);
    assert.deepEqual(
      linksOf(checked).map(({ addresses }) => addresses),
      [
        ['10.0.0.1/30', 'fd00::1/64'],
        ['10.0.0.2/30', 'fd00::2/64'],
        [],
        ['10.2.0.1/24'],
        ['10.0.0.5/30', 'fd00:0:0:1::1/64'],
        ['10.0.0.6/30', 'fd00:0:0:1::2/64'],
      ],
    );
    const loopbacks = checked.topology.nodes?.map((node) => node.loopbacks);
    assert.deepEqual(loopbacks, [['10.1.0.1/32'], ['10.9.0.1/32'], ['10.1.0.2/32']]);
  });
});

describe('an entry that runs', () => {
  const made = (name: string, pid: number, entry?: Container['entry']): Container => ({
    ...runningContainer(name, pid),
    ...(entry === undefined ? {} : { entry }),
  });
  const text = (lab: string): string =>
    `lab: ${lab}\nnodes: {a: {image: x}, b: {image: x}, n: }\nwires: [[a:eth1, n:eth1], [b:eth1, n:eth2]]`;

  test('is known by its labels, else by its name, and called by its own; other labs have others', async () => {
    const containers = [
      made('renamed', 11, { lab: 'one', node: 'a', hash: null }),
      made('one.b', 12),
      made('two.a', 21, { lab: 'two', node: 'a', hash: null }),
      made('a', 31),
    ];
    for (const [lab, pids] of [
      ['one', ['pid/11', 'netns/one.n', 'pid/12', 'netns/one.n']],
      ['two', ['pid/21', 'netns/two.n', 'netns/two.n']],
    ] as const) {
      const { topology } = await right(text(lab));
      const { network } = instantiate(topology, { containers, netns: 'all', host: 'self' }, null);
      assert.deepEqual(
        network.links.map(({ node }) => node.ns),
        pids,
      );
      assert.equal(network.links[0]?.id, 'a:eth1');
      assert.deepEqual(
        network.pending.map(({ selector }) => selector.name),
        lab === 'one' ? [] : ['b'],
      );
    }
  });

  test('is told from a namespace of its name', async () => {
    const { topology } = await right('lab: one\nnodes: {a: }\nwires: [[netns/a:eth1, node/a:eth1]]');
    const { network } = instantiate(topology, { containers: [], netns: 'all', host: 'self' }, null);
    assert.deepEqual(
      network.links.map(({ id, node }) => [id, node.ns]),
      [
        ['netns/a:eth1', 'netns/a'],
        ['node/a:eth1', 'netns/one.a'],
      ],
    );
  });
});

describe('hosts:', () => {
  const TEXT = `
hosts:
  h1: {address: "FD00:0::1", port: 9000, nodes: ["leaf*"], labels: {rack: 01}, cpus: 16, memory: 64g}
  h2:
nodes: {leaf1: , r1: {on: h2}}
wires: [[leaf1:eth1, r1:eth1]]`;

  test('are read with every text in one form, and printed so that they are read alike', async () => {
    const checked = await right(TEXT);
    const hosts = [
      {
        ...{ name: 'h1', address: 'fd00::1', port: 9000, nodes: ['leaf*'], labels: { rack: '01' } },
        ...{ cpus: 16, memoryBytes: 64 * 2 ** 30 },
      },
      { name: 'h2', address: null, port: null, nodes: [], labels: {}, cpus: null, memoryBytes: null },
    ];
    const plain = ({ topology }: Checked) => topology.hosts?.map(({ where: _where, ...host }) => host);
    assert.deepEqual(plain(checked), hosts);
    assert.equal(nodeOf(checked, 'r1')?.on, 'h2');
    const options = { lab: 'x', defaultBridgeMode: 'auto', defaultMtuBytes: 65_535 };
    for (const format of ['yaml', 'json'] as const)
      assert.deepEqual(plain(await right(printConfig(checked.config, { ...options, format }))), hosts);
  });

  test('change nothing of the network', async () => {
    const { network } = instantiate((await right(TEXT)).topology, { containers: [], netns: 'all', host: 'self' }, null);
    assert.deepEqual(
      network.links.map(({ id }) => id),
      ['leaf1:eth1', 'r1:eth1'],
    );
  });
});

test('five hundred nodes and their wires take a line each', async () => {
  const cwd = join(ROOT, 'examples/whole-lab');
  const { topology, diagnostics } = await checkFiles({ cwd, env: {}, files: ['five-hundred.yaml'] });
  assert.deepEqual(lines(diagnostics), []);
  assert.deepEqual([topology.nodes?.length, topology.links.length], [500, 1088]);
  const given = topology.links.flatMap(({ addresses }) => addresses);
  assert.equal(new Set(given).size, 1088);
});

test('wires are limited as links are, of which each is two', async () => {
  const wires = new Array(125_001).fill('["a:x","b:x"]').join(',');
  const { diagnostics } = await check(`{"nodes":{"a":{},"b":{}},"wires":[${wires}]}`);
  assert.deepEqual(lines(diagnostics), [
    '1:26: error: more than 250000 links (a wire is two) (split the lab into several)',
  ]);
});
