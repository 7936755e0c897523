import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { instantiate } from '../../../src/topology/instantiate.ts';
import { findClashes, outerNamer } from '../../../src/topology/names.ts';
import type { Container, Node, Topology, TunnelSpec } from '../../../src/topology/topology.ts';
import { bridge, container, link, netns, replica, runningContainer, service, topology } from './specs.ts';

const ID = '0123456789abcdef'.repeat(4);

function containerNode(name: string, index = 1): Node {
  return { kind: 'container', name, ns: 'pid/1', id: ID, service: 'node', index };
}

function clashes(wanted: Topology, containers: readonly Container[] = []): string[] {
  const { network } = instantiate(wanted, { containers, netns: 'all', host: 'self' }, null);
  return findClashes(network).map((found) => found.message);
}

test('the long form where it fits, else a hash', () => {
  const outerName = outerNamer();
  const hash = createHash('sha256').update('n'.repeat(20)).digest('hex').slice(0, 8);
  const long: Node = { kind: 'netns', name: 'n'.repeat(20), ns: 'netns/x', id: null, service: null, index: 1 };
  const node = containerNode('proj_node_12', 12);
  assert.equal(outerName(service('node'), node, 'eth0'), 'node_12-eth0');
  assert.equal(outerName(service('node'), node, 'eth0.10'), 'node_12-eth0.10');
  assert.match(outerName(service('node'), node, 'eth0.100'), /^c01234567-[a-z2-7]{5}$/);
  assert.equal(outerName(container('router-of-all'), containerNode('router-of-all'), 'eth0'), 'c01234567-eth0');
  assert.equal(outerName(container('router-of-all'), containerNode('router-of-all'), 'eth10'), 'c01234567-eth10');
  assert.equal(outerName(netns(long.name), long, 'eth0'), `c${hash}-eth0`);
  // Five characters, but six bytes.
  assert.match(outerName(netns(long.name), long, 'é234'), /^c[0-9a-f]{8}-é234$/);
  assert.match(outerName(netns(long.name), long, 'é2345'), /^c[0-9a-f]{8}-[a-z2-7]{5}$/);
});

test('base32 is that of RFC 4648', () => {
  const digest = createHash('sha256').update('interface0').digest();
  const bits = BigInt(`0x${digest.toString('hex')}`)
    .toString(2)
    .padStart(256, '0')
    .slice(0, 25);
  const expected = (bits.match(/.{5}/g) ?? []).map(
    (five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five, 2)],
  );
  assert.equal(
    outerNamer()(container('some-name'), containerNode('some-name'), 'interface0'),
    `c01234567-${expected.join('')}`,
  );
});

test('clashes are found before the kernel is touched', () => {
  const twice = topology([link(netns('n0')), link(netns('n0'), { bridge: 'b1' })]);
  assert.equal(clashes(twice)[0], 'n0:eth0 is asked for twice');

  const fixed = topology([link(service('web'), { outerDev: 'fixed' })]);
  assert.deepEqual(clashes(fixed, [replica('web', 1), replica('web', 2)]), [
    'the outer end of p_web_2:eth0 would be fixed, the name of the outer end of p_web_1:eth0',
  ]);
  assert.deepEqual(clashes(fixed, [replica('web', 1)]), []);

  const likeBridge = topology([link(netns('n0'), { bridge: 'n0-eth0' })]);
  assert.deepEqual(clashes(likeBridge), ['the outer end of n0:eth0 would be n0-eth0, the name of bridge n0-eth0']);
  assert.deepEqual(clashes({ ...likeBridge, bridges: [bridge('n0-eth0', 'patch')] }), []);

  const parents = topology([
    link(netns('n0'), { type: 'macvlan', outerDev: 'ens3' }),
    link(netns('n1'), { type: 'macvlan', outerDev: 'ens3' }),
  ]);
  assert.deepEqual(clashes(parents), []);

  const both = topology([link(container('p_web_1')), link(service('web'))]);
  assert.deepEqual(clashes(both, [replica('web', 1)]), ['p_web_1:eth0 is asked for twice']);

  const named = topology([link(container('x'))]);
  const [message] = clashes(named, [runningContainer('x', 1), runningContainer('x', 2)]);
  assert.equal(message, 'two running containers are called x: 00000001ffff and 00000002ffff');
});

test('tunnels have names too', () => {
  const tunnel: TunnelSpec = {
    ...{ type: 'vxlan', bridge: 'b0', remote: '192.0.2.1', vni: 5, netem: null, netemText: [], extra: {} },
    where: () => ({ file: 'net.yaml', line: 3, column: 5, endLine: 3, endColumn: 9 }),
  };
  const wanted = topology([link(netns('n0'), { outerDev: 'vxlan-5' })], { tunnels: [tunnel, tunnel] });
  const { network } = instantiate(wanted, { containers: [], netns: 'all', host: 'self' }, null);
  assert.deepEqual(findClashes(network), [
    {
      code: 'device-clash',
      severity: 'error',
      message: 'the tunnel vxlan-5 has the name of tunnel vxlan-5',
      where: { file: 'net.yaml', line: 3, column: 5, endLine: 3, endColumn: 9 },
    },
    {
      code: 'device-clash',
      severity: 'error',
      message: 'the outer end of n0:eth0 would be vxlan-5, the name of tunnel vxlan-5',
      hint: 'choose another outer-dev',
    },
  ]);
});
