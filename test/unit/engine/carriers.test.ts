/** Waiting for carriers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awaitCarriers } from '../../../src/engine/carriers.ts';
import type { CarriersTask } from '../../../src/wire/task.ts';
import { planOn } from '../../support/model/planning.ts';
import type { MemoryWorkers } from '../../support/model/workers.ts';
import { DIRECT, newWorkers, THREE } from './running.ts';

/** Workers that find one device without a carrier so many times; and what they were asked. */
function slow(
  times: number,
  ns: 'netns/a' | 'netns/b',
): { readonly workers: MemoryWorkers; readonly asked: CarriersTask[] } {
  const workers = newWorkers();
  const asked: CarriersTask[] = [];
  workers.answers.carriers = (task) => {
    asked.push(task);
    return { down: asked.length <= times ? [{ ns, dev: 'eth0' }] : [] };
  };
  return { workers, asked };
}

function devsAsked(task: CarriersTask | undefined): number {
  return task?.ends.flatMap(({ devs }) => devs).length ?? 0;
}

test('asks again, of those that were down alone, until all are up', async () => {
  const { workers, asked } = slow(3, 'netns/b');
  const { ops } = planOn(THREE, workers.kernel).plan;
  assert.deepEqual(await awaitCarriers(workers, ops, new Set(), null), []);
  // Both ends of three links, and the bridge.
  assert.deepEqual(asked.map(devsAsked), [7, 1, 1, 1]);
});

test('names the link once, whichever end is down, when it is given up', async () => {
  const { workers } = slow(Number.POSITIVE_INFINITY, 'netns/a');
  const { ops } = planOn(DIRECT, workers.kernel).plan;
  const [link, ...more] = await awaitCarriers(workers, ops, new Set(), AbortSignal.abort());
  assert.match(link ?? '', /^[ab]:eth0$/);
  assert.deepEqual(more, []);
});

test('waits for no link that failed, and asks nobody where there is none', async () => {
  const { workers, asked } = slow(0, 'netns/a');
  const { ops } = planOn(THREE, workers.kernel).plan;
  assert.deepEqual(await awaitCarriers(workers, ops, new Set(['a:eth0', 'b:eth0', 'c:eth0']), null), []);
  assert.deepEqual(asked, []);
});
