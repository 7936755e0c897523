/** Addresses, routes and MTUs of one node that can't be together, said before anything is touched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './loading.ts';

async function faultsOf(...links: readonly string[]): Promise<readonly string[]> {
  const text = `links:\n${links.map((link) => `  - {netns: n, ${link}}\n`).join('')}`;
  const { diagnostics } = await check(text);
  return diagnostics.map(({ message, where }) => `${where?.line}: ${message}`);
}

test('IPv6 needs an MTU of 1280, that of a parent in the node too', async () => {
  const need = (what: string, mtu = 1279) => `IPv6 needs an mtu of at least 1280, and ${mtu} is given for "${what}"`;
  for (const [links, faults] of [
    [['bridge: a, mtu: 1279, ip: ["10.0.0.1/24", "fd00::1/64"]'], [`2: n:eth0: ${need('fd00::1/64')}`]],
    [['bridge: a, mtu: 1280, ip: "fd00::1/64"'], []],
    [['bridge: a, mtu: 68, ip: 10.0.0.1/24'], []],
    [['bridge: a, mtu: 1000, route: "fd09::/64"'], [`2: n:eth0: ${need('fd09::/64', 1000)}`]],
    [['bridge: a, mtu: 1000, route: ["blackhole fd09::/64", "fd08::/64 dev eth1"]', 'bridge: a, dev: eth1'], []],
    [
      ['bridge: a, mtu: 1279', 'type: macvlan, base: local, outer-dev: eth0, dev: m, ip: "fd00::1/64"'],
      [`3: n:m: ${need('fd00::1/64')}`],
    ],
    [['bridge: a, mtu: 1279', 'type: macvlan, outer-dev: eth0, dev: m, ip: "fd00::1/64"'], []],
  ] as const)
    assert.deepEqual(await faultsOf(...links), faults, links.join(' '));
});

test('one address twice on one link, even with another length or spelling', async () => {
  for (const [ip, address] of [
    ['10.0.0.1/24, 10.0.0.1/24', '10.0.0.1'],
    ['10.0.0.1/24, 10.0.0.1/16', '10.0.0.1'],
    ['"fd00::1/64", "fd00:0:0::1/64"', 'fd00::1'],
  ])
    assert.deepEqual(await faultsOf(`bridge: a, ip: [${ip}]`), [`2: n:eth0: the address ${address} is given twice`]);
});

test('a destination, metric and table is that of one route of a node', async () => {
  const clash = (text: string, holder: string) =>
    `the route "${text}" has the destination, the metric and the table of ${holder}`;
  const other = (link: string, more: string) => `bridge: ${link}, dev: ${link}, ${more}`;
  for (const [links, faults] of [
    [
      [
        other('a', 'ip: 10.0.1.1/24, route: default via 10.0.1.2'),
        other('b', 'ip: 10.0.2.1/24, route: default via 10.0.2.2'),
      ],
      [`3: n:b: ${clash('default via 10.0.2.2', '"default via 10.0.1.2" of n:a')}`],
    ],
    [
      [
        other('a', 'ip: 10.0.1.1/24, route: default via 10.0.1.2'),
        other('b', 'ip: 10.0.2.1/24, state: down, route: default via 10.0.2.2'),
      ],
      [],
    ],
    [[other('a', 'ip: 10.0.1.1/24, route: [default via 10.0.1.2, default via 10.0.1.3 metric 5]')], []],
    [[other('a', 'ip: 10.0.1.1/24, route: [default via 10.0.1.2, default via 10.0.1.3 table 5]')], []],
    [
      [other('a', 'ip: "fd00::1/64", route: ["default via fd00::2", "default via fd00::3 metric 0"]')],
      [`2: n:a: ${clash('default via fd00::3 metric 0', '"default via fd00::2" of n:a')}`],
    ],
    [
      [other('a', 'route: ["blackhole 10.9.0.0/16", "unreachable 10.9.0.0/16 metric 0 table main"]')],
      [`2: n:a: ${clash('unreachable 10.9.0.0/16 metric 0 table main', '"blackhole 10.9.0.0/16" of n:a')}`],
    ],
    [
      [other('a', 'ip: 10.0.1.1/24, route: 10.0.1.0/24 dev a')],
      [`2: n:a: ${clash('10.0.1.0/24 dev a', 'the one that comes with the address 10.0.1.1/24 of n:a')}`],
    ],
    [[other('a', 'ip: 10.0.1.1/32, route: 10.0.1.1 dev a metric 3')], []],
    [[other('a', 'ip: "fd00::1/64", route: "fd00::/64 dev a"')], []],
    [
      [other('a', 'ip: "fd00::1/64", route: "fd00::/64 dev a metric 256"')],
      [`2: n:a: ${clash('fd00::/64 dev a metric 256', 'the one that comes with the address fd00::1/64 of n:a')}`],
    ],
  ] as const)
    assert.deepEqual(await faultsOf(...links), faults, links.join(' '));
});

test('an address that no device can have is refused where it stands', async () => {
  for (const [ip, why] of [
    ['0.0.0.0/0', 'stands for none'],
    ['::/64', 'stands for none'],
    ['::1/128', 'loopback'],
    ['ff02::1/64', 'multicast'],
  ] as const) {
    const [fault, ...more] = await faultsOf(`bridge: a, ip: "${ip}"`);
    assert.deepEqual(more, []);
    assert.ok(fault?.startsWith('2: ') && fault.includes(why), fault);
  }
});
