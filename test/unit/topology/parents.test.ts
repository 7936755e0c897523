import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import { placedParent } from '../../../src/topology/links.ts';
import { checkParents } from '../../../src/topology/parents.ts';
import type { LinkSpec } from '../../../src/topology/topology.ts';
import type { Wish } from '../../support/model/link-specs.ts';
import { link, netns, replica, service, topology } from './specs.ts';

/** Specs of links on a parent, one node each. */
function links(...specs: readonly Wish[]): LinkSpec[] {
  return specs.map((more, index) =>
    link(netns(`n${index}`), { base: 'host', outerDev: 'p0', mtuBytes: null, ...more }),
  );
}

function found(specs: readonly LinkSpec[]): string[] {
  const { network } = instantiate(topology(specs), { containers: [], netns: 'all', host: 'pid/1' }, null);
  return checkParents(network).map(({ severity, message, hint }) => `${severity}: ${message} (${hint})`);
}

test('parents are in the host’s namespace, or with base local in the node’s', () => {
  const specs = links({ type: 'macvlan' }, { type: 'macvlan', base: 'local' }, { type: 'dummy' });
  const { network } = instantiate(topology(specs), { containers: [], netns: 'all', host: 'pid/1' }, null);
  assert.deepEqual(network.links.map(placedParent), [
    { ns: 'pid/1' satisfies NsId, dev: 'p0' },
    { ns: 'netns/n1', dev: 'p0' },
    null,
  ]);
});

test('what has its parent’s MAC is given none', () => {
  const specs = links(
    { type: 'ipvlan' },
    { type: 'ipvtap' },
    { type: 'macvlan', mode: 'passthru' },
    { type: 'vlan', vlanId: 5 },
  );
  const { network } = instantiate(topology(specs), { containers: [], netns: 'all', host: 'self' }, null);
  assert.deepEqual(
    network.links.map(({ mac }) => mac !== null),
    [false, false, false, true],
  );
});

test('one VLAN of a parent serves one link, replicas included', () => {
  const vlan = { type: 'vlan', vlanId: 5 } as const;
  assert.deepEqual(found(links(vlan, { ...vlan, outerDev: 'p1' }, { ...vlan, vlanId: 6 })), []);
  assert.deepEqual(found(links(vlan, vlan)), [
    'error: n1:eth0 wants VLAN 5 of p0, which n0:eth0 has (give one of them another vlanid)',
  ]);
  const spec = link(service('s'), { ...vlan, base: 'host', outerDev: 'p0' });
  const containers = [replica('s', 1), replica('s', 2)];
  const { network } = instantiate(topology([spec]), { containers, netns: 'all', host: 'self' }, null);
  assert.match(checkParents(network)[0]?.hint ?? '', /vlanid does not count up with the replicas/);
});

test('macvlan and ipvlan exclude each other on a parent, vlan and either do not', () => {
  const ip = { type: 'ipvtap', mode: 'l2' } as const;
  assert.deepEqual(found(links({ type: 'macvlan' }, { ...ip, outerDev: 'p1' }, { type: 'vlan', vlanId: 5 })), []);
  assert.deepEqual(found(links({ type: 'macvlan' }, ip)), [
    'error: n1:eth0 is ipvtap and n0:eth0 is macvlan, both on p0: the kernel allows one of the two (use the same type for all links on a parent)',
  ]);
});

test('ipvlan links on a parent share a mode', () => {
  assert.deepEqual(found(links({ type: 'ipvlan', mode: 'l3' }, { type: 'ipvlan' })), []);
  assert.deepEqual(found(links({ type: 'ipvlan', mode: 'l2' }, { type: 'ipvtap' })), [
    'error: n1:eth0 has mode l3 and n0:eth0 mode l2, but all ipvlan links on p0 share one (give them the same mode)',
  ]);
});

test('passthru takes a parent whole', () => {
  assert.deepEqual(found(links({ type: 'macvlan', mode: 'passthru' })), []);
  assert.deepEqual(found(links({ type: 'macvtap', mode: 'bridge' }, { type: 'macvlan', mode: 'passthru' })), [
    'error: n1:eth0 takes p0 whole (mode passthru), but n0:eth0 is on it too (use mode bridge to share a parent)',
  ]);
});

test('a link is not its own parent, neither at once nor over others', () => {
  const on = (dev: string, outerDev: string): LinkSpec =>
    link(netns('n'), { type: 'macvlan', base: 'local', dev, outerDev });
  assert.deepEqual(found([on('a', 'b'), on('b', 'c')]), []);
  assert.deepEqual(found([on('a', 'a')]), ['error: n:a is its own parent (name the device below it as outer-dev)']);
  assert.deepEqual(found([on('a', 'b'), on('b', 'c'), on('c', 'a'), on('d', 'a')]), [
    'error: n:a is, over others, its own parent (name the device below it as outer-dev)',
  ]);
});
