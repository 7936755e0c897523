/** A daemon under drift for half an hour: its memory and its descriptors stay what they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { amount, figures } from '../support/faults/amount.ts';
import { differences, eventually } from '../support/faults/exact.ts';
import { labOf } from '../support/faults/labs.ts';
import { diceFor } from '../support/faults/seed.ts';
import { temporaryFolder } from '../support/folder.ts';
import { uniqueName } from '../support/netns.ts';

/** The first part is left out: caches fill, and code is compiled. */
const WARM_PART = 0.2;
const GROWTH_MAX_KB = 48 * 1024;
const DESCRIPTORS_MAX = 4;

test('memory and descriptors of a daemon are flat', { timeout: 3_600_000 }, async () => {
  const seconds = amount('SOAK_SECONDS', 1800);
  const dice = diceFor('soak');
  const lab = labOf(uniqueName('s'), { nodes: 20, links: 100 });
  using folder = temporaryFolder('soak');
  const file = join(folder.path, 'lab.json');
  await writeFile(file, JSON.stringify(lab));
  const samples: { readonly rssKb: number; readonly descriptors: number }[] = [];
  const daemon = startLinkloom(['daemon', '-f', file]);
  try {
    await daemon.until(/^All links connected$/m);
    const pid = String(daemon.child.pid);
    const deadline = Date.now() + seconds * 1000;
    while (Date.now() < deadline) {
      const link = dice.pick(lab.links);
      await execa('ip', ['-n', link.netns, 'link', 'set', link.dev, 'mtu', '1300'], { reject: false });
      await delay(1000);
      const rssKb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
      samples.push({ rssKb, descriptors: readdirSync(`/proc/${pid}/fd`).length });
    }
    const warm = samples.slice(Math.floor(samples.length * WARM_PART));
    const half = warm.length >> 1;
    const most = (part: typeof samples, key: 'rssKb' | 'descriptors') => Math.max(...part.map((one) => one[key]));
    const result = {
      seconds,
      samples: samples.length,
      rssKbFirstHalf: most(warm.slice(0, half), 'rssKb'),
      rssKbSecondHalf: most(warm.slice(half), 'rssKb'),
      descriptorsFirstHalf: most(warm.slice(0, half), 'descriptors'),
      descriptorsSecondHalf: most(warm.slice(half), 'descriptors'),
      mended: daemon.output().match(/put back$/gm)?.length ?? 0,
    };
    figures('soak', result);
    assert.ok(result.rssKbSecondHalf - result.rssKbFirstHalf < GROWTH_MAX_KB, JSON.stringify(result));
    assert.ok(result.descriptorsSecondHalf - result.descriptorsFirstHalf <= DESCRIPTORS_MAX, JSON.stringify(result));
    assert.deepEqual(await eventually(() => differences(lab), 40_000), []);
  } finally {
    daemon.child.kill('SIGTERM');
    await daemon[Symbol.asyncDispose]();
    await linkloom(['down', '--lab', lab.lab]);
  }
});
