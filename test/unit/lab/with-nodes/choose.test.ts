/** Which nodes of a lab names and globs stand for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenFrom } from '../../../../src/lab/with-nodes/choose.ts';
import type { FoundNode } from '../../../../src/lab/with-nodes/find.ts';
import { firstFailure } from '../../../../src/lab/with-nodes/run-many.ts';
import type { ContainerEngine } from '../../../../src/runtime/engine.ts';

function container(label: string, service: string | null): FoundNode {
  const base = { id: label, name: `c-${label}`, pid: 1, service, index: 1, project: null, workingDir: null };
  return {
    kind: 'container',
    label,
    engine: {} as ContainerEngine,
    container: { ...base, isOneOff: false, isPaused: false },
  };
}

const NODES: readonly FoundNode[] = [
  { kind: 'netns', label: 'leaf1', name: 'web.leaf1' },
  { kind: 'netns', label: 'leaf.x', name: 'web.leaf.x' },
  container('db_1', 'db'),
  container('db_2', 'db'),
];
const LAB = { lab: 'web', nodes: NODES, missing: ['late'], addresses: new Map(), network: null, topology: null };

function labels(...names: string[]): readonly string[] {
  return chosenFrom(LAB, { names, all: false }).map(({ label }) => label);
}

test('a name is NODE, what the host calls it, or a service with all its replicas', () => {
  assert.deepEqual(labels('leaf1'), ['leaf1']);
  assert.deepEqual(labels('web.leaf1', 'netns/leaf1', 'node/leaf1'), ['leaf1']);
  assert.deepEqual(labels('db'), ['db_1', 'db_2']);
  assert.deepEqual(labels('c-db_2'), ['db_2']);
  assert.deepEqual(labels('container/db_2'), ['db_2']);
});

test('globs stand for all that they match, in the order of the lab and once each; a dot is a dot', () => {
  assert.deepEqual(labels('leaf*'), ['leaf1', 'leaf.x']);
  assert.deepEqual(labels('leaf?'), ['leaf1']);
  assert.deepEqual(labels('*.x'), ['leaf.x']);
  assert.deepEqual(labels('db_2', 'db*'), ['db_2', 'db_1']);
  assert.deepEqual(chosenFrom(LAB, { names: [], all: true }), NODES);
});

test('what stands for nothing is named, with why or with what was meant', () => {
  assert.throws(() => labels('leaf2'), { code: 'E_NODE_MISSING', where: 'leaf2', hint: 'did you mean leaf1?' });
  assert.throws(() => labels('x*'), { code: 'E_NODE_MISSING', message: 'no node of lab web matches x*' });
  assert.throws(() => labels('late'), { code: 'E_NODE_MISSING', message: 'late of lab web does not run' });
  assert.throws(() => chosenFrom({ ...LAB, nodes: [] }, { names: [], all: true }), {
    message: 'no node of lab web is there: late',
  });
});

test('the status of many is that of the first that failed, in the order of the nodes', () => {
  const end = (status: number | null) => ({ node: 'n', status, error: null });
  assert.equal(firstFailure([end(0), end(0)]), 0);
  assert.equal(firstFailure([end(0), end(7), end(3)]), 7);
  assert.equal(firstFailure([end(0), end(null), end(3)]), 1);
});
