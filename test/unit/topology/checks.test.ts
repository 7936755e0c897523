import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork } from '../../../src/topology/checks.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import type { LinkSpec, Topology } from '../../../src/topology/topology.ts';
import type { Wish } from '../../support/model/link-specs.ts';
import { bridge, link, netns, topology } from './specs.ts';

function found(wanted: Topology): string[] {
  const { network } = instantiate(wanted, { containers: [], netns: 'all', host: 'self' }, null);
  return checkNetwork(network).map(({ severity, message }) => `${severity}: ${message}`);
}

function nodes(count: number, more: (i: number) => Wish): LinkSpec[] {
  return Array.from({ length: count }, (_, i) => link(netns(`n${i}`), more(i)));
}

test('a sound network has nothing said of it', () => {
  assert.deepEqual(found(topology(nodes(3, (i) => ({ addresses: [`10.0.0.${i + 1}/24`, `fd00::${i + 1}/64`] })))), []);
});

test('clashes of names come with the rest', () => {
  const [once] = nodes(1, () => ({}));
  assert.ok(once);
  assert.equal(found(topology([once, once]))[0], 'error: n0:eth0 is asked for twice');
});

test('the same address or MAC twice in one broadcast domain, and only there', () => {
  const same = nodes(2, () => ({ addresses: ['10.0.0.1/24'], mac: 'c2:00:00:00:00:01' }));
  assert.deepEqual(found(topology(same)), [
    'warning: n1:eth0 has the address 10.0.0.1 of n0:eth0, on the same bridge b0',
    'warning: n1:eth0 has the MAC c2:00:00:00:00:01 of n0:eth0, on the same bridge b0',
  ]);
  const apart = nodes(2, (i) => ({ addresses: ['10.0.0.1/24'], mac: 'c2:00:00:00:00:01', bridge: `b${i}` }));
  assert.deepEqual(found(topology(apart)), []);
});

test('overlapping subnets on one node', () => {
  const node = (...prefixes: readonly (readonly string[])[]): Topology =>
    topology(prefixes.map((addresses, i) => link(netns('n0'), { dev: `eth${i}`, bridge: `b${i}`, addresses })));
  assert.deepEqual(found(node(['10.0.0.1/8'], ['10.9.0.1/24'], ['11.0.0.1/8'])), [
    'warning: n0:eth0 (10.0.0.1/8) and n0:eth1 (10.9.0.1/24) overlap: the node would send through one of them only',
  ]);
  assert.equal(found(node(['10.0.0.1/8'], ['10.1.0.1/24'], ['10.2.0.1/24'])).length, 2);
  assert.equal(found(node(['fd00::1/64'], ['fd00::2/64'])).length, 1);
  assert.deepEqual(found(node(['10.0.0.1/24', '10.0.0.2/24'])), []);
  assert.deepEqual(found(node(['10.0.0.1/24'], ['10.0.0.9/32'])), []);
  assert.deepEqual(found(node(['fe80::1/64'], ['fe80::2/64'])), []);
  assert.deepEqual(found(node(['0.0.0.1/0'], ['::1/0'])), []);
  assert.deepEqual(found(node(['10.0.0.1/25'], ['10.0.0.129/25'])), []);
});

test('a Linux bridge holds 1,023 ports', () => {
  const ports = (count: number): Topology => topology(nodes(count, () => ({})));
  assert.deepEqual(found(ports(1023)), []);
  assert.deepEqual(found(ports(1024)), [
    'error: bridge b0 would have 1024 ports, but a Linux bridge holds 1023 (BR_MAX_PORTS)',
  ]);
  assert.deepEqual(found({ ...ports(1024), bridges: [bridge('b0', 'ovs')] }), []);
});

test('a wire has two ends', () => {
  for (const mode of ['patch', 'direct'] as const) {
    const wire = (count: number): Topology => ({
      ...topology(nodes(count, () => ({}))),
      bridges: [bridge('b0', mode)],
    });
    assert.deepEqual(found(wire(2)), []);
    assert.deepEqual(found(wire(3)), [
      `error: bridge b0 is ${mode}, a wire of two ends (n0:eth0 and n1:eth0), but has 3`,
    ]);
  }
});

test('multicast MACs and impossible bridge names', () => {
  const [multicast] = nodes(1, () => ({ mac: '01:00:5e:00:00:01', bridge: 'a bridge' }));
  assert.ok(multicast);
  const wanted = topology([multicast]);
  assert.deepEqual(found(wanted), [
    'error: the bridge name "a bridge" contains " ": a device name has no "/", ":", "%" or white space',
    'error: n0:eth0 has the multicast MAC 01:00:5e:00:00:01, which no device can have',
  ]);
  assert.equal(found({ ...wanted, bridges: [bridge('a bridge', 'patch')] }).length, 1);
});

test('a port that is forwarded twice, as replicas do that start too close', () => {
  const forward = (outerPort: number, protocol: 'tcp' | 'udp' = 'tcp') => ({ outerPort, innerPort: 80, protocol });
  const own = (i: number) => ({ addresses: [`10.0.0.${i + 1}/24`] });
  const apart = nodes(2, (i) => ({ ...own(i), forwards: [forward(80 + i), forward(80 + i, 'udp')] }));
  assert.deepEqual(found(topology(apart)), []);
  const same = nodes(2, (i) => ({ ...own(i), forwards: [forward(80), forward(81 + i)] }));
  assert.deepEqual(found(topology(same)), ['warning: n1:eth0: port 80/tcp is forwarded to n0:eth0 port 80 already']);
});
