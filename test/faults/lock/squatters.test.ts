/** A lab that is made, watched and taken away, again and again, while users without rights do what they can: nothing waits, fails or grows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { amount, figures } from '../../support/faults/amount.ts';
import { differences, eventually } from '../../support/faults/exact.ts';
import { labOf } from '../../support/faults/labs.ts';
import { mustSucceed } from '../../support/faults/program.ts';
import { squatter } from '../../support/faults/squatter.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { uniqueName } from '../../support/netns.ts';

/** A process of linkloom's has some 100 MB; one that swallows what a flood sends has that after some seconds. */
const RSS_MAX_KB = 300 * 1024;

test('users without rights keep nobody waiting', { timeout: 3_600_000 }, async () => {
  const rounds = amount('SQUATTED_ROUNDS', 60);
  const lab = labOf(uniqueName('q'), { nodes: 4, links: 12 });
  using folder = temporaryFolder('squatters');
  const file = join(folder.path, 'lab.json');
  await writeFile(file, JSON.stringify(lab));
  await using drip = await squatter(lab.lab, 'drip');
  await using flood = await squatter(lab.lab, 'flood');
  const counts = { rounds, refusals: 0, rssKbMost: 0, slowestMs: 0 };
  const inTime = async (...args: readonly string[]): Promise<void> => {
    const startedMs = Date.now();
    await mustSucceed(args);
    counts.slowestMs = Math.max(counts.slowestMs, Date.now() - startedMs);
  };
  try {
    for (let round = 0; round < rounds; round++) {
      await using daemon = startLinkloom(['daemon', '--no-api', '-f', file]);
      await daemon.until(/^All links connected$/m);
      const { exitCode, stderr } = await linkloom(['up', '-f', file]);
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, new RegExp(`pid ${daemon.child.pid}\\b`));
      counts.refusals += 1;
      const status = readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8');
      counts.rssKbMost = Math.max(counts.rssKbMost, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]));
      daemon.child.kill(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      await daemon.child;
      await inTime('up', '-f', file);
      assert.deepEqual(await eventually(() => differences(lab), 3000), []);
      await inTime('down', '--lab', lab.lab);
    }
  } finally {
    await linkloom(['down', '--lab', lab.lab]);
  }
  assert.deepEqual([await drip.end(), await flood.end()], [[], []]);
  figures('squatters', counts);
  assert.ok(counts.rssKbMost < RSS_MAX_KB, JSON.stringify(counts));
});
