/** The order in which nodes are brought up: who waits for whom, and what an end in the middle leaves. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type BringOptions, bringNodes, type NodeOutcome } from '../../../src/runtime/nodes/bring.ts';
import type { NodeRuntime } from '../../../src/runtime/nodes/node-runtime.ts';
import { openNodeRuntime } from '../../../src/runtime/nodes/open.ts';
import type { ContainerDefinition } from '../../../src/topology/nodes/definition.ts';
import { ensureBusybox } from '../../support/engine/busybox.ts';
import { containerNode } from '../../support/engine/definitions.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';

const LAB = 'order-test';

describe('bringing nodes up', { timeout: 200_000 }, () => {
  let engine: TestEngine;
  let runtime: NodeRuntime;

  before(async () => {
    engine = await startDockerd();
    await ensureBusybox(engine);
    runtime = await openNodeRuntime({ kind: 'docker', socketPath: engine.socketPath });
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  const around: BringOptions['around'] = () => ({ lab: LAB, files: 'f1', seesHost: true, hostsPath: null, hosts: [] });
  const removeAll = async (): Promise<void> => {
    for (const { id } of await runtime.list(LAB)) await runtime.remove(id);
  };

  it('starts a node once it may, while those that wait for nobody run already', async () => {
    const [early, late] = [
      containerNode(LAB, 'early'),
      containerNode(LAB, 'late', { waitFor: [{ node: 'early', until: 'started' }] }),
    ];
    const order: string[] = [];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const mayStart = async ({ name }: ContainerDefinition): Promise<void> => {
      if (name === 'late') await gate;
    };
    for await (const { definition } of bringNodes(runtime, LAB, [late, early], {
      around,
      onPull: () => {},
      signal: null,
      mayStart,
    })) {
      order.push(definition.name);
      open();
    }
    assert.deepEqual(order, ['early', 'late']);
    const refused: NodeOutcome[] = [];
    const never = {
      around,
      onPull: () => {},
      signal: null,
      mayStart: () => Promise.reject(new Error('early never came')),
    };
    for await (const outcome of bringNodes(runtime, LAB, [{ ...late, hash: 'c'.repeat(64) }], never))
      refused.push(outcome);
    assert.equal(refused[0]?.state === 'failed' && refused[0].error.message, 'early never came');
    await removeAll();
  });

  it('begins nothing more once it is told to stop', async () => {
    const stop = new AbortController();
    const definitions = Array.from({ length: 12 }, (_, index) => containerNode(LAB, `n${index}`));
    const outcomes: NodeOutcome[] = [];
    for await (const outcome of bringNodes(runtime, LAB, definitions, {
      around,
      onPull: () => {},
      signal: stop.signal,
    })) {
      outcomes.push(outcome);
      stop.abort();
    }
    assert.equal(outcomes.length, definitions.length);
    assert.ok(outcomes.filter(({ state }) => state === 'running').length < definitions.length);
    assert.ok(outcomes.every(({ state }) => state !== 'failed'));
    await removeAll();
  });
});
