/** Edits of a running lab in which something goes from one device of a node to another, or takes something along: one `up`, and all is as from nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelHas } from '../../support/kernel-types.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';

const onlyRoot = needs('root', 'program:ip');

type Links = readonly Record<string, unknown>[];

/** Links of one node; each has a bridge of its own, unless it says otherwise. */
function labOf(lab: TestLab, links: Links) {
  const netns = lab.node('a').name;
  return {
    links: links.map((link) => ({
      ...{ netns, mtu: 1500 },
      ...('type' in link ? {} : { bridge: `s-${link['dev']}` }),
      ...link,
    })),
    bridges: [{ bridge: 'wire', mode: 'direct' }],
  };
}

/** `up`, which has to come to an end that a second one finds nothing to do about. */
async function settle(lab: TestLab, links: Links): Promise<void> {
  const { failures } = await lab.up(labOf(lab, links));
  assert.deepEqual(failures, []);
  assert.deepEqual((await lab.plan(labOf(lab, links))).ops, []);
}

async function routesOf(node: Netns, table = 'main'): Promise<string[]> {
  const routes = await Promise.all(([4, 6] as const).map((family) => node.routes(family, table)));
  return routes
    .flat()
    .filter(({ protocol }) => protocol !== 'kernel')
    .map(({ dst, gateway, dev, prefsrc }) => [dst, gateway, dev, prefsrc].filter((word) => word).join(' '))
    .sort();
}

