/** Packets of containers, captured while they restart: the link is the same one for whoever looks, whatever process and device stand behind it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { packetsIn } from '../../support/capture/tshark.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';

const LAB = 'capture-test';
const [WEB, OTHER] = ['capture-web', 'capture-other'];
const WAIT_MS = 60_000;

describe('capturing on containers', { timeout: 300_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  const env = (): Record<string, string> => ({ ...engine.env });

  before(async () => {
    folder = temporaryFolder('capture');
    engine = await startDockerd();
    await ensureBusybox(engine);
    const run = ['run', '--detach', '--init', '--network', 'none'];
    await engine.docker(
      ...run,
      '--label',
      'com.docker.compose.service=web',
      '--name',
      WEB,
      BUSYBOX,
      'sleep',
      '1000000',
    );
    await engine.docker(...run, '--name', OTHER, BUSYBOX, 'sleep', '1000000');
    const links = [
      { container: WEB, bridge: 'lan', dev: 'eth0', ip: '10.7.0.1/24' },
      { container: OTHER, bridge: 'lan', dev: 'eth0', ip: '10.7.0.2/24' },
    ];
    writeFileSync(join(folder.path, 'lab.yaml'), JSON.stringify({ lab: LAB, links }));
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB], { env: engine === undefined ? {} : env() });
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  async function ping(): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const text = await engine.docker('exec', OTHER, 'ping', '-c', '1', '-W', '1', '10.7.0.1').catch(() => '');
      if (text.includes('1 packets received')) return;
      if (Date.now() > deadline) assert.fail(text);
      await delay(200);
    }
  }

  it('goes on with the new process, under the name of the link', async () => {
    await using daemon = startLinkloom(['daemon', '-f', join(folder.path, 'lab.yaml')], { env: env() });
    await daemon.until(/All links connected/, WAIT_MS);
    const file = join(folder.path, 'web.pcapng');
    const words = ['capture', '--lab', LAB, 'web:eth0', '--filter', 'icmp[icmptype] = icmp-echoreply', '-w', file];
    await using capture = startLinkloom(words, { env: env() });
    await capture.until(/Capturing on 1 link/, WAIT_MS);
    await ping();
    await engine.docker('restart', '--time', '0', WEB);
    await capture.until(/capture-web:eth0 is there again/, WAIT_MS);
    assert.match(capture.output(), /capture-web:eth0 is gone/);
    await ping();
    capture.child.kill('SIGINT');
    assert.equal((await capture.child).exitCode, 0, capture.output());
    const packets = await packetsIn(file);
    assert.ok(packets.length >= 2, capture.output());
    assert.deepEqual([...new Set(packets.map((packet) => packet.interface))], [`${WEB}:eth0`]);
    const seconds = packets.map(({ time }) => Number(time / 1_000_000n) / 1000);
    assert.ok((seconds.at(-1) ?? 0) - (seconds[0] ?? 0) > 0.5, 'from before the restart and from after it');
  });
});
