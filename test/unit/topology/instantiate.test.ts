import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToMac, autoMac } from '../../../src/net/mac.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import { outerDevOf } from '../../../src/topology/links.ts';
import type { Container, ProjectFilter, Topology } from '../../../src/topology/topology.ts';
import { bridge, container, link, netns, replica, runningContainer, service, topology } from './specs.ts';

function instantiated(wanted: Topology, containers: readonly Container[] = [], filter: ProjectFilter | null = null) {
  return instantiate(wanted, { containers, netns: 'all', host: 'self' }, filter);
}

function idsOf(wanted: Topology, containers: readonly Container[], filter: ProjectFilter | null = null): string[] {
  return instantiated(wanted, containers, filter).network.links.map((each) => each.id);
}

test('a namespace is always there, once, whatever it is named for', () => {
  const command = { selector: netns('n1'), command: 'true', extra: {}, where: () => undefined };
  const { network } = instantiated(
    topology([link(netns('n0')), link(netns('n0'), { dev: 'eth1' })], { commands: [command] }),
  );
  assert.deepEqual(
    network.nodes.map((node) => node.ns),
    ['netns/n0', 'netns/n1'],
  );
  assert.deepEqual(network.nodes[0], { kind: 'netns', name: 'n0', ns: 'netns/n0', id: null, service: null, index: 1 });
  assert.equal(network.links[0]?.node, network.links[1]?.node);
  assert.deepEqual(network.pending, []);
});

test('services match by label within the project, containers by name anywhere', () => {
  const wanted = topology([link(service('web')), link(container('p_web_1'), { dev: 'eth1' })]);
  const containers = [
    replica('web', 2, { workingDir: '/w' }),
    replica('web', 1, { workingDir: '/w' }),
    runningContainer('q_web_1', 7, { service: 'web', project: 'q', workingDir: '/q' }),
    runningContainer('other', 8),
  ];
  assert.deepEqual(idsOf(wanted, containers), ['p_web_1:eth0', 'q_web_1:eth0', 'p_web_2:eth0', 'p_web_1:eth1']);
  const own = ['p_web_1:eth0', 'p_web_2:eth0', 'p_web_1:eth1'];
  assert.deepEqual(idsOf(wanted, containers, { project: 'p', workingDir: null }), own);
  assert.deepEqual(idsOf(wanted, containers, { project: null, workingDir: '/w' }), own);
  assert.deepEqual(idsOf(wanted, containers, { project: 'p', workingDir: '/q' }), ['p_web_1:eth1']);
});

test('what does not run yet is pending, with its links', () => {
  const wanted = topology([
    link(service('web')),
    link(service('web'), { dev: 'eth1' }),
    link(container('db')),
    link(netns('n0')),
  ]);
  assert.deepEqual(instantiated(wanted, [runningContainer('db', 5)]).network.pending, [
    { selector: service('web'), links: wanted.links.slice(0, 2) },
  ]);
});

test('replicas of a service count up; a container link never does', () => {
  const spec = {
    addresses: ['10.0.1.1/16', 'fd00::1/64'],
    mac: '00:0a:0b:0c:0d:ff',
    forwards: [{ outerPort: 80, innerPort: 80, protocol: 'tcp' as const }],
  };
  const wanted = topology([link(service('web'), spec), link(container('p_web_3'), { ...spec, dev: 'eth1' })]);
  const links = instantiated(
    wanted,
    [1, 2, 3].map((index) => replica('web', index)),
  ).network.links;
  assert.deepEqual(
    links.map(({ id, addresses, mac, forwards }) => [
      id,
      ...addresses,
      mac,
      forwards[0]?.outerPort,
      forwards[0]?.innerPort,
    ]),
    [
      ['p_web_1:eth0', '10.0.1.1/16', 'fd00::1/64', '00:0a:0b:0c:0d:ff', 80, 80],
      ['p_web_2:eth0', '10.0.1.2/16', 'fd00::2/64', '00:0a:0b:0c:0e:00', 81, 80],
      ['p_web_3:eth0', '10.0.1.3/16', 'fd00::3/64', '00:0a:0b:0c:0e:01', 82, 80],
      ['p_web_3:eth1', '10.0.1.1/16', 'fd00::1/64', '00:0a:0b:0c:0d:ff', 80, 80],
    ],
  );
});

