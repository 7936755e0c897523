/** A daemon whose log is on a disk that fills up and empties again, while links are changed under it: it mends, and its words come back. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BIN, linkloom } from '../support/bin.ts';
import { amount, figures } from '../support/faults/amount.ts';
import { differences, eventually } from '../support/faults/exact.ts';
import { labOf } from '../support/faults/labs.ts';
import { temporaryFolder } from '../support/folder.ts';
import { uniqueName } from '../support/netns.ts';

const DISK_KB = 64;
const MEND_MS = 40_000;

test('a daemon outlives a full disk, again and again', { timeout: 1_200_000 }, async () => {
  const rounds = amount('FULL_DISKS', 10);
  const lab = labOf(uniqueName('q'), { nodes: 4, links: 8 });
  using folder = temporaryFolder('disk');
  const file = join(folder.path, 'lab.json');
  writeFileSync(file, JSON.stringify(lab));
  const disk = join(folder.path, 'disk');
  await execa('mkdir', [disk]);
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${DISK_KB}k`, 'none', disk]);
  const [log, ballast] = [join(disk, 'log'), join(disk, 'ballast')];
  const descriptor = openSync(log, 'a');
  const daemon = spawn(process.execPath, [BIN, 'daemon', '-f', file, '-v'], {
    stdio: ['ignore', descriptor, descriptor],
  });
  const exact = async (): Promise<void> => assert.deepEqual(await eventually(() => differences(lab), MEND_MS), []);
  const change = async (round: number): Promise<void> => {
    const link = lab.links[round % lab.links.length];
    assert.ok(link);
    await execa('ip', ['-n', link.netns, 'link', 'set', link.dev, 'mtu', '1300']);
  };
  let cpuSeconds = 0;
  try {
    await exact();
    for (let round = 0; round < rounds; round++) {
      while (statfsSync(disk).bfree > 0) writeFileSync(ballast, Buffer.alloc(4096), { flag: 'a' });
      await change(round);
      await exact();
      rmSync(ballast);
      truncateSync(log, 0);
      await change(round + 1);
      await exact();
      await delay(100);
      assert.match(readFileSync(log, 'utf8'), /put back/, 'its words are there again');
      assert.equal(daemon.exitCode, null);
    }
    const ticks = readFileSync(`/proc/${daemon.pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
    cpuSeconds = ticks.reduce((sum, text) => sum + Number(text), 0) / 100;
    daemon.kill('SIGTERM');
    assert.deepEqual(await once(daemon, 'exit'), [0, null]);
  } finally {
    daemon.kill('SIGKILL');
    closeSync(descriptor);
    await linkloom(['down', '--lab', lab.lab]);
    await execa('umount', [disk]);
  }
  figures('full-disk', { rounds, cpuSeconds });
});
