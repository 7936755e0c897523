/** Faults in the wiring of a lab, each made by the tools of iproute2 and nftables, and what `verify` says of them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { dropAll, redirectAll } from '../../support/proof/break.ts';
import { faultsOf, proofOf } from '../../support/proof/read.ts';

type Fault = {
  readonly name: string;
  /** Breaks the lab. */
  readonly make: () => Promise<unknown>;
  /** Takes away what `up` does not put right. */
  readonly undo?: () => Promise<unknown>;
  /** Links that are not ok, by the letter of their node. */
  readonly wrong: Readonly<Record<string, string>>;
  /** Of one of them: what the message says. */
  readonly says: readonly [link: string, message: RegExp];
};

describe('faults in the wiring', {
  timeout: 240_000,
  ...needs('root', 'program:ip', 'program:tc', 'program:nft'),
}, () => {
  const lab = testLab('netns', 'f');
  const { switches } = lab;
  const link = (letter: string, bridge: string, dev = 'eth0') => ({
    netns: lab.node(letter).name,
    dev,
    bridge,
    mtu: 1500,
  });
  const configuration = {
    bridges: [
      { bridge: 'one', mode: 'linux' },
      { bridge: 'two', mode: 'linux' },
      { bridge: 'lan', mode: 'linux' },
      { bridge: 'wire', mode: 'patch' },
      { bridge: 'cord', mode: 'direct' },
    ],
    links: [
      ...[link('a', 'one'), link('b', 'one'), link('c', 'two'), link('d', 'two')],
      ...['a', 'b', 'c', 'd', 'e'].map((letter) => link(letter, 'lan', 'lan0')),
      ...[link('a', 'wire', 'w0'), link('b', 'wire', 'w0'), link('a', 'cord', 'c0'), link('b', 'cord', 'c0')],
    ],
  };
  const portOf = async (letter: string, dev = 'eth0'): Promise<string> => {
    const report = await lab.status(configuration);
    const found = report.links.find((one) => one.link === `${lab.node(letter).name}:${dev}`);
    return found?.port?.dev ?? '';
  };
  const inSwitches = (...words: readonly string[]) => switches.exec('ip', 'link', 'set', ...words);
  const FAULTS: readonly Fault[] = [
    {
      name: 'two swapped links',
      make: async () => {
        const [b, d] = [await portOf('b'), await portOf('d')];
        await inSwitches(b, 'master', 'two');
        await inSwitches(d, 'master', 'one');
      },
      wrong: { 'a:eth0': 'miswired', 'b:eth0': 'miswired', 'c:eth0': 'miswired', 'd:eth0': 'miswired' },
      says: [
        'b:eth0',
        /probes of \S+c:eth0 arrive here.*its own arrive at \S+c:eth0: the port \S+ of \S+b:eth0 is in bridge two, not in one/,
      ],
    },
    {
      name: 'a port in another bridge',
      make: async () => await inSwitches(await portOf('b'), 'master', 'two'),
      wrong: { 'a:eth0': 'nothing', 'b:eth0': 'miswired' },
      says: ['a:eth0', /nothing arrives from \S+b:eth0.*is in bridge two, not in one/],
    },
    {
      name: 'a port in no bridge',
      make: async () => await inSwitches(await portOf('c', 'lan0'), 'nomaster'),
      wrong: { 'c:lan0': 'nothing' },
      says: ['c:lan0', /is in no bridge/],
    },
    {
      name: 'a device that is down',
      make: async () => await lab.node('b').exec('ip', 'link', 'set', 'c0', 'down'),
      wrong: { 'a:c0': 'nothing', 'b:c0': 'down' },
      says: ['a:c0', /b:c0.*its device c0 is down/],
    },
    {
      name: 'a port that is down, at the hub of a LAN',
      make: async () => await inSwitches(await portOf('a', 'lan0'), 'down'),
      wrong: { 'a:lan0': 'nothing' },
      says: ['a:lan0', /the port \S+ of \S+a:lan0 is down/],
    },
    {
      name: 'a bridge that is down',
      make: async () => await inSwitches('one', 'down'),
      wrong: { 'a:eth0': 'nothing', 'b:eth0': 'nothing' },
      says: ['a:eth0', /bridge one is down/],
    },
    {
      name: 'a smaller MTU in the middle of a bridge',
      make: async () => await inSwitches(await portOf('b'), 'mtu', '1400'),
      wrong: { 'a:eth0': 'mtu', 'b:eth0': 'mtu' },
      says: [
        'a:eth0',
        /packets of 1500 bytes to and from \S+b:eth0 do not arrive.*the port \S+ of \S+b:eth0 has MTU 1400/,
      ],
    },
    {
      name: 'a smaller MTU in the middle of a LAN',
      make: async () => await inSwitches(await portOf('d', 'lan0'), 'mtu', '1400'),
      wrong: { 'd:lan0': 'mtu' },
      says: ['d:lan0', /has MTU 1400/],
    },
    {
      name: 'a smaller MTU in the middle of a wire',
      make: async () => await inSwitches(await portOf('b', 'w0'), 'mtu', '1400'),
      wrong: { 'a:w0': 'mtu', 'b:w0': 'mtu' },
      says: ['a:w0', /has MTU 1400/],
    },
    {
      name: 'an MTU that is short by less than frames show',
      make: async () => await inSwitches(await portOf('b', 'w0'), 'mtu', '1498'),
      wrong: { 'b:w0': 'mtu' },
      says: ['b:w0', /has MTU 1498, not 1500/],
    },
    {
      name: 'a redirection by tc, one way',
      make: async () => await redirectAll(switches, await portOf('a'), 'two'),
      wrong: { 'a:eth0': 'one-way', 'b:eth0': 'one-way' },
      says: [
        'a:eth0',
        /what it sends does not arrive at \S+b:eth0, while .* arrives; its own arrive at \S+c:eth0, \S+d:eth0/,
      ],
      undo: async () => await switches.exec('tc', 'qdisc', 'del', 'dev', await portOf('a'), 'ingress'),
    },
    {
      name: 'a rule of nft, family netdev',
      make: async () => await dropAll(lab.node('b'), 'netdev', 'ingress device "c0"'),
      wrong: { 'a:c0': 'one-way', 'b:c0': 'one-way' },
      undo: async () => await lab.node('b').exec('nft', 'flush', 'ruleset'),
      says: ['b:c0', /nothing arrives from \S+a:c0, while what it sends arrives there/],
    },
    {
      name: 'a filter of a patch that is gone',
      make: async () => await switches.exec('tc', 'qdisc', 'del', 'dev', await portOf('b', 'w0'), 'ingress'),
      wrong: { 'a:w0': 'one-way', 'b:w0': 'one-way' },
      says: ['b:w0', /what it sends does not arrive at \S+a:w0/],
    },
    {
      name: 'broadcasts that a port does not flood',
      make: async () => await switches.exec('bridge', 'link', 'set', 'dev', await portOf('b'), 'bcast_flood', 'off'),
      wrong: { 'a:eth0': 'partial', 'b:eth0': 'partial' },
      undo: async () => await switches.exec('bridge', 'link', 'set', 'dev', await portOf('b'), 'bcast_flood', 'on'),
      says: ['b:eth0', /broadcasts from \S+a:eth0 do not arrive, though other frames do/],
    },
    {
      name: 'a device that is gone',
      make: async () => await lab.node('e').exec('ip', 'link', 'del', 'lan0'),
      wrong: { 'e:lan0': 'missing' },
      says: ['e:lan0', /there is no device lan0/],
    },
    {
      name: 'two ends of one MAC address',
      make: async () => {
        const [address] = (await lab.node('a').links()).filter(({ ifname }) => ifname === 'eth0');
        await lab.node('b').exec('ip', 'link', 'set', 'eth0', 'address', address?.address ?? '');
      },
      wrong: { 'a:eth0': 'partial', 'b:eth0': 'partial' },
      says: ['a:eth0', /have the same MAC address/],
    },
  ];

  before(async () => {
    assert.deepEqual((await lab.up(configuration)).failures, []);
  });
  after(async () => {
    await lab.down();
  });

  it('finds none in a lab that is in order', async () => {
    const proof = await lab.verify(configuration);
    assert.deepEqual(faultsOf(proof), {});
    assert.equal(proof.links.length, configuration.links.length);
    // A socket for each node; of two ends five frames each, of more two again for their hub.
    assert.equal(proof.probes.sockets, 5);
    assert.ok(proof.probes.sent <= 7 * proof.links.length, JSON.stringify(proof.probes));
    for (const one of proof.links) {
      assert.equal(one.mtuBytes, 1500, one.link);
      assert.ok((one.latencyNs.out ?? 0) > 0 && (one.latencyNs.in ?? 0) > 0, one.link);
    }
  });

  for (const { name, make, undo, wrong, says } of FAULTS) {
    it(name, async () => {
      try {
        await make();
        const proof = await lab.verify(configuration);
        const faults = proof.links.filter(({ state }) => state !== 'ok');
        assert.deepEqual(faultsOf(proof), wrong, JSON.stringify(faults, null, 1));
        assert.match(proofOf(proof, says[0]).message ?? '', says[1]);
        assert.ok(faults.every(({ hint }) => hint !== null));
      } finally {
        await undo?.();
        assert.deepEqual((await lab.up(configuration)).failures, []);
      }
      assert.deepEqual(faultsOf(await lab.verify(configuration)), {});
    });
  }
});
