/** Hosts that go and come back, and records that are written, are told to whoever follows a lab. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downOnHosts } from '../../../src/hosts/verbs/down.ts';
import { followHosts } from '../../../src/hosts/verbs/events.ts';
import { FakeHosts, labOf } from '../../support/cluster/fake-hosts.ts';
import { until } from '../../support/cluster/server.ts';

test('each change is told once, of the hosts of the lab alone, and nothing of what was before', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const wires = [['a1', 'b1']] as const;
  const on = { h1: { nodes: ['a*'] }, h2: { nodes: ['b*'] } };
  const { record, identity } = await hosts.up(labOf('x', wires, on));
  const told: string[] = [];
  const end = new AbortController();
  const following = followHosts(
    hosts.store,
    'x',
    (event, host) => told.push(`${host} ${event.type} ${event.type === 'revision' ? event.revision : event.host}`),
    end.signal,
  );
  await until('it follows', () => hosts.server.followers.size === 2);
  await hosts.lose('h2');
  await hosts.lose('h3');
  await hosts.live('h2');
  await hosts.live('h2');
  const [one] = wires;
  const next = await hosts.up(labOf('x', [one, ['a2', 'b2']], on));
  await hosts.up(labOf('other', wires, on));
  await downOnHosts('x', 0, hosts.io);
  await until('the end of the lab is told', () => told.length === 4);
  await hosts.lose('h1');
  end.abort();
  await following;
  assert.ok(next.identity.revision > identity.revision);
  assert.equal(record.deleted, false);
  const last = (await hosts.taken('x')).identity.revision;
  assert.deepEqual(told, [
    'h2 host-lost h2',
    'h2 host-back h2',
    `null revision ${next.identity.revision}`,
    `null revision ${last}`,
    'h1 host-lost h1',
  ]);
});
