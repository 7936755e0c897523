/** 11: 10,000 wires of which 3,000 cross. Three hosts share one kernel here, and three servers one disk, whose fsync is told beside it. */
import assert from 'node:assert/strict';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crossingLab, lossy, pingWires } from '../../support/cluster/crossing.ts';
import { RunningSite, tell } from '../../support/cluster/running.ts';
import { figures } from '../../support/faults/amount.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

test('11. 10,000 wires, 3,000 across', needs('root', 'program:openssl'), async () => {
  await using running = await RunningSite.start();
  const lab = crossingLab({ lab: 'large', wires: 10_000, crossing: 3000, nodes: 100 });
  figures('11. fsync of this disk', { medianMs: fsyncMs() });
  const { timings } = await running.up(lab.configuration, 'h1', '--wait', '300');
  tell('11. 10,000 wires, 3,000 across: from the record to all hosts', timings.totalMs);
  const some = lab.wires.filter(({ crosses }, at) => crosses && at % 10 === 0);
  assert.deepEqual(lossy(await pingWires(running.site, lab, some, { count: 'once', intervalMs: 1000 })), []);
  const startedMs = performance.now();
  await running.must('h1', 'down', '--lab', 'large', '--wait', '300');
  tell('11. down of 10,000 wires', performance.now() - startedMs);
});

function fsyncMs(): number {
  using folder = temporaryFolder('fsync');
  const file = openSync(join(folder.path, 'file'), 'w');
  const times = Array.from({ length: 21 }, () => {
    const startedMs = performance.now();
    writeSync(file, 'x'.repeat(4096));
    fsyncSync(file);
    return performance.now() - startedMs;
  });
  closeSync(file);
  return Number((times.sort((a, b) => a - b)[10] ?? 0).toFixed(2));
}
