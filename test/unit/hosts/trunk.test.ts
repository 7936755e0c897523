/** Which hosts have a trunk stands in the record, so that both ends of a wire agree; it changes by `up` alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recorded } from '../../../src/cluster/records.ts';
import { FakeHosts, labOf } from '../../support/cluster/fake-hosts.ts';

const lab = (more: object = {}) =>
  labOf('x', [['a1', 'b1']], { h1: { nodes: ['a*'] }, h2: { nodes: ['b*'], ...more } });

const trunks = ({ record }: Recorded) =>
  Object.entries(record.hosts).flatMap(([host, { trunk }]) => (trunk === true ? [host] : []));

test('the record says which hosts have a trunk, by what they tell, and keeps it for one that does not speak', async () => {
  using hosts = new FakeHosts();
  await hosts.live('h1', ['trunk', 'vxlan']);
  await hosts.live('h2', ['vxlan']);
  assert.deepEqual(trunks(await hosts.up(lab())), ['h1']);
  assert.equal((await hosts.plan(lab())).isSame, true);
  // A host that can do more: nothing changes until somebody runs `up`.
  await hosts.live('h2', ['trunk', 'vxlan']);
  assert.deepEqual(trunks(await hosts.taken('x')), ['h1']);
  assert.equal((await hosts.plan(lab())).isSame, false);
  assert.deepEqual(trunks(await hosts.up(lab())), ['h1', 'h2']);
  await hosts.lose('h2');
  assert.deepEqual(trunks(await hosts.up(lab())), ['h1', 'h2']);
  await hosts.live('h1', ['vxlan']);
  assert.deepEqual(trunks(await hosts.up(lab())), ['h2']);
});

test('a host whose own tunnels have the port of trunks has none', async () => {
  using hosts = new FakeHosts();
  for (const name of ['h1', 'h2']) await hosts.live(name, ['trunk', 'vxlan']);
  const file = {
    ...lab({ port: 8473 }),
    hosts: { h1: { nodes: ['a*'], port: 8473 }, h2: { nodes: ['b*'], port: 8473 } },
  };
  assert.deepEqual(trunks(await hosts.up(file)), []);
});
