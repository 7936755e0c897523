/** A router forwards IPv6 as soon as the lab is up, whoever made its namespace. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import type { Netns } from '../../support/netns.ts';

const NEEDS = needs('root', 'program:ip', 'program:ping');

/** Two nodes with a router between them. */
function routed(mode: string, [a, r, b]: readonly [string, string, string]) {
  const link = (netns: string, bridge: string, dev: string, ip: string, route: readonly string[] = []) => {
    return { netns, bridge, dev, ip, route };
  };
  return {
    bridges: ['one', 'two'].map((bridge) => ({ bridge, mode })),
    links: [
      link(a, 'one', 'eth0', 'fd06:1::2/64', ['default via fd06:1::1']),
      link(r, 'one', 'eth0', 'fd06:1::1/64'),
      link(r, 'two', 'eth1', 'fd06:2::1/64'),
      link(b, 'two', 'eth0', 'fd06:2::2/64', ['default via fd06:2::1']),
    ],
  };
}

async function linkLocalOn(router: Netns) {
  const addresses = (await router.link('eth1'))?.addr_info ?? [];
  return addresses.filter(({ scope }) => scope === 'link').map(({ nodad, tentative }) => ({ nodad, tentative }));
}

describe('IPv6 through a router, by the first packet', NEEDS, () => {
  for (const mode of ['linux', 'patch', 'direct']) {
    for (const made of ['by linkloom', 'before']) {
      it(`${mode}, namespaces made ${made}`, async () => {
        await using lab = testLab('netns', 'six');
        const [a, r, b] = [lab.node('a'), lab.node('r'), lab.node('b')];
        if (made === 'before') for (const { name } of [a, r, b]) await execa('ip', ['netns', 'add', name]);
        try {
          const network = routed(mode, [a.name, r.name, b.name]);
          await lab.up(network);
          await r.exec('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
          assert.match(await a.exec('ping', '-n', '-c', '1', '-W', '1', 'fd06:2::2'), / 0% packet loss/);
          for (const state of ['down', 'up'] as const)
            await lab.set(network, { links: [`${r.name}:*`], settings: { state }, both: false });
          assert.deepEqual(await linkLocalOn(r), [{ nodad: true, tentative: undefined }]);
        } finally {
          await lab.down();
          if (made === 'before') for (const { name } of [a, r, b]) await execa('ip', ['netns', 'delete', name]);
        }
      });
    }
  }
});
