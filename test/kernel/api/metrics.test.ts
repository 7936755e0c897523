/** What Prometheus reads: the figures of a real daemon, as promtool judges them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { ask, socketOf } from '../../support/api/request.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { takeName } from '../../support/daemon/take-name.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('the metrics of a daemon', { timeout: 60_000, ...needs('root', 'program:ip', 'program:promtool') }, () => {
  it('are well formed and well named, whatever has happened to the lab', async () => {
    using folder = temporaryFolder('api-metrics');
    const lab = uniqueName('m');
    const file = join(folder.path, 'lab.json');
    const links = ['a', 'b'].map((node) => ({ netns: lab + node, bridge: 'lan', dev: 'eth0' }));
    writeFileSync(file, JSON.stringify({ lab, links }));
    try {
      await using daemon = startLinkloom(['daemon', '-f', file]);
      await daemon.until(/All links connected/);
      assert.match(await judged(lab), /^linkloom_links\{state="up",lab="\w+"\} 2$/m);
      await takeName(openNetns(`${lab}a`), 'eth0');
      await daemon.until(/did not make/);
      const amiss = await judged(lab);
      assert.match(amiss, /^linkloom_links\{state="failed",lab="\w+"\} 1$/m);
      assert.match(amiss, /^linkloom_stage_duration_seconds_count\{lab="\w+",stage="apply"\} [1-9]/m);
      assert.match(amiss, /^linkloom_rtnl_wait_seconds_count\{lab="\w+"\} [1-9]/m);
    } finally {
      await linkloom(['down', '--lab', lab]);
    }
  });
});

/** The figures, of which promtool has nothing to say. */
async function judged(lab: string): Promise<string> {
  const { text } = await ask(socketOf(lab), '/metrics');
  const { exitCode, all } = await execa('promtool', ['check', 'metrics'], { input: text, reject: false, all: true });
  assert.deepEqual([exitCode, all], [0, ''], text);
  return text;
}
