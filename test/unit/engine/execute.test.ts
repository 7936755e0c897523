/** How a plan is carried out: order, refusals, undo, cancelling. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { subjectText } from '../../../src/subject.ts';
import type { ApplyTask } from '../../../src/wire/apply.ts';
import type { Op } from '../../../src/wire/op.ts';
import type { MemoryWorkers } from '../../support/model/workers.ts';
import { assertWhole, DIRECT, newWorkers, run, THREE, unfinished } from './running.ts';

const EPERM = { call: 'RTM_NEWLINK', subject: 'it', errnoName: 'EPERM' };

function applied(workers: MemoryWorkers): readonly ApplyTask[] {
  return workers.sent.flatMap((task) => (task.task === 'apply' ? [task] : []));
}

/** Refuses what is asked for by name. */
function refuse(workers: MemoryWorkers, isIt: (op: Op) => boolean): void {
  workers.beforeOp = (op) => (isIt(op) ? EPERM : undefined);
}

for (const size of [1, 2]) {
  for (const [name, network] of [
    ['a bridge', THREE],
    ['a direct link', DIRECT],
  ] as const) {
    test(`${name} is made whole by ${size} workers`, async () => {
      const workers = newWorkers(size);
      const { failures, failed, skipped, crashes } = await run(workers, network);
      assert.deepEqual([failures, [...failed], [...skipped], crashes], [[], [], [], []]);
      assertWhole(workers, network);
    });
  }
}

describe('sending ahead', () => {
  test('one worker has all phases before it has done the first, each with its turn', async () => {
    const workers = newWorkers(1);
    let sentAtFirst = 0;
    workers.beforeTask = () => {
      sentAtFirst ||= workers.sent.length;
      return undefined;
    };
    await run(workers, THREE);
    assert.ok(sentAtFirst > 2, String(sentAtFirst));
    assert.equal(sentAtFirst, workers.sent.length);
    assert.deepEqual(
      applied(workers).map(({ turn }) => turn),
      applied(workers).map((_, at) => at),
    );
  });

  test('several workers have one phase at a time, and no turns', async () => {
    const workers = newWorkers(2);
    let sentAtFirst = 0;
    workers.beforeTask = () => {
      sentAtFirst ||= workers.sent.length;
      return undefined;
    };
    await run(workers, THREE);
    assert.ok(sentAtFirst < workers.sent.length);
    assert.ok(applied(workers).every(({ turn }) => turn === null));
  });

  test('what follows a failure is declined, and sent again without what that took with it', async () => {
    const workers = newWorkers(1);
    refuse(workers, (op) => op.op === 'link.add' && op.link === 'b:eth0');
    const { failed } = await run(workers, THREE);
    assert.deepEqual([...failed], ['b:eth0']);
    assert.deepEqual(unfinished(workers, THREE), ['b:eth0']);
    const again = applied(workers).filter(({ turn }) => turn === null);
    assert.ok(again.length > 0);
    const links = again.flatMap(({ jobs }) => jobs.flatMap(({ ops }) => ops.map(({ link }) => link)));
    assert.ok(links.includes('a:eth0') && !links.includes('b:eth0'), links.join());
  });
});

describe('a refusal', () => {
  test('takes its own link alone, with several workers too', async () => {
    const workers = newWorkers(2);
    refuse(workers, (op) => op.op === 'link.add' && op.link === 'b:eth0');
    const { failures } = await run(workers, THREE);
    assert.deepEqual(
      failures.map(({ subject, message }) => [subjectText(subject), message.includes('EPERM')]),
      [['b:eth0', true]],
    );
    assert.deepEqual(unfinished(workers, THREE), ['b:eth0']);
  });

  test('of a namespace takes all that is to be in it', async () => {
    const workers = newWorkers(1);
    refuse(workers, (op) => op.op === 'netns.add' && op.ns === 'netns/b');
    const { failed, failures } = await run(workers, THREE);
    assert.ok(failed.has('b:eth0'));
    assert.ok(failures.length > 0);
    assert.deepEqual(unfinished(workers, THREE), ['b:eth0']);
  });

  test('of one end of a direct link is one failure, and both ends are undone', async () => {
    const workers = newWorkers(1);
    refuse(workers, (op) => op.op === 'link.set');
    const { failed, failures } = await run(workers, DIRECT);
    assert.equal(failures.length, 1);
    assert.deepEqual([...failed].sort(), ['a:eth0', 'b:eth0']);
    assert.deepEqual(
      workers.ops.filter(({ cause }) => cause === 'undo').map(({ op }) => op),
      ['link.del'],
    );
    const left = workers.kernel.dumps().flatMap(({ links }) => links.filter(({ kind }) => kind === 'veth'));
    assert.deepEqual(left, []);
  });

  test('of an undo says what is left behind', async () => {
    const workers = newWorkers(1);
    refuse(workers, (op) => op.op === 'link.set' || op.cause === 'undo');
    const { failures } = await run(workers, DIRECT);
    assert.deepEqual(
      failures.map(({ message }) => message.includes('left behind')),
      [false, true],
    );
  });

  test('of a change to a link that was there undoes nothing', async () => {
    const workers = newWorkers(1);
    await run(workers, THREE);
    workers.kernel.meddle('netns/a', 'eth0', { up: false });
    refuse(workers, (op) => op.op === 'link.set');
    const { failed } = await run(workers, THREE);
    assert.deepEqual([...failed], ['a:eth0']);
    assert.ok(!workers.ops.some(({ cause }) => cause === 'undo'));
  });
});

describe('cancelling', () => {
  for (const size of [1, 2]) {
    test(`before the first task leaves everything, with ${size} workers`, async () => {
      const workers = newWorkers(size);
      const { skipped, failures } = await run(workers, THREE, { signal: AbortSignal.abort() });
      assert.deepEqual([...skipped].sort(), ['a:eth0', 'b:eth0', 'c:eth0']);
      assert.deepEqual(failures, []);
      assert.deepEqual(workers.kernel.dumps(), []);
    });

    test(`amid the links begins no more of them, and finishes those begun, with ${size} workers`, async () => {
      const workers = newWorkers(size);
      const stop = new AbortController();
      workers.beforeOp = (op) => {
        if (op.op === 'link.add' && op.link === 'b:eth0') stop.abort();
        return undefined;
      };
      const { skipped, failed } = await run(workers, THREE, { signal: stop.signal });
      assert.deepEqual([[...skipped], [...failed]], [['c:eth0'], []]);
      assert.deepEqual(unfinished(workers, THREE), ['c:eth0']);
      await run(workers, THREE);
      assertWhole(workers, THREE);
    });
  }
});
