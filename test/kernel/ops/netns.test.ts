import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { execa } from 'execa';
import { groupOf, ROLE } from '../../../src/net/mark.ts';
import type { NetnsAdd, NetnsDel } from '../../../src/wire/ops/links.ts';
import { nameNetns } from '../../../workers/named-netns.ts';
import { Namespace } from '../../../workers/namespaces.ts';
import { newNamespace } from '../../../workers/netns.ts';
import { NetnsLock } from '../../../workers/netns-lock.ts';
import { scan } from '../../../workers/tasks/scan.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, newNetns, openNetns, uniqueName } from '../../support/netns.ts';
import { applyJob, dumpOf, LAB, veth } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

function add(name: string, role: NetnsAdd['role']): NetnsAdd {
  const alias = `linkloom/1 ${LAB} ${name} lo`;
  return { op: 'netns.add', ns: `netns/${name}`, link: null, cause: 'missing', role, alias, lab: LAB };
}

function del(name: string): NetnsDel {
  return { op: 'netns.del', ns: `netns/${name}`, link: null, cause: 'test', lab: LAB, role: 'node', shared: false };
}

test('a node’s namespace has its loopback up and marked', onlyRoot, async () => {
  await using ns = openNetns(uniqueName(), true);
  assert.deepEqual(applyJob(ns.id, [add(ns.name, 'node')]), []);
  const lo = await ns.link('lo');
  assert.ok(lo?.flags.includes('UP'));
  assert.equal(lo?.ifalias, `linkloom/1 ${LAB} ${ns.name} lo`);
  assert.equal(lo?.group, 'default');
  assert.equal(statSync(`/run/netns/${ns.name}`).mode & 0o777, 0o444);
  assert.equal((await ns.exec('cat', '/proc/sys/net/ipv6/conf/all/disable_ipv6')).trim(), '0');
});

test('a switch namespace has IPv6 off for all devices to come', onlyRoot, async () => {
  await using ns = openNetns(uniqueName(), true);
  assert.deepEqual(applyJob(ns.id, [add(ns.name, 'switch')]), []);
  await ns.exec('ip', 'link', 'add', 'b0', 'type', 'bridge');
  for (const scope of ['all', 'default', 'b0']) {
    assert.equal((await ns.exec('cat', `/proc/sys/net/ipv6/conf/${scope}/disable_ipv6`)).trim(), '1', scope);
  }
  const lo = await ns.link('lo');
  assert.ok(!lo?.flags.includes('UP'));
});

test('a namespace has its name only once it is marked: what is killed before leaves nothing', onlyRoot, async () => {
  await using ns = openNetns(uniqueName(), true);
  const path = `/run/netns/${ns.name}`;
  using space = Namespace.nameless(ns.id, newNamespace(path));
  using lock = new NetnsLock();
  assert.equal(
    nameNetns(space.fd, { name: ns.name, lab: LAB }, lock, () => existsSync(path)),
    false,
  );
  assert.ok(existsSync(path));
});

test('a name that is taken stays as it was: a node serves as it is, a switch namespace fails', onlyRoot, async () => {
  await using ns = openNetns(uniqueName(), true);
  assert.deepEqual(applyJob(ns.id, [add(ns.name, 'node')]), []);
  const { ino } = statSync(`/run/netns/${ns.name}`);
  assert.deepEqual(applyJob(ns.id, [{ ...add(ns.name, 'node'), alias: 'linkloom/1 other n lo' }]), []);
  assert.equal(statSync(`/run/netns/${ns.name}`).ino, ino);
  assert.equal((await ns.link('lo'))?.ifalias, `linkloom/1 ${LAB} ${ns.name} lo`);
  const [failure, ...more] = applyJob(ns.id, [add(ns.name, 'switch')]);
  assert.equal(more.length, 0);
  assert.equal(failure?.op, 0);
  assert.equal(failure?.call, 'open');
  assert.equal(failure?.errnoName, 'EEXIST');
  assert.equal(statSync(`/run/netns/${ns.name}`).ino, ino);
});

test('deleting removes the name, also of one that is no namespace or gone already', onlyRoot, async () => {
  const name = uniqueName();
  assert.deepEqual(applyJob(`netns/${name}`, [add(name, 'node')]), []);
  assert.deepEqual(applyJob(`netns/${name}`, [del(name)]), []);
  assert.ok(!(await netnsNames()).includes(name));
  assert.deepEqual(applyJob(`netns/${name}`, [del(name)]), []);
  writeFileSync(`/run/netns/${name}`, '');
  assert.deepEqual(applyJob(`netns/${name}`, [del(name)]), []);
  assert.ok(!(await netnsNames()).includes(name));
});

