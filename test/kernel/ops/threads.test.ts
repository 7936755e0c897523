import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { promises as fs, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { WorkerPool } from '../../../src/engine/threads/pool.ts';
import { type ApplyTask, BY_ITSELF, type Job } from '../../../src/wire/apply.ts';
import { beforeOthers } from '../../../workers/priority.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';
import { bridge, descriptors } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

/** Network namespace of each thread of this process. */
function namespacesOfThreads(): ReadonlySet<string> {
  return new Set(readdirSync('/proc/self/task').map((tid) => readlinkSync(`/proc/self/task/${tid}/ns/net`)));
}

/** Jobs that fail halfway, jobs that can't be entered, and jobs that only look. */
function mixed(namespaces: readonly `netns/${string}`[], count: number): Job[] {
  return Array.from({ length: count }, (_, n): Job => {
    const ns = n % 10 === 0 ? 'netns/no-such-thing' : (namespaces[n % namespaces.length] ?? 'self');
    return { ns, inode: n % 7 === 0 ? 1 : 0, ops: [{ ...bridge(ns, 'lo'), ns }] };
  });
}

test('after a thousand jobs every thread is at home, and no descriptor is left', onlyRoot, async () => {
  const home = `net:[${statSync('/proc/self/ns/net').ino}]`;
  await using a = await newNetns();
  await using b = await newNetns();
  await using pool = await WorkerPool.start(2);
  const task: ApplyTask = { task: 'apply', jobs: mixed([a.id, b.id], 20), ...BY_ITSELF };
  await Promise.all(Array.from({ length: 4 }, () => pool.ask(task)));
  const before = descriptors();
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 10 }, () => pool.ask(task)));
  assert.equal(descriptors(), before);
  // Work for libuv's pool, as any program has it.
  await Promise.all(Array.from({ length: 32 }, () => fs.readFile('/proc/version')));
  assert.deepEqual(namespacesOfThreads(), new Set([home]));
});

test(
  'without a first look at a file by the main thread, a worker’s namespace would catch libuv’s pool',
  onlyRoot,
  async () => {
    // The trap itself, in a process of its own: should it ever stop being one, the pool's first step can go.
    await using node = await newNetns();
    const program = (isWarm: boolean): string => `
    const fs = require('node:fs');
    const { Worker } = require('node:worker_threads');
    const inside = \`
      const fs = require('node:fs');
      const setns = require('koffi').load(null).func('int setns(int fd, int type)');
      if (setns(fs.openSync('/run/netns/${node.name}'), 0) < 0) throw new Error('setns');
      fs.stat('/', () => {});\`;
    (async () => {
      if (${isWarm}) await fs.promises.stat('/');
      const worker = new Worker(inside, { eval: true });
      await new Promise((resolve) => worker.on('exit', resolve));
      const ofThread = (tid) => {
        try {
          return [fs.readlinkSync('/proc/self/task/' + tid + '/ns/net')];
        } catch {
          return [];
        }
      };
      const count = () => new Set(fs.readdirSync('/proc/self/task').flatMap(ofThread)).size;
      // The worker has said that it ends. The kernel has its thread a little longer.
      for (let tries = 0; tries < 50 && count() > 1; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
      console.log(count());
    })();`;
    const namespaces = (isWarm: boolean): number =>
      Number(execFileSync(process.execPath, ['-e', program(isWarm)], { encoding: 'utf8' }));
    assert.equal(namespaces(true), 1);
    assert.equal(namespaces(false), 2);
  },
);

test('a worker that ends gives its descriptors back', onlyRoot, async () => {
  const url = new URL('../../../workers/link-worker.js', import.meta.url);
  const end = async (): Promise<void> => {
    const worker = new Worker(url);
    await new Promise((resolve) => worker.on('exit', resolve));
  };
  await end();
  const before = descriptors();
  await end();
  await end();
  assert.equal(descriptors(), before);
});

test('a pool that is closed at once lets each worker start first, as ending one in its start aborts the process', async () => {
  const lives: string[][] = [];
  const listen = (worker: Worker): void => {
    const life: string[] = [];
    lives.push(life);
    worker.on('message', () => life.push('started')).on('exit', () => life.push('ended'));
  };
  process.on('worker', listen);
  try {
    const idle = await WorkerPool.start(1);
    await idle[Symbol.asyncDispose]();
    const grows = await WorkerPool.start(2);
    // The first one has done both long before the second is there.
    await Promise.all([1, 2].map(() => grows.ask({ task: 'pids', namespaces: [] })));
    await grows[Symbol.asyncDispose]();
  } finally {
    process.off('worker', listen);
  }
  assert.deepEqual(
    lives,
    [1, 2, 3].map(() => ['started', 'ended']),
  );
});

test('a worker is preferred, but neither the main thread nor a program that it starts', onlyRoot, async () => {
  const module = (name: string): string => new URL(`../../../workers/${name}.js`, import.meta.url).href;
  const code = `
    const { getPriority } = require('node:os');
    const { parentPort } = require('node:worker_threads');
    (async () => {
      const { preferThisThread } = await import('${module('priority')}');
      const { runProgram } = await import('${module('program')}');
      preferThisThread();
      parentPort.postMessage([getPriority(0), Number(runProgram('nice', []))]);
    })();`;
  const worker = new Worker(code, { eval: true });
  const priorities = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  // Whoever runs the tests at another priority finds it kept.
  const usual = getPriority(0);
  assert.deepEqual(priorities, usual === 0 ? [-10, 0] : [usual, usual]);
});

test('what is short runs before others, and the thread is as it was afterwards, also when that fails', onlyRoot, () => {
  const policy = (): number => Number(readFileSync('/proc/thread-self/stat', 'utf8').split(') ')[1]?.split(' ')[38]);
  const niceness = getPriority(0);
  assert.equal(policy(), 0);
  // Field 41 of proc_pid_stat(5); 1 is SCHED_FIFO. One within another leaves the policy to the outer one.
  assert.deepEqual(
    beforeOthers(() => [policy(), beforeOthers(policy), policy()]),
    [1, 1, 1],
  );
  assert.throws(() =>
    beforeOthers(() => {
      throw new Error('it fails');
    }),
  );
  assert.deepEqual([policy(), getPriority(0)], [0, niceness]);
});
