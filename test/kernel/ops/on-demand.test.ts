/** Tasks that only look are carried out by the thread that asks; threads are started for the rest. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { WorkersOnDemand } from '../../../src/engine/threads/on-demand.ts';
import { WorkerPool } from '../../../src/engine/threads/pool.ts';
import { type ApplyTask, BY_ITSELF } from '../../../src/wire/apply.ts';
import type { NsDump } from '../../../src/wire/seen.ts';
import type { DumpResult, DumpTask, ScanTask } from '../../../src/wire/task.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';
import { change, descriptors } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

const EVERYTHING = {
  ...{
    addresses: true,
    routes: true,
    counters: true,
    traffic: true,
    translationsOf: 'any',
    offloads: [],
    others: true,
  },
};

/** Counts the threads that start until it is disposed of. */
function threadsStarted(): { readonly count: () => number } & Disposable {
  let started = 0;
  const count = (_worker: Worker): void => {
    started += 1;
  };
  process.on('worker', count);
  return { count: () => started, [Symbol.dispose]: () => void process.off('worker', count) };
}

function namespacesOfThreads(): ReadonlySet<string> {
  return new Set(readdirSync('/proc/self/task').map((tid) => readlinkSync(`/proc/self/task/${tid}/ns/net`)));
}

test(
  'what only looks is done without a thread, as a thread does it, and leaves this one at home',
  onlyRoot,
  async () => {
    await using a = await newNetns();
    await using b = await newNetns();
    await b.exec('ip', 'link', 'add', 'd0', 'type', 'veth', 'peer', 'd1');
    await b.exec('ip', 'link', 'add', 'd2', 'type', 'vxlan', 'id', '7', 'remote', '192.0.2.1', 'dstport', '4789');
    await b.exec('ip', 'address', 'add', '10.0.0.1/24', 'dev', 'd0');
    const home = `net:[${statSync('/proc/self/ns/net').ino}]`;
    const dump: DumpTask = { task: 'dump', namespaces: [a.id, 'netns/no-such-thing', b.id, 'self'], wants: EVERYTHING };
    const scan: ScanTask = { task: 'scan', group: null, processes: true, except: [a.id], translationsOf: null };
    using threads = threadsStarted();
    await using here = new WorkersOnDemand(1);
    const seen = [await here.ask(dump), await here.ask(scan), await here.ask({ task: 'pids', namespaces: [a.id] })];
    assert.equal(threads.count(), 0);
    assert.deepEqual(namespacesOfThreads(), new Set([home]));
    const before = descriptors();
    for (let round = 0; round < 5; round++) await Promise.all([here.ask(dump), here.ask(scan)]);
    assert.equal(descriptors(), before);
    await using pool = await WorkerPool.start(1);
    const { dumps } = seen[0] as DumpResult;
    const there = ({ ns }: NsDump): boolean => ns !== 'self';
    assert.deepEqual((await pool.ask(dump)).dumps.filter(there), dumps.filter(there));
    assert.ok(dumps[2]?.links.some(({ ifname }) => ifname === 'd0'));
  },
);

test(
  'what the kernel has for packets is found out without a thread, and this one stays at home',
  onlyRoot,
  async () => {
    using threads = threadsStarted();
    await using workers = new WorkersOnDemand(1);
    const [before, home] = [descriptors(), namespacesOfThreads()];
    const { missing } = await workers.ask({ task: 'traffic', features: ['netem', 'tbf'] });
    assert.deepEqual([descriptors(), threads.count(), namespacesOfThreads()], [before, 0, home]);
    await using pool = await WorkerPool.start(1);
    const nothing = { remotes: [], firewall: false, calibrationPairs: 0 };
    assert.deepEqual((await pool.ask({ task: 'machine', features: ['netem', 'tbf'], ...nothing })).missing, missing);
  },
);

test('a change starts the threads, which get all tasks from then on', onlyRoot, async () => {
  await using node = await newNetns();
  using threads = threadsStarted();
  await using workers = new WorkersOnDemand(1);
  const apply: ApplyTask = { task: 'apply', jobs: [{ ns: node.id, inode: 1, ops: [] }], ...BY_ITSELF };
  assert.equal((await workers.ask(apply)).jobs[0]?.failures[0]?.code, 'E_NODE_CHANGED');
  await workers.ask({ task: 'dump', namespaces: [node.id], wants: EVERYTHING });
  assert.equal(threads.count(), 1);
});

test('a short change starts no thread, and once there is one, it is asked', onlyRoot, async () => {
  await using node = await newNetns();
  await node.exec('ip', 'link', 'add', 'd0', 'index', '100', 'type', 'veth', 'peer', 'name', 'p0');
  using threads = threadsStarted();
  await using workers = new WorkersOnDemand(1);
  const set = async (isShort: boolean, mtuBytes: number): Promise<number> => {
    const ops = [change(node.id, 'd0', { ifindex: 100, settings: { mtuBytes } })];
    const task: ApplyTask = { task: 'apply', jobs: [{ ns: node.id, inode: null, ops }], ...BY_ITSELF, isShort };
    const { thread, jobs } = await workers.ask(task);
    assert.deepEqual(jobs[0]?.failures, []);
    assert.equal((await node.link('d0'))?.mtu, mtuBytes);
    return thread;
  };
  const before = descriptors();
  assert.equal(await set(true, 1400), 0);
  assert.deepEqual([threads.count(), descriptors()], [0, before]);
  const thread = await set(false, 1300);
  assert.ok(thread > 0);
  assert.equal(await set(true, 1200), thread);
  assert.equal(threads.count(), 1);
});

test('who looks into many namespaces does so in a thread', onlyRoot, async () => {
  await using node = await newNetns();
  using threads = threadsStarted();
  await using workers = new WorkersOnDemand(1);
  const wants = { ...EVERYTHING, others: false };
  const ask = (times: number) =>
    workers.ask({ task: 'dump', namespaces: Array.from({ length: times }, () => node.id), wants });
  assert.equal((await ask(256)).dumps.length, 256);
  assert.equal(threads.count(), 0);
  assert.equal((await ask(1)).dumps.length, 1);
  assert.equal(threads.count(), 1);
});

test('a thread that can’t get home does nothing any more, and starts no other', onlyRoot, async () => {
  await using node = await newNetns();
  const module = (path: string): string => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
  const program = `
    import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
    import { WorkersOnDemand } from ${module('src/engine/threads/on-demand.js')};
    const workers = new WorkersOnDemand(1);
    const dump = { task: 'dump', namespaces: ['${node.id}'], wants: ${JSON.stringify(EVERYTHING)} };
    await workers.ask(dump);
    for (const fd of readdirSync('/proc/self/fd')) {
      let to = '';
      try { to = readlinkSync('/proc/self/fd/' + fd); } catch {}
      if (!to.startsWith('net:')) continue;
      closeSync(Number(fd));
      // Which takes its number.
      openSync('/dev/null');
    }
    let started = 0;
    process.on('worker', () => { started += 1; });
    const why = [];
    for (const task of [dump, dump, { task: 'settle', timeoutMs: 1 }])
      await workers.ask(task).then(() => why.push('done'), ({ code, message }) => why.push(code + ' ' + message));
    console.log(JSON.stringify({ why, started }));
  `;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  const lost = 'E_KERNEL cannot return to the own namespace: setns EINVAL';
  assert.deepEqual(JSON.parse(out), { why: [lost, lost, lost], started: 0 });
});
