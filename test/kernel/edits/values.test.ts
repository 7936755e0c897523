/** Whatever can be set is stored as it was set, or refused before anything is touched: a second `up` finds nothing to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';

const onlyRoot = needs('root', 'program:ip');

async function settles(lab: TestLab, ...links: readonly object[]): Promise<void> {
  const netns = lab.node('a').name;
  const configuration = {
    links: links.map((link, at) => ({ netns, bridge: 's', dev: `eth${at}`, ...link })),
    bridges: [{ bridge: 's', mode: 'linux' }],
  };
  assert.deepEqual((await lab.up(configuration)).failures, []);
  const { ops } = await lab.plan(configuration);
  assert.deepEqual(
    ops.map(({ op, cause }) => `${op} ${cause}`),
    [],
  );
}

/** Words that go with a route of either family. */
const WORDS = [
  ...['mtu 1', 'mtu 68', 'mtu 1279', 'mtu 65520', 'advmss 1', 'advmss 65495', 'mtu 1400 advmss 1360'],
  ...['metric 0', 'metric 1', 'metric 256', 'metric 1024', 'metric 4294967295'],
  ...['table 0', 'table unspec', 'table 1', 'table default', 'table main', 'table 256', 'table 4294967295'],
  ...['scope global', 'onlink', 'dev eth0', 'metric 5 table 77 mtu 1400 advmss 1000 onlink'],
];

test('routes: every word at its bounds', onlyRoot, async () => {
  await using lab = testLab('netns', 'va');
  const four = WORDS.map((words, at) => `10.9.${at}.0/24 via 10.0.0.2 ${words}`);
  const six = WORDS.map((words, at) => `fd09:${at + 1}::/64 via fd00::2 ${words}`);
  const types = ['blackhole', 'unreachable', 'prohibit', 'throw'].flatMap((type, at) => [
    `${type} 10.8.${at}.0/24`,
    `${type} fd08:${at}::/64 metric 7`,
    `${type} 10.8.${at}.0/25 table 77`,
  ]);
  const others = [
    ...[
      'default via 10.0.0.2',
      '0.0.0.0/1 dev eth0',
      '240.0.0.0/4 dev eth0',
      '10.7.0.0/16 scope host',
      '10.6.0.0/16 scope link',
    ],
    ...[
      '10.5.0.0/16 src 10.0.0.1',
      '10.4.0.0/16 via 192.0.2.1 onlink',
      '10.0.0.0/24 dev eth0 metric 5',
      '10.0.0.2 dev eth0',
    ],
    ...[
      'default via fe80::2',
      'default via fd00::2 metric 3',
      'fd07::/64 src fd00::1',
      'fd06::/64 via fe80::1 onlink',
      'fd00::/64',
    ],
    ...['10.3.0.0/16 dev lo', 'fd05::/64 dev lo', 'fd04::/64 scope link'],
  ];
  await settles(lab, { ip: ['10.0.0.1/24', 'fd00::1/64'], route: [...four, ...six, ...types, ...others] });
});

test('addresses: every kind that a device can have', onlyRoot, async () => {
  await using lab = testLab('netns', 'va');
  const four = ['0.1.2.3/8', '10.0.0.0/24', '10.0.0.255/24', '10.1.0.1/31', '10.2.0.1/32', '10.3.0.1/0', '127.0.0.5/8'];
  const more = ['169.254.1.1/16', '224.0.0.1/32', '239.1.2.3/24', '240.0.0.1/4', '255.255.255.254/32'];
  const six = [
    '::2/64',
    '::ffff:1.2.3.4/96',
    'fe80::5/64',
    'febf::1/64',
    'fe80::6/128',
    'fec0::1/64',
    'fd00::/64',
    'fd00::5/0',
  ];
  await settles(lab, {
    ip: [...four, ...more, ...six, 'fd00::6/127', 'fd00::7/128', '2002:1:2::1/16', '64:ff9b::102:304/96'],
  });
});

test(
  'an address of our own goes when it is taken out, link-local or not, and the kernel’s own stays',
  onlyRoot,
  async () => {
    await using lab = testLab('netns', 'va');
    const linkLocal = async (): Promise<readonly string[]> =>
      ((await lab.node('a').link('eth0'))?.addr_info ?? [])
        .filter(({ scope }) => scope === 'link')
        .map(({ local }) => local);
    await settles(lab, { ip: ['fe80::5/64', 'fd00::1/64'] });
    assert.equal((await linkLocal()).length, 2);
    await settles(lab, { ip: ['fd00::1/64'] });
    const [own, ...rest] = await linkLocal();
    assert.deepEqual([own?.startsWith('fe80::c0'), rest], [true, []]);
  },
);

test('devices: MTU, queues, MAC and state at their bounds', onlyRoot, async () => {
  await using lab = testLab('netns', 'va');
  const mtus = [68, 576, 1279, 1280, 65_535].map((mtu) => ({ mtu }));
  const macs = ['02:00:00:00:00:00', 'fe:ff:ff:ff:ff:ff', '00:00:00:00:00:01'].map((mac) => ({ mac }));
  await settles(
    lab,
    ...mtus,
    ...macs,
    { queues: 1 },
    { queues: 16 },
    { txqueuelen: 0 },
    { txqueuelen: 2 ** 31 - 1 },
    { state: 'down', ip: ['10.0.0.1/24', 'fd00::1/64'] },
  );
});
