/** What happened behind the engine's back: workers that die, namespaces that others replace. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import type { MemoryWorkers } from '../../support/model/workers.ts';
import { assertWhole, newWorkers, run, THREE, unfinished } from './running.ts';

/** Has the worker die over the task of this number among those of the plan. */
function dieAt(workers: MemoryWorkers, at: number): void {
  let number = 0;
  workers.beforeTask = ({ task }) => {
    if (task === 'apply' && number++ === at) throw new Error('worker exited');
    return undefined;
  };
}

describe('a worker that dies', () => {
  for (const size of [1, 2]) {
    for (const at of [0, 1, 2]) {
      test(`over task ${at} of ${size} leaves the rest to a second plan, which is exact`, async () => {
        const workers = newWorkers(size);
        dieAt(workers, at);
        const first = await run(workers, THREE, { onCrash: 'leave' });
        assert.deepEqual([first.crashes, first.failures], [['worker exited'], []]);
        assert.notDeepEqual(unfinished(workers, THREE), []);
        const second = await run(workers, THREE, { onCrash: 'fail' });
        assert.deepEqual([second.crashes, second.failures], [[], []]);
        assertWhole(workers, THREE);
      });
    }
  }

  test('sends no more once it is left: all that was sent ahead is declined', async () => {
    const workers = newWorkers(1);
    dieAt(workers, 0);
    await run(workers, THREE, { onCrash: 'leave' });
    assert.deepEqual(workers.ops, []);
  });

  test('fails its links by name where nobody plans again', async () => {
    const workers = newWorkers(1);
    dieAt(workers, 0);
    const { failed, failures } = await run(workers, THREE);
    assert.ok(failed.size > 0);
    assert.match(failures[0]?.message ?? '', /worker exited/);
  });
});

describe('a namespace that is not any more what was seen', () => {
  const NODE: NsId = 'netns/b';
  /** Replaces or removes the namespace once the plan is made. */
  function meddling(how: 'replace' | 'remove'): MemoryWorkers {
    const workers = newWorkers(1);
    for (const ns of ['netns/a', NODE, 'netns/c'] as const) workers.kernel.makeNamespace(ns);
    let isDone = false;
    workers.beforeTask = ({ task }) => {
      if (task !== 'apply' || isDone) return undefined;
      isDone = true;
      workers.kernel.removeNamespace(NODE);
      if (how === 'replace') workers.kernel.makeNamespace(NODE);
      return undefined;
    };
    return workers;
  }

  for (const how of ['replace', 'remove'] as const) {
    test(`${how}d: left to a second plan, which is exact`, async () => {
      const workers = meddling(how);
      const first = await run(workers, THREE, { onChange: 'leave' });
      assert.deepEqual([first.changed, first.failures], [[NODE], []]);
      await run(workers, THREE, { onChange: 'leave' });
      assertWhole(workers, THREE);
    });

    test(`${how}d: its links fail where nobody plans again, and no others`, async () => {
      const workers = meddling(how);
      const { failed, changed } = await run(workers, THREE);
      assert.deepEqual([[...failed], changed], [['b:eth0'], []]);
      assert.deepEqual(unfinished(workers, THREE), ['b:eth0']);
    });
  }
});
