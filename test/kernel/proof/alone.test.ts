/** A fault alone among 1,000 good links: `verify` names the ends that it has, and no other. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { generate } from '../../../src/topology/shapes/generate.ts';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { openNetns } from '../../support/netns.ts';
import { dropAll, redirectAll } from '../../support/proof/break.ts';
import { faultsOf, proofOf } from '../../support/proof/read.ts';

interface Fault {
  readonly name: string;
  readonly make: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
  readonly wrong: Readonly<Record<string, string>>;
  /** Of one of them: what the message says. */
  readonly says: readonly [link: string, message: RegExp];
}

const PARENT = 'alone0';

describe('a fault among 1,000 good links', {
  timeout: 240_000,
  ...needs('root', 'program:ip', 'program:tc', 'program:nft'),
}, () => {
  const lab = testLab('netns', 'g');
  const { switches } = lab;
  const ring = generate('circulant', { nodes: 100, links: 10 });
  const on = (letter: string, bridge: string) => ({ netns: lab.node(letter).name, dev: 'eth0', bridge, mtu: 1500 });
  const child = (letter: string) => ({
    ...{ netns: lab.node(letter).name, dev: 'm0', type: 'macvlan', mode: 'bridge', 'outer-dev': PARENT, mtu: 1500 },
  });
  const configuration = {
    bridges: [...(ring.bridges ?? []), { bridge: 'one', mode: 'linux' }, { bridge: 'two', mode: 'linux' }],
    links: [
      ...ring.links.map((link) => ({ ...link, netns: `${lab.name}${link.netns}`, mtu: 1500 })),
      ...[on('a', 'one'), on('b', 'one'), on('c', 'two'), on('d', 'two')],
      ...['a', 'b', 'c'].map(child),
    ],
  };
  // A wire in the middle of the others.
  const [near, far] = ring.links.filter(({ bridge }) => bridge === ring.links[500]?.bridge).map(endOf);
  assert.ok(near !== undefined && far !== undefined);

  function endOf({ netns = '', dev }: (typeof ring.links)[number]) {
    return { id: `${netns}:${dev}`, node: openNetns(`${lab.name}${netns}`), dev };
  }
  const ports: Record<string, string> = {};
  const portOf = (letter: string): string => ports[`${lab.node(letter).name}:eth0`] ?? '';
  const inSwitches = (...words: readonly string[]) => switches.exec('ip', 'link', 'set', ...words);
  const plug = (letter: string, bridge: string) => inSwitches(portOf(letter), 'master', bridge);
  const macvlan = (mode: string) => lab.node('b').exec('ip', 'link', 'set', 'm0', 'type', 'macvlan', 'mode', mode);
  const oneWay = { [near.id]: 'one-way', [far.id]: 'one-way' };

  const FAULTS: readonly Fault[] = [
    {
      name: 'two swapped links',
      make: () => Promise.all([plug('b', 'two'), plug('d', 'one')]),
      mend: () => Promise.all([plug('b', 'one'), plug('d', 'two')]),
      wrong: { 'a:eth0': 'miswired', 'b:eth0': 'miswired', 'c:eth0': 'miswired', 'd:eth0': 'miswired' },
      says: ['b:eth0', /probes of \S+c:eth0 arrive here/],
    },
    {
      name: 'a port in another bridge',
      make: () => plug('b', 'two'),
      mend: () => plug('b', 'one'),
      wrong: { 'a:eth0': 'nothing', 'b:eth0': 'miswired' },
      says: ['b:eth0', /is in bridge two, not in one/],
    },
    {
      name: 'a peer that is down',
      make: () => far.node.exec('ip', 'link', 'set', far.dev, 'down'),
      mend: () => far.node.exec('ip', 'link', 'set', far.dev, 'up'),
      wrong: { [near.id]: 'nothing', [far.id]: 'down' },
      says: [near.id, /its device \S+ is down/],
    },
    {
      name: 'a smaller MTU in the middle',
      make: () => inSwitches(portOf('b'), 'mtu', '1400'),
      mend: () => inSwitches(portOf('b'), 'mtu', '1500'),
      wrong: { 'a:eth0': 'mtu', 'b:eth0': 'mtu' },
      says: ['a:eth0', /the port \S+ of \S+b:eth0 has MTU 1400/],
    },
    {
      name: 'a redirection by tc, one way',
      make: () => redirectAll(near.node, near.dev, 'lo'),
      mend: () => near.node.exec('tc', 'qdisc', 'del', 'dev', near.dev, 'ingress'),
      wrong: oneWay,
      says: [far.id, /what it sends does not arrive/],
    },
    {
      name: 'a rule of nft that drops, family netdev',
      make: () => dropAll(near.node, 'netdev', `ingress device "${near.dev}"`),
      mend: () => near.node.exec('nft', 'flush', 'ruleset'),
      wrong: oneWay,
      says: [near.id, /nothing arrives from/],
    },
    {
      name: 'a rule of nft that drops, family bridge',
      make: () => dropAll(switches, 'bridge', 'forward', `iifname "${portOf('a')}"`),
      mend: () => switches.exec('nft', 'flush', 'ruleset'),
      wrong: { 'a:eth0': 'one-way', 'b:eth0': 'one-way' },
      says: ['b:eth0', /nothing arrives from \S+a:eth0, while what it sends arrives there/],
    },
    {
      name: 'a macvlan in private mode where bridge was asked for',
      make: () => macvlan('private'),
      mend: () => macvlan('bridge'),
      wrong: { 'b:m0': 'nothing' },
      says: ['b:m0', /mode is private where bridge was asked for/],
    },
  ];

  before(async () => {
    await execa('ip', ['link', 'add', PARENT, 'type', 'veth', 'peer', 'name', `${PARENT}p`]);
    for (const dev of [PARENT, `${PARENT}p`]) await execa('ip', ['link', 'set', dev, 'up']);
    assert.deepEqual((await lab.up(configuration)).failures, []);
    for (const { link, port } of (await lab.status(configuration)).links) ports[link] = port?.dev ?? '';
  });
  after(async () => {
    await lab.down();
    await execa('ip', ['link', 'del', PARENT], { reject: false });
  });

  it('is not seen where there is none', async () => {
    const proof = await lab.verify(configuration);
    assert.deepEqual([proof.links.length, faultsOf(proof)], [1007, {}]);
    assert.equal(proof.probes.sockets, 104);
    // Five frames of each of two ends; of more, two again at most.
    assert.ok(proof.probes.sent >= 5 * 1004 && proof.probes.sent <= 5 * 1004 + 7 * 3, JSON.stringify(proof.probes));
  });

  for (const { name, make, mend, wrong, says } of FAULTS) {
    it(name, async () => {
      await make();
      try {
        const proof = await lab.verify(configuration);
        assert.deepEqual(faultsOf(proof), wrong);
        assert.match(proofOf(proof, says[0]).message ?? '', says[1]);
      } finally {
        await mend();
      }
      assert.deepEqual(faultsOf(await lab.verify(configuration)), {});
    });
  }
});
