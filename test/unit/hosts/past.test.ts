/** What a record goes on from: numbers that a host may still have are never given to another wire, whatever has become of the store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recorded } from '../../../src/cluster/records.ts';
import { LinkloomError } from '../../../src/errors.ts';
import { downOnHosts } from '../../../src/hosts/verbs/down.ts';
import { evictHost } from '../../../src/hosts/verbs/evict.ts';
import { blockOf } from '../../../src/spread/vni.ts';
import { FakeHosts, labOf } from '../../support/cluster/fake-hosts.ts';

/** All wires between a… and b… cross. */
const APART = { h1: { nodes: ['a*'] }, h2: { nodes: ['b*'] } };
const WIRES = [
  ['a1', 'b1'],
  ['a2', 'b2'],
  ['a3', 'b3'],
] as const;

const vnis = ({ record }: Recorded): readonly number[] => Object.values(record.vni).sort();

test('the store was wiped and the file has changed: wires keep their numbers, a new one gets none that a host has', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const before = await hosts.up(labOf('x', WIRES, APART));
  hosts.server.wipe();
  await hosts.allLive();
  const wires = [['a0', 'b0'], ...WIRES.slice(1)] as (readonly [string, string])[];
  const { record } = await hosts.up(labOf('x', wires, APART));
  for (const [domain, vni] of Object.entries(record.vni)) {
    const old = before.record.vni[domain];
    if (old === undefined) assert.ok(!vnis(before).includes(vni), `${domain} has ${vni}`);
    else assert.equal(vni, old);
  }
  assert.deepEqual(record.block, before.record.block);
  assert.deepEqual(Object.values(record.retired), [0]);
});

test('the store was wiped: labs that come back in another order keep their blocks', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const files = [labOf('x', WIRES, APART), labOf('y', WIRES, APART)];
  const before = [await hosts.up(files[0] as object), await hosts.up(files[1] as object)];
  hosts.server.wipe();
  await hosts.allLive();
  const after = [await hosts.up(files[1] as object), await hosts.up(files[0] as object)];
  assert.deepEqual(after.reverse().map(vnis), before.map(vnis));
});

test('the store was wiped and the agents were begun anew: no block of which a kernel has tunnels is given', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  hosts.blocks.set('h2', [1, 2]).set('h3', [4]);
  const first = await hosts.up(labOf('x', WIRES, APART));
  const second = await hosts.up(labOf('y', WIRES, APART));
  assert.deepEqual(
    [first, second].map(({ record }) => record.block),
    [[3], [5]],
  );
});

test('the store was wiped and one agent is back: nodes of the others stay theirs', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const file = labOf('x', WIRES, {});
  const before = await hosts.up(file);
  hosts.server.wipe();
  await hosts.live('h3');
  const after = await hosts.up(file);
  assert.deepEqual(after.record.place, before.record.place);
  assert.deepEqual(after.record.hosts, before.record.hosts);
});

test('the newest record that is known counts', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  await hosts.up(labOf('x', WIRES.slice(0, 1), APART));
  await hosts.lose('h1');
  const newest = await hosts.up(labOf('x', WIRES, APART));
  hosts.server.wipe();
  await hosts.allLive();
  assert.deepEqual(vnis(await hosts.up(labOf('x', WIRES, APART))), vnis(newest));
});

test('the store was wiped: down takes away what the agents know', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  await hosts.up(labOf('x', WIRES, APART));
  hosts.server.wipe();
  await hosts.allLive();
  assert.equal((await downOnHosts('x', 0, hosts.io))?.isWritten, true);
  const { record } = await hosts.taken('x');
  assert.ok(record.deleted);
  assert.deepEqual(Object.keys(record.hosts), ['h1', 'h2']);
  assert.equal(await downOnHosts('never', 0, hosts.io), null);
});

test('a lab that is brought up again shares no block with one that came meanwhile', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  await hosts.up(labOf('x', WIRES, APART));
  await downOnHosts('x', 0, hosts.io);
  await hosts.taken('x');
  await downOnHosts('x', 0, hosts.io);
  const other = await hosts.up(labOf('y', WIRES, APART));
  const again = await hosts.up(labOf('x', WIRES, APART));
  assert.deepEqual(other.record.block, [1], 'the block was given back');
  assert.deepEqual(
    vnis(again).filter((vni) => other.record.block.includes(blockOf(vni))),
    [],
  );
});

test('while a host may still have a part of a lab that was taken away its block is kept, and is not used again', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  await hosts.up(labOf('x', WIRES, APART));
  await hosts.lose('h2');
  await downOnHosts('x', 0, hosts.io);
  await hosts.taken('x');
  const again = await hosts.up(labOf('x', WIRES, { h1: { nodes: ['a*'] }, h3: { nodes: ['b*'] } }));
  const other = await hosts.up(labOf('y', WIRES, { h1: { nodes: ['a*'] }, h3: { nodes: ['b*'] } }));
  assert.deepEqual(
    [again, other].map(({ record }) => record.block),
    [[2], [3]],
  );
});

test('plan writes nothing, and says what up will write', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const file = labOf('x', WIRES, APART);
  const planned = await hosts.plan(file, true);
  assert.deepEqual(await hosts.store.list('desired', ''), []);
  assert.deepEqual((await hosts.up(file)).record.vni, planned.next.record.vni);
});

test('a block of somebody who has written no record is used by who comes next', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const file = labOf('x', WIRES, APART);
  await hosts.plan(file);
  assert.deepEqual((await hosts.up(file)).record.block, [1]);
});

test('a host that is lost keeps its nodes; one that is evicted gives them to the others, until it is back', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const file = labOf('x', WIRES, {});
  const before = await hosts.up(file);
  await hosts.lose('h3');
  assert.deepEqual((await hosts.up(file)).record.place, before.record.place);
  await evictHost(hosts.store, 'h3');
  const { record } = await hosts.up(file);
  assert.deepEqual(Object.keys(record.hosts), ['h1', 'h2']);
  for (const [node, host] of Object.entries(record.place)) {
    assert.notEqual(host, 'h3');
    const was = before.record.place[node];
    if (was !== 'h3') assert.equal(host, was, `${node} stays`);
  }
  await hosts.live('h3');
  const named = await hosts.up(labOf('x', WIRES, { h3: { nodes: ['a1'] } }));
  assert.equal(named.record.place['netns/a1'], 'h3');
  await hosts.lose('h3');
  assert.equal((await hosts.up(file)).record.place['netns/a1'], 'h3', 'it was evicted before it came back');
});

test('a file that names an evicted host is refused; down does not wait for it', async () => {
  using hosts = new FakeHosts();
  await hosts.allLive();
  const file = labOf('x', WIRES, { h3: { nodes: ['b3'] }, ...APART });
  await hosts.up(file);
  await assert.rejects(evictHost(hosts.store, 'h3'), { code: 'E_LOCKED' });
  await assert.rejects(evictHost(hosts.store, 'h9'), { code: 'E_NODE_MISSING' });
  await hosts.lose('h3');
  await evictHost(hosts.store, 'h3');
  const refused = await hosts.plan(file).catch((error: unknown) => error as LinkloomError);
  assert.ok(refused instanceof LinkloomError);
  assert.match(refused.diagnostics[0]?.message ?? '', /b3 is to be on the host h3, which does not take part/);
  await downOnHosts('x', 0, hosts.io);
  await hosts.taken('x');
  const done = await downOnHosts('x', 0, hosts.io);
  assert.deepEqual(
    done?.hosts.map(({ host, progress }) => `${host} ${progress}`),
    ['h1 whole', 'h2 whole'],
  );
});