test('a namespace that was replaced meanwhile is left alone', onlyRoot, async () => {
  await using ns = openNetns(uniqueName(), true);
  assert.deepEqual(applyJob(ns.id, [add(ns.name, 'node')]), []);
  const { ino } = statSync(`/run/netns/${ns.name}`);
  const [failure] = applyJob(ns.id, [del(ns.name)], ino + 1);
  assert.equal(failure?.op, null);
  assert.equal(failure?.code, 'E_NODE_CHANGED');
  assert.ok((await netnsNames()).includes(ns.name));
});

test('a scan finds a namespace of the lab by its loopback’s mark, under its name', onlyRoot, async () => {
  await using ours = openNetns(uniqueName(), true);
  await using other = openNetns(uniqueName(), true);
  assert.deepEqual(applyJob(ours.id, [add(ours.name, 'node')]), []);
  assert.deepEqual(
    applyJob(other.id, [{ ...add(other.name, 'node'), alias: 'linkloom/1 another-lab x lo', lab: 'another-lab' }]),
    [],
  );
  const found = scan({
    task: 'scan',
    group: groupOf(LAB, ROLE.nodeEnd),
    processes: false,
    except: [],
    translationsOf: null,
  });
  assert.deepEqual(
    found.dumps.map((dump) => dump.ns),
    [ours.id],
  );
  const all = scan({ task: 'scan', group: null, processes: false, except: [], translationsOf: null });
  assert.deepEqual(new Set(all.dumps.map((dump) => dump.ns)), new Set([ours.id, other.id]));
});

test(
  'what is in a namespace does not say who made it: a forged mark, another lab’s, or none at all',
  onlyRoot,
  async () => {
    await using foreign = await newNetns();
    await using ours = openNetns(uniqueName(), true);
    await foreign.exec('ip', 'link', 'set', 'lo', 'alias', `linkloom/1 ${LAB} ${foreign.name} lo`);
    assert.equal(dumpOf(foreign.id).madeBy, null);
    const [refused] = applyJob(foreign.id, [del(foreign.name)]);
    assert.match(refused?.extAck ?? '', /did not make this namespace/);
    assert.ok((await netnsNames()).includes(foreign.name));

    assert.deepEqual(applyJob(ours.id, [add(ours.name, 'node')]), []);
    await ours.exec('ip', 'link', 'set', 'lo', 'alias', `linkloom/1 other ${ours.name} lo`);
    assert.equal(dumpOf(ours.id).madeBy, LAB);
    assert.deepEqual(applyJob(ours.id, [{ ...del(ours.name), lab: 'other' }]), []);
    assert.ok((await netnsNames()).includes(ours.name), 'it is not the other’s to take');
    assert.deepEqual(applyJob(ours.id, [del(ours.name)]), []);
    assert.ok(!(await netnsNames()).includes(ours.name));
  },
);

test('a namespace that takes the name of one that linkloom made is not linkloom’s', onlyRoot, async () => {
  await using ns = openNetns(uniqueName(), true);
  assert.deepEqual(applyJob(ns.id, [add(ns.name, 'node')]), []);
  await execa('ip', ['netns', 'del', ns.name]);
  await execa('ip', ['netns', 'add', ns.name]);
  assert.equal(dumpOf(ns.id).madeBy, null);
  assert.equal(applyJob(ns.id, [del(ns.name)]).length, 1);
  assert.ok((await netnsNames()).includes(ns.name));
});

test(
  'of many namespaces the kernel takes those apart that have lost their names, before more lose theirs',
  onlyRoot,
  async () => {
    await using outer = await newNetns();
    const names = Array.from({ length: 7 }, () => uniqueName());
    const wires = names.flatMap((name, at) =>
      Array.from({ length: 100 }, (_, n) => veth(`netns/${name}`, `e${n}`, outer.id, `p${at}x${n}`)),
    );
    for (const name of names) {
      const ops = [add(name, 'node'), ...wires.filter(({ ns }) => ns === `netns/${name}`)];
      assert.deepEqual(applyJob(`netns/${name}`, ops), []);
    }
    for (const name of names) assert.deepEqual(applyJob(`netns/${name}`, [del(name)]), []);
    // Each has 201 devices with their other ends, so three are a group. Before the fifth it was waited for the first group.
    const left = new Set((await outer.links()).map(({ ifname }) => /^p(\d+)x/.exec(ifname)?.[1]));
    for (let at = 0; at < 3; at++) assert.ok(!left.has(String(at)), `${names[at]} is still there`);
  },
);
