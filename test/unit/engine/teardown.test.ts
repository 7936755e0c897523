/** Taking a lab away, by its marks alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teardown } from '../../../src/engine/teardown.ts';
import type { Event } from '../../../src/events.ts';
import { OWN_NS } from '../../../src/net/ns-id.ts';
import type { MemoryWorkers } from '../../support/model/workers.ts';
import { newWorkers, run, THREE } from './running.ts';

/** No lab of this machine has this name, so nothing of it is looked for outside the kernel in memory. */
const LAB = 'lab';

async function standing(): Promise<MemoryWorkers> {
  const workers = newWorkers();
  await run(workers, THREE);
  return workers;
}

function count(workers: MemoryWorkers, name: string): number {
  return workers.sent.filter(({ task }) => task === name).length;
}

test('takes all of it, waits until the kernel is done, and looks again', async () => {
  const workers = await standing();
  const { links, failures } = await teardown(workers, LAB, OWN_NS, () => {});
  assert.deepEqual([[...links].sort(), failures], [['a:eth0', 'b:eth0', 'c:eth0'], []]);
  assert.deepEqual(workers.kernel.dumps(), []);
  assert.deepEqual([count(workers, 'scan'), count(workers, 'settle')], [2, 1]);
});

test('does nothing where there is nothing', async () => {
  const workers = newWorkers();
  const { links, failures } = await teardown(workers, LAB, OWN_NS, () => {});
  assert.deepEqual([links, failures], [[], []]);
  assert.deepEqual([count(workers, 'apply'), count(workers, 'settle')], [0, 0]);
});

test('a worker that dies over it is followed by another look and another plan, once', async () => {
  for (const deaths of [1, 2]) {
    const workers = await standing();
    let left = deaths;
    workers.beforeTask = (task) => {
      if (task.task === 'apply' && task.turn === 0 && left-- > 0) throw new Error('worker exited');
      return undefined;
    };
    const { failures } = await teardown(workers, LAB, OWN_NS, () => {});
    assert.equal(failures.length > 0, deaths === 2);
    if (deaths === 1) assert.deepEqual(workers.kernel.dumps(), []);
  }
});

test('says that the kernel is still at it, and waits on', async () => {
  const workers = await standing();
  let rounds = 0;
  workers.answers.settle = () => ({ settled: ++rounds === 3 });
  const told: Event[] = [];
  await teardown(workers, LAB, OWN_NS, (event) => told.push(event));
  const notices = told.filter((event) => event.type === 'dismantling');
  assert.deepEqual([rounds, notices.length], [3, 2]);
});

test('names the processes in which a namespace lives on', async () => {
  const workers = await standing();
  workers.answers.pids = ({ namespaces }) => ({
    pids: namespaces.map((ns) => ({ ns, pids: ns === 'netns/b' ? [41, 42] : [] })),
  });
  const told: Event[] = [];
  await teardown(workers, LAB, OWN_NS, (event) => told.push(event));
  const notices = told.filter(({ type }) => type === 'namespaceKept');
  assert.deepEqual(notices, [{ type: 'namespaceKept', namespace: 'netns/b', pids: [41, 42] }]);
});
