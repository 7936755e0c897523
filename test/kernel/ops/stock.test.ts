/** Namespaces made ahead: used where they are there, missed where they are not, and never left. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fstatSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { namedNamespaces } from '../../../src/engine/named-namespaces.ts';
import { SparePool } from '../../../src/engine/threads/spares.ts';
import type { LinkSpec, Topology } from '../../../src/topology/topology.ts';
import { BY_ITSELF } from '../../../src/wire/apply.ts';
import { newSpares, SPARES } from '../../../src/wire/shared.ts';
import { apply } from '../../../workers/apply.ts';
import { needs } from '../../support/needs.ts';
import { newNetns, openNetns, uniqueName } from '../../support/netns.ts';
import { descriptors } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

/** All that is asked of a topology here. */
function topologyOf(
  names: readonly string[],
  kind: 'netns' | 'container' = 'netns',
): Pick<Topology, 'links' | 'commands'> {
  return { links: names.map((name) => ({ selector: { kind, name } }) as LinkSpec), commands: [] };
}

/** Where is looked which are there already. */
const HERE = { namedNamespaces };

function namesOf(count: number): string[] {
  return Array.from({ length: count }, () => uniqueName());
}

function expected(names: readonly string[]): SparePool {
  const spares = SparePool.expect(topologyOf(names), HERE);
  assert.ok(spares);
  return spares;
}

/** The namespaces in it. */
function inodesIn(shared: SharedArrayBuffer): readonly number[] {
  const fds = new Int32Array(shared).subarray(SPARES.slots).filter((fd) => fd !== 0);
  return [...fds].map((fd) => fstatSync(fd).ino);
}

async function untilHolds(shared: SharedArrayBuffer, count: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; inodesIn(shared).length < count; await delay(5)) {
    assert.ok(Date.now() < deadline, `${inodesIn(shared).length} of ${count}`);
  }
}

/** Makes a named namespace as a job does; returns its inode. */
function make(name: string, spares: SharedArrayBuffer): number {
  const ns = `netns/${name}` as const;
  const op = {
    op: 'netns.add',
    ns,
    link: null,
    cause: 'test',
    role: 'node',
    alias: 'linkloom/1 spares',
    lab: 'spares',
  } as const;
  const { jobs } = apply({ ...BY_ITSELF, task: 'apply', jobs: [{ ns, inode: null, ops: [op] }], spares });
  assert.deepEqual(jobs[0]?.failures, []);
  return statSync(`/run/netns/${name}`).ino;
}

test(
  'a job takes its namespace out of the spares, which makes no more than are needed; what is left goes',
  onlyRoot,
  async () => {
    await using ns = openNetns(uniqueName(), true);
    await using own = openNetns(uniqueName(), true);
    const before = descriptors();
    {
      await using spares = expected(namesOf(64));
      const shared = spares.fill(3);
      await untilHolds(shared, 3);
      const inodes = inodesIn(shared);
      assert.equal(new Set(inodes).size, 3);
      assert.ok(inodes.includes(make(ns.name, shared)));
      await delay(50);
      assert.deepEqual(inodesIn(shared).length, 2);
    }
    assert.equal(descriptors(), before);
    assert.equal((await ns.link('lo'))?.ifalias, 'linkloom/1 spares');
    // Nobody fills this one.
    const empty = newSpares();
    new Int32Array(empty)[SPARES.left] = 2;
    make(own.name, empty);
    assert.equal(new Int32Array(empty)[SPARES.left], 1);
  },
);

test('a spares is never larger than its slots, and is filled up as it is used', onlyRoot, async () => {
  await using ns = openNetns(uniqueName(), true);
  const before = descriptors();
  {
    await using spares = expected(namesOf(64));
    const shared = spares.fill(1000);
    const slots = new Int32Array(shared).length - SPARES.slots;
    await untilHolds(shared, slots);
    const first = make(ns.name, shared);
    await untilHolds(shared, slots);
    assert.ok(!inodesIn(shared).includes(first));
  }
  assert.equal(descriptors(), before);
});

test('a spares that is given up before its thread runs, or before it was to be filled, ends', onlyRoot, async () => {
  const before = descriptors();
  await expected(namesOf(64))[Symbol.asyncDispose]();
  const spares = expected(namesOf(64));
  spares.fill(1000);
  await spares[Symbol.asyncDispose]();
  assert.equal(descriptors(), before);
});

test('there is none for few namespaces, nor where they exist', onlyRoot, async () => {
  assert.equal(SparePool.expect(topologyOf(namesOf(63)), HERE), null);
  await using there = await newNetns();
  assert.equal(SparePool.expect(topologyOf([there.name, ...namesOf(63)]), HERE), null);
  const { links, commands } = topologyOf(['c'], 'container');
  assert.equal(SparePool.expect({ links: [...links, ...topologyOf(namesOf(63)).links], commands }, HERE), null);
});

test('without the privilege its thread ends, and the program goes on', needs('root', 'program:setpriv'), () => {
  const code = `
    const ended = new Promise((resolve) => process.on('worker', (worker) => worker.on('exit', resolve)));
    const { SparePool } = await import(${JSON.stringify(new URL('../../../src/engine/threads/spares.js', import.meta.url).href)});
    const links = Array.from({ length: 64 }, (_, n) => ({ selector: { kind: 'netns', name: 'no-such-' + n } }));
    const spares = SparePool.expect({ links, commands: [] }, { namedNamespaces: () => [] });
    const shared = new Int32Array(spares.fill(64));
    const code = await ended;
    await spares[Symbol.asyncDispose]();
    console.log(code, shared.subarray(${SPARES.slots}).every((fd) => fd === 0));`;
  const args = ['--inh-caps=-all', '--bounding-set=-all', process.execPath, '--input-type=module', '-e', code];
  assert.equal(execFileSync('setpriv', args, { encoding: 'utf8' }), '1 true\n');
});
