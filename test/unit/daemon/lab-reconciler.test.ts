/** The daemon's passes on a kernel in memory: the whole lab first, then the containers that its events name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LabReconciler } from '../../../src/daemon/lab-reconciler.ts';
import type { ReconcileRequest } from '../../../src/daemon/reconciler.ts';
import type { Event, LinkListener } from '../../../src/events.ts';
import { CommandRuns } from '../../../src/lab/commands/runs.ts';
import { HEARD_IN_WORDS, linkText } from '../../../src/report/links.ts';
import { type Stage, stageOf, wire } from '../lab/sessions.ts';
import { container, netns, topology } from '../topology/specs.ts';

const LAB = topology([wire(netns('a'), 1), wire(container('x'), 2), wire(container('y'), 3, 't')]);

function reconcilerOn({ session }: Stage): { reconciler: LabReconciler; notices: string[]; types: Set<string> } {
  const notices: string[] = [];
  const types = new Set<string>();
  const emit = (event: Event): void => {
    types.add(event.type);
  };
  /** What people read of each link. */
  const links: LinkListener = {
    hears: HEARD_IN_WORDS.following,
    tell: (event) => notices.push(...linkText(event).split('\n').filter(Boolean)),
  };
  const runs = new CommandRuns({ emit, lab: null, tell: 'warning' });
  const reconciler = new LabReconciler(session, { emit, links, runs, rerunCommands: false, remove: async () => {} });
  return { reconciler, notices, types };
}

function request(stage: Stage, more: Partial<ReconcileRequest> = {}): ReconcileRequest {
  const { signal } = new AbortController();
  return { scope: 'all', containers: stage.engine.running, gone: [], paused: new Set(), signal, ...more };
}

describe('the reconciler of the daemon', () => {
  test('looks at a started container alone, and knows what the whole lab waits for', async () => {
    const stage = stageOf(LAB);
    const { reconciler, types } = reconcilerOn(stage);
    const first = await reconciler.reconcile(request(stage));
    assert.deepEqual([first.changed, first.links, first.pending?.length], [1, 1, 2]);
    const x = stage.start('x');
    stage.asked();
    const second = await reconciler.reconcile(request(stage, { scope: new Set([x.id]) }));
    assert.deepEqual([second.changed, second.links, second.pending?.length], [1, 2, 1]);
    assert.equal(stage.asked()[0], `dump netns/linkloom-lab pid/${x.pid}`);
    assert.ok(!types.has('stage') && !types.has('failure'));
  });

  test('takes away the port of an ended container, and links the new process', async () => {
    const stage = stageOf(LAB);
    const { reconciler, notices } = reconcilerOn(stage);
    const before = stage.start('x');
    await reconciler.reconcile(request(stage));
    stage.stop(before);
    const gone = [before];
    await reconciler.reconcile(request(stage, { scope: new Set(), gone }));
    const now = stage.start('x');
    const { changed } = await reconciler.reconcile(request(stage, { scope: new Set([now.id]) }));
    assert.equal(changed, 1);
    const told = notices.map((line) => line.split(' ').slice(0, 4).join(' '));
    assert.deepEqual(told.slice(2), ['Deleting veth link x:eth0', 'Creating veth link x:eth0']);
  });

  test('puts back drift, tells it, and leaves alone what is paused', async () => {
    const stage = stageOf(LAB);
    const { reconciler, notices } = reconcilerOn(stage);
    const x = stage.start('x');
    await reconciler.reconcile(request(stage));
    stage.kernel.deleteDevice(`pid/${x.pid}`, 'eth0');
    const paused = new Set(['x:eth0']);
    const result = await reconciler.reconcile(request(stage, { scope: new Set([x.id]), paused }));
    assert.deepEqual([result.changed, [...(result.postponed ?? [])]], [0, ['x:eth0']]);
    const { drifted } = await reconciler.reconcile(request(stage, { scope: new Set([x.id]) }));
    assert.deepEqual([...(drifted ?? [])], [['x:eth0', x.id]]);
    assert.ok(notices.some((line) => line.startsWith('drift: x:eth0 ') && line.endsWith(', put back')));
  });

  test('says whose failures are whose', async () => {
    const stage = stageOf(LAB);
    const { reconciler } = reconcilerOn(stage);
    const x = stage.start('x');
    stage.workers.beforeOp = (op) => (op.op === 'link.add' ? { call: 'RTM_NEWLINK', errnoName: 'EPERM' } : undefined);
    const { failed, labFailures, tried } = await reconciler.reconcile(request(stage));
    assert.deepEqual([[...failed.keys()], labFailures.length], [[x.id], 1]);
    assert.deepEqual(tried?.get('x:eth0'), [x.id]);
  });
});
