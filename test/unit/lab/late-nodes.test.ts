/** `up --wait`: containers that come close together share a pass, and each is asked about once by the looks between two passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WHOLE_LAB } from '../../../src/lab/pass.ts';
import { reconcile } from '../../../src/lab/pipeline.ts';
import type { Io } from '../../../src/lab/request.ts';
import { Tally } from '../../../src/lab/tally.ts';
import { withLateNodes } from '../../../src/lab/verbs/wait.ts';
import type { Container } from '../../../src/topology/topology.ts';
import { container, topology } from '../topology/specs.ts';
import { stageOf, wire } from './sessions.ts';

const SILENT: Io = { emit: () => {}, signal: null };
const COUNT = 50;

test('of fifty containers that start one after another, ten share a pass, and the last one waits for nothing', async () => {
  const names = Array.from({ length: COUNT }, (_, at) => `c${at}x`);
  const stage = stageOf(topology(names.map((name, at) => wire(container(name), at + 1))));
  const left = [...names];
  let asked = 0;
  Object.assign(stage.engine, {
    list: async (known?: ReadonlyMap<string, Container>): Promise<readonly Container[]> => {
      // Each look finds one more.
      const next = known === undefined ? undefined : left.shift();
      if (next !== undefined) stage.start(next);
      if (known !== undefined) asked += stage.engine.running.filter(({ id }) => !known.has(id)).length;
      return stage.engine.running;
    },
  });
  const tally = new Tally(stage.session);
  let passes = 0;
  const bringUp = async (): ReturnType<typeof reconcile> => {
    passes += 1;
    const reconciled = await reconcile(stage.session, WHOLE_LAB, SILENT);
    tally.add(reconciled);
    return reconciled;
  };
  await withLateNodes(stage.session, tally, 60_000, SILENT, bringUp, 1);
  assert.equal(tally.pending.length, 0);
  assert.equal(tally.summary.links.created, COUNT);
  // The first finds nobody, then one for each ten.
  assert.equal(passes, 1 + COUNT / 10);
  assert.equal(asked, COUNT);
});