async function addressesOf(node: Netns, dev: string): Promise<string[]> {
  const { addr_info: addresses = [] } = (await node.link(dev)) ?? {};
  return addresses.filter(({ scope }) => scope !== 'link').map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

const IP0 = ['10.0.1.1/24', 'fd01::1/64'];
const IP1 = ['10.0.0.1/24', 'fd00::1/64'];

test('default routes move between the links of a node, in either direction', onlyRoot, async () => {
  await using lab = testLab('netns', 'mv');
  const on0 = [
    { dev: 'eth0', ip: IP0, route: ['default via 10.0.1.2', 'default via fd01::2'] },
    { dev: 'eth1', ip: IP1 },
  ];
  const on1 = [
    { dev: 'eth0', ip: IP0 },
    { dev: 'eth1', ip: IP1, route: ['default via 10.0.0.2', 'default via fd00::2'] },
  ];
  for (const [links, expected] of [
    [on1, ['default 10.0.0.2 eth1', 'default fd00::2 eth1']],
    [on0, ['default 10.0.1.2 eth0', 'default fd01::2 eth0']],
    [on1, ['default 10.0.0.2 eth1', 'default fd00::2 eth1']],
  ] as const) {
    await settle(lab, links);
    assert.deepEqual(await routesOf(lab.node('a')), expected);
  }
});

test(
  'addresses with their routes move, also to a link of another kind and to one that is made anew',
  onlyRoot,
  async () => {
    await using lab = testLab('netns', 'mv');
    const full = {
      ip: IP0,
      route: ['default via 10.0.1.2', '10.8.0.0/16 via 10.0.1.2 src 10.0.1.1', 'default via fd01::2'],
    };
    const direct = { dev: 'eth3', bridge: 'wire' };
    const far = { netns: lab.node('b').name, dev: 'eth0', bridge: 'wire' };
    const vlan = { dev: 'v0', type: 'vlan', vlanid: 7, base: 'local', 'outer-dev': 'eth3' };
    const holders: readonly [string, Links][] = [
      ['eth1', [{ dev: 'eth1', ...full }, { dev: 'eth2' }, direct, far]],
      ['eth2', [{ dev: 'eth1' }, { dev: 'eth2', ...full }, direct, far]],
      ['eth1', [{ dev: 'eth1', queues: 2, ...full }, { dev: 'eth2' }, direct, far]],
      ['eth3', [{ dev: 'eth1' }, { dev: 'eth2' }, { ...direct, ...full }, far]],
      ['v0', [{ ...vlan, ...full }, direct, far]],
      ['m0', [{ ...full, dev: 'm0', type: 'macvlan', base: 'local', 'outer-dev': 'eth3' }, direct, far]],
      ['eth3', [{ ...direct, ...full }, far]],
    ].filter(([dev]) => (dev !== 'v0' || kernelHas('vlan')) && (dev !== 'm0' || kernelHas('macvlan'))) as never;
    for (const [dev, links] of holders) {
      await settle(lab, links);
      assert.deepEqual(await routesOf(lab.node('a')), [
        `10.8.0.0/16 10.0.1.2 ${dev} 10.0.1.1`,
        `default 10.0.1.2 ${dev}`,
        `default fd01::2 ${dev}`,
      ]);
    }
  },
);

test(
  'the first address of a subnet goes: the others stay, those of the node too, and the order written decides',
  onlyRoot,
  async () => {
    await using lab = testLab('netns', 'pr');
    for (const promote of ['0', '1']) {
      await using _down = { [Symbol.asyncDispose]: async () => void (await lab.down()) };
      const node = lab.node('a');
      const route = ['default via 10.0.0.254', '10.9.0.0/16 via 10.0.0.254 src 10.0.0.3'];
      const withIp = (...hosts: readonly number[]) => [
        { dev: 'eth0', ip: hosts.map((host) => `10.0.0.${host}/24`), route },
      ];
      await settle(lab, withIp(1, 2, 3));
      await node.exec('sysctl', '-qw', `net.ipv4.conf.all.promote_secondaries=${promote}`);
      await node.exec('ip', 'addr', 'add', '10.0.0.200/24', 'dev', 'eth0', 'label', 'eth0:own');
      await node.exec('ip', 'route', 'add', '10.7.0.0/16', 'via', '10.0.0.254', 'metric', '7', 'src', '10.0.0.200');
      for (const hosts of [[2, 3], [3, 2], [9, 3], [3]] as const) {
        await settle(lab, withIp(...hosts));
        const own = hosts.map((host) => `10.0.0.${host}/24`);
        assert.deepEqual(await addressesOf(node, 'eth0'), [...own, '10.0.0.200/24'], `${promote} ${hosts}`);
        assert.deepEqual(await routesOf(node), [
          '10.7.0.0/16 10.0.0.254 eth0 10.0.0.200',
          '10.9.0.0/16 10.0.0.254 eth0 10.0.0.3',
          'default 10.0.0.254 eth0',
        ]);
        assert.match(
          await node.exec('ip', 'addr', 'show', 'dev', 'eth0'),
          /10\.0\.0\.200\/24 scope global secondary eth0:own/,
        );
      }
    }
  },
);

test(
  'a device that goes down keeps its IPv6 addresses, those of the node too; one that comes up has its routes again',
  onlyRoot,
  async () => {
    await using lab = testLab('netns', 'dn');
    const node = lab.node('a');
    const links = (state: string, mtu: number) => [
      {
        dev: 'eth0',
        mtu,
        state,
        ip: ['10.0.0.1/24', 'fd00::1/64'],
        route: ['default via fd00::2', 'fd07::/64 via fd00::2 mtu 1400'],
      },
      { dev: 'eth1', ip: 'fd01::1/64', route: 'fd08::/64 via fd01::2 src fd00::1' },
    ];
    const beside = 'fd08::/64 fd01::2 eth1 fd00::1';
    await settle(lab, links('up', 1500));
    await node.exec('ip', 'addr', 'add', 'fd00::99/64', 'dev', 'eth0', 'nodad');
    await settle(lab, links('down', 1500));
    assert.deepEqual((await addressesOf(node, 'eth0')).sort(), ['10.0.0.1/24', 'fd00::1/64', 'fd00::99/64']);
    assert.deepEqual(await routesOf(node), [beside]);
    await settle(lab, links('up', 1500));
    assert.deepEqual(await routesOf(node), ['default fd00::2 eth0', 'fd07::/64 fd00::2 eth0', beside]);
    // The kernel writes a smaller MTU of the device into its IPv6 routes.
    await settle(lab, links('up', 1300));
    assert.match(await node.exec('ip', '-6', 'route', 'show', 'fd07::/64'), /mtu 1400/);
  },
);

test(
  'a device that is made anew has what others put on it, and routes through other devices keep their source',
  onlyRoot,
  async () => {
    await using lab = testLab('netns', 'an');
    const node = lab.node('a');
    const links = (queues: number) => [
      { dev: 'eth0', queues, ip: ['10.0.0.1/24', 'fd00::1/64'] },
      {
        dev: 'eth1',
        ip: ['10.1.0.1/24', 'fd01::1/64'],
        route: ['10.8.0.0/16 via 10.1.0.2 src 10.0.0.1', 'fd08::/64 via fd01::2 src fd00::1'],
      },
    ];
    await settle(lab, links(1));
    await node.exec('ip', 'addr', 'add', '10.0.0.77/24', 'dev', 'eth0');
    await node.exec('ip', 'route', 'add', '10.7.0.0/16', 'via', '10.0.0.254', 'mtu', '1400', 'metric', '5');
    await node.exec(
      'ip',
      'route',
      'add',
      '10.6.0.0/16',
      'nexthop',
      'via',
      '10.0.0.254',
      'nexthop',
      'via',
      '10.1.0.254',
    );
    await settle(lab, links(2));
    assert.deepEqual(await addressesOf(node, 'eth0'), ['10.0.0.1/24', '10.0.0.77/24', 'fd00::1/64']);
    assert.deepEqual(await routesOf(node), [
      '10.6.0.0/16',
      '10.7.0.0/16 10.0.0.254 eth0',
      '10.8.0.0/16 10.1.0.2 eth1 10.0.0.1',
      'fd08::/64 fd01::2 eth1 fd00::1',
    ]);
    assert.match(await node.exec('ip', 'route', 'show', '10.7.0.0/16'), /metric 5 mtu 1400/);
  },
);

test('routes that need another device, address or route of the node are made at the first up', onlyRoot, async () => {
  await using lab = testLab('netns', 'or');
  await settle(lab, [
    {
      dev: 'eth0',
      ip: '10.0.0.1/24',
      route: ['10.5.0.0/16 via 10.1.0.2 dev eth1', '10.6.0.0/16 via 10.5.0.1 dev eth1 onlink'],
    },
    {
      dev: 'eth1',
      ip: '10.1.0.1/24',
      route: ['10.4.0.0/16 via 10.3.0.1', '10.3.0.0/16 dev eth1', '10.2.0.0/16 dev eth1 src 10.9.9.9'],
    },
    { dev: 'wire0', bridge: 'wire', netns: lab.node('b').name },
    { dev: 'wire0', bridge: 'wire', ip: '10.9.9.9/32', route: '10.1.9.0/24 dev m0' },
    { dev: 'm0', type: 'macvlan', base: 'local', 'outer-dev': 'eth1' },
  ]);
  assert.equal((await routesOf(lab.node('a'))).length, 6);
});

test(
  'a route that is taken out goes, also one that leaves by no device or by that of somebody else',
  onlyRoot,
  async () => {
    await using node = await newNetns('rt');
    await using lab = testLab('netns', 'rt');
    await node.exec('ip', 'link', 'add', 'own0', 'type', 'veth', 'peer', 'name', 'own1');
    await node.exec('ip', 'link', 'set', 'own0', 'up');
    const link = (...route: readonly string[]) => ({
      links: [
        { netns: node.name, bridge: 's', dev: 'eth1', ip: '10.0.0.1/24', ...(route.length > 0 ? { route } : {}) },
      ],
    });
    const routes = ['blackhole 10.66.0.0/16', 'blackhole fd66::/64', '10.67.0.0/16 dev own0', 'fd67::/64 dev own0'];
    assert.deepEqual((await lab.up(link(...routes))).failures, []);
    assert.equal((await routesOf(node)).length, 4);
    assert.deepEqual((await lab.up(link())).failures, []);
    assert.deepEqual(await routesOf(node), []);
    assert.deepEqual((await lab.plan(link())).ops, []);
  },
);

test('a route that somebody else made counts as missing, and its link fails by name, each time', onlyRoot, async () => {
  await using node = await newNetns('ex');
  await using lab = testLab('netns', 'ex');
  await node.exec('ip', 'link', 'add', 'own0', 'type', 'veth', 'peer', 'name', 'own1');
  await node.exec('ip', 'addr', 'add', '172.17.0.2/16', 'dev', 'own0');
  await node.exec('ip', 'link', 'set', 'own0', 'up');
  await node.exec('ip', 'route', 'add', 'default', 'via', '172.17.0.1');
  const link = (more: object) => ({
    links: [{ netns: node.name, bridge: 's', dev: 'eth1', ip: '10.0.1.1/24', ...more }],
  });
  assert.deepEqual((await lab.up(link({}))).failures, []);
  for (let round = 0; round < 2; round++) {
    const { failures, links } = await lab.up(link({ route: 'default via 10.0.1.2' }));
    assert.equal(links.failed, 1);
    assert.match(failures[0]?.message ?? '', /default via 10\.0\.1\.2: RTM_NEWROUTE.*EEXIST/);
  }
  assert.deepEqual(await routesOf(node), ['default 172.17.0.1 own0']);
});
