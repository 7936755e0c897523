import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trace } from '../../../src/report/trace.ts';

const epochMs = performance.timeOrigin;

test('a trace has a track per worker, a slice per dispatch and namespace, and names what was slowest', () => {
  const trace = new Trace();
  trace.note({ type: 'stage', stage: 'load', state: 'begin', elapsedMs: 0 });
  trace.note({ type: 'stage', stage: 'load', state: 'end', elapsedMs: 2 });
  trace.note({ type: 'stage', stage: 'apply', state: 'end', elapsedMs: 9 });
  const job = (ns: string, fromMs: number, toMs: number) => ({
    ...{ ns, ops: 3 },
    startedMs: epochMs + fromMs,
    endedMs: epochMs + toMs,
  });
  trace.add({ phase: 'links', thread: 2, jobs: [job('netns/a', 10, 11), job('netns/b', 11, 15)] });
  trace.add({ phase: 'switch', thread: 1, jobs: [job('netns/a', 20, 22)] });

  const { traceEvents } = JSON.parse(trace.json()) as { traceEvents: Record<string, unknown>[] };
  const named = traceEvents
    .filter(({ ph }) => ph === 'M')
    .map(({ tid, args }) => [tid, (args as { name: string }).name]);
  assert.deepEqual(named, [
    [0, 'stages'],
    [1, 'worker 1'],
    [2, 'worker 2'],
  ]);
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  const links = slices.find(({ name }) => name === 'links');
  assert.deepEqual([links?.['tid'], links?.['ts'], links?.['dur']], [2, 10_000, 5_000]);
  assert.deepEqual(links?.['args'], { namespaces: 2, operations: 6 });
  assert.equal(slices.filter(({ name }) => name === 'netns/a').length, 2);
  assert.equal(slices.length, 2 + 2 + 3);
  assert.deepEqual(trace.slowest(), [
    'slowest stage: apply, 9 ms',
    'slowest namespaces: netns/b 4.0 ms, netns/a 3.0 ms',
  ]);
});
