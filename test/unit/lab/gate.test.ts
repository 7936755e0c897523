/** `wait_for`: when a node may start, and when it waits in vain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Gate } from '../../../src/lab/nodes/gate.ts';
import type { NodeRuntime } from '../../../src/runtime/nodes/node-runtime.ts';
import type { ContainerDefinition, WaitFor } from '../../../src/topology/nodes/definition.ts';
import { check } from '../config/loading.ts';

/** Longer than the gate's pause between two looks. */
const A_LOOK_MS = 300;

async function gateOf(): Promise<{ readonly gate: Gate; readonly definitions: readonly ContainerDefinition[] }> {
  const box = 'image: busybox';
  const { topology } = await check(
    `lab: x\nnodes: {early: {${box}}, late: {${box}, wait_for: [early]}}\nwires: [[early:eth1, late:eth1]]`,
  );
  const definitions = (topology.nodes ?? []) as readonly ContainerDefinition[];
  return { gate: new Gate(topology, {} as NodeRuntime), definitions };
}

test('a node does not wait in vain while the links that it waits for are being made', async () => {
  const { gate, definitions } = await gateOf();
  const [early, late] = definitions;
  assert.ok(early && late);
  assert.deepEqual(late.waitFor satisfies readonly WaitFor[], [{ node: 'early', until: 'links' }]);
  gate.runs(early);
  const opened = gate.open(late, null);
  let isOver = false;
  void opened.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  // The gate looks again by itself meanwhile, and must not give up.
  await delay(A_LOOK_MS);
  assert.equal(isOver, false);
  const made = { plan: { links: [{ link: 'early:eth1', verdict: 'create' }] }, execution: NOTHING_LOST };
  gate.linked(made as never);
  gate.settle();
  await opened;
});

test('a node that waits for a link to itself is told so once nothing more can come', async () => {
  const { gate, definitions } = await gateOf();
  const [early, late] = definitions;
  assert.ok(early && late);
  gate.runs(early);
  gate.settle();
  await assert.rejects(gate.open(late, null), /the links of early can't be made before late runs/);
});

const NOTHING_LOST = { failed: new Set(), skipped: new Set() };
