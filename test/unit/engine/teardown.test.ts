/** Taking a lab away, by its marks alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teardown } from '../../../src/engine/teardown.ts';
import type { Event } from '../../../src/events.ts';
import { OWN_NS } from '../../../src/net/ns-id.ts';
import type { Node } from '../../../src/topology/topology.ts';
import type { MemoryWorkers } from '../../support/model/workers.ts';
import { networkOf } from '../../support/networks.ts';
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

test('names the container in whose namespace something is left, where the engine knows it', async () => {
  const container: Node = {
    ...{ kind: 'container', name: 'web', ns: 'pid/77', id: 'f'.repeat(64), service: null, index: 1 },
  };
  const wire = ['web', 'b'].map((node) => ({ node, dev: 'eth0', bridge: 'w' }));
  const network = networkOf(LAB, wire, { w: 'direct' });
  const links = network.links.map((link) => (link.id === 'web:eth0' ? { ...link, node: container } : link));
  for (const [known, words] of [
    [[container], /RTM_DELLINK in container web: EBUSY/],
    [[], /RTM_DELLINK in process 77: EBUSY/],
  ] as const) {
    const workers = newWorkers();
    workers.kernel.makeNamespace(container.ns);
    await run(workers, { ...network, links, nodes: [container, ...network.nodes.slice(1)] });
    workers.beforeOp = (op) => (op.op === 'link.del' ? { call: 'RTM_DELLINK', errnoName: 'EBUSY' } : undefined);
    const nodesIn = async (): Promise<readonly Node[]> => known;
    const { failures } = await teardown(workers, LAB, OWN_NS, () => {}, null, nodesIn);
    assert.match(failures[0]?.message ?? '', words);
  }
});