test('chosen MACs: of the service for replicas, of the node otherwise, none for ipvlan', () => {
  const wanted = topology([
    link(service('web')),
    link(netns('n0')),
    link(netns('n0'), { dev: 'ip0', type: 'ipvlan', outerDev: 'ens3' }),
    link(netns('n0'), { dev: 'ip1', type: 'ipvtap', outerDev: 'ens3' }),
  ]);
  const macs = instantiated(wanted, [replica('web', 1), replica('web', 2)]).network.links.map((each) => each.mac);
  const web = autoMac('lab', 'web', 'eth0');
  assert.deepEqual(macs, [web, addToMac(web, 1), autoMac('lab', 'n0', 'eth0'), null, null]);
});

test('leaving the prefix warns once per link, wrapping refuses it', () => {
  const leaving = instantiated(
    topology([link(service('web'), { addresses: ['10.0.0.254/24'] })]),
    [1, 2, 3, 4].map((index) => replica('web', index)),
  );
  assert.deepEqual(leaving.diagnostics, [
    {
      code: 'replica-outside-subnet',
      severity: 'warning',
      message: 'web:eth0, from replica 3 on: address 10.0.0.254/24 plus 2 is 10.0.1.0/24, outside its own subnet',
      hint: 'use a shorter prefix, or run fewer replicas',
    },
  ]);
  assert.equal(leaving.network.links.length, 4);
  const single = instantiated(topology([link(service('web'), { addresses: ['10.0.0.1/32'] })]), [replica('web', 9)]);
  assert.deepEqual(single.diagnostics, []);

  const wraps: readonly (readonly [Parameters<typeof link>[1], RegExp])[] = [
    [{ addresses: ['255.255.255.255/32'] }, /address 255\.255\.255\.255\/32 plus 1 is past the last address/],
    [{ mac: 'ff:ff:ff:ff:ff:ff' }, /MAC ff:ff:ff:ff:ff:ff plus 1 is past/],
    [{ forwards: [{ outerPort: 65535, innerPort: 80, protocol: 'tcp' }] }, /port 65535 plus 1 is past 65535/],
  ];
  for (const [spec, fault] of wraps) {
    const replicas = [replica('web', 1), replica('web', 2)];
    const { network, diagnostics } = instantiated(topology([link(service('web'), spec)]), replicas);
    assert.deepEqual(diagnostics, []);
    assert.equal(network.links.length, 2);
    const [first, second] = network.links;
    assert.ok(first && second && !network.refused.has(first), 'the first one can be');
    assert.match(network.refused.get(second)?.message ?? '', fault);
  }
});

test('NODE has its kind before it only where a namespace shares the name', () => {
  const wanted = topology([
    link(netns('a')),
    link(container('a'), { dev: 'eth1' }),
    link(netns('web')),
    link(service('web')),
  ]);
  assert.deepEqual(idsOf(wanted, [runningContainer('a', 5), replica('web', 1)]), [
    'netns/a:eth0',
    'container/a:eth1',
    'netns/web:eth0',
    'p_web_1:eth0',
  ]);
});

test('outer ends are those of veths with ports, as given or computed; a parent is none', () => {
  const specs = [
    link(netns('n0')),
    link(netns('n0'), { dev: 'eth1', outerDev: 'mine' }),
    link(netns('n0'), { dev: 'eth2', bridge: 'wire' }),
    link(netns('n0'), { dev: 'eth3', type: 'dummy' }),
    link(netns('n0'), { dev: 'eth4', type: 'macvlan', outerDev: 'ens3' }),
  ];
  const wanted = topology(specs, { bridges: [bridge('b0'), bridge('wire', 'direct')] });
  assert.deepEqual(instantiated(wanted).network.links.map(outerDevOf), ['n0-eth0', 'mine', null, null, null]);
});
