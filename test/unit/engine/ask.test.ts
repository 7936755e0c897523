/** What becomes of a task whose worker dies, or can't answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BY_ITSELF } from '../../../src/wire/apply.ts';
import type { Task } from '../../../src/wire/task.ts';
import { MemoryWorkers, NO_FAILURE } from '../../support/model/workers.ts';
import { ModelKernel } from '../../support/model-kernel.ts';

const LOOKS: readonly Task[] = [
  { task: 'pids', namespaces: [] },
  { task: 'settle', timeoutMs: 1 },
  { task: 'carriers', ends: [], asksWatcher: true },
  { task: 'nat' },
  { task: 'ovs', instances: [], probeKernel: false },
  { task: 'lock', fd: 3 },
];
const APPLY: Task = { task: 'apply', jobs: [], ...BY_ITSELF };

/** Workers of which the first so many die over what they are asked. */
function mortal(deaths: number): MemoryWorkers {
  const workers = new MemoryWorkers(new ModelKernel());
  let left = deaths;
  workers.beforeTask = () => {
    if (left-- > 0) throw new Error('worker exited');
    return undefined;
  };
  return workers;
}

for (const task of LOOKS) {
  test(`${task.task} is asked again of another worker, once`, async () => {
    const workers = mortal(1);
    await workers.ask(task);
    assert.equal(workers.sent.length, 2);
    await assert.rejects(mortal(2).ask(task), /worker exited/);
  });
}

test('apply is not asked again: nobody knows how far the worker came', async () => {
  const workers = mortal(1);
  await assert.rejects(workers.ask(APPLY), /worker exited/);
  assert.equal(workers.sent.length, 1);
});

test('a failure is no answer: it is thrown with the call and the errno, and not asked again', async () => {
  for (const task of [...LOOKS, APPLY]) {
    const workers = new MemoryWorkers(new ModelKernel());
    workers.beforeTask = () => ({
      ...NO_FAILURE,
      call: 'socket',
      subject: 'AF_NETLINK',
      errnoName: 'EMFILE',
    });
    await assert.rejects(workers.ask(task), {
      name: 'LinkloomError',
      message: new RegExp(`${task.task}.*socket.*EMFILE`),
    });
    assert.equal(workers.sent.length, 1, task.task);
  }
});
