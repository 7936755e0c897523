/** Containers on a bridge of Open vSwitch, followed by the daemon: what comes back is on the bridge again. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const LAB = 'docker-ovs-test';
const DATABASE = `unix:/run/linkloom/${LAB}/ovs/db.sock`;

describe('containers on Open vSwitch', { timeout: 300_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;

  before(async () => {
    folder = temporaryFolder('ovs');
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB], { env: engine?.env ?? {} });
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  const ports = async (): Promise<string> =>
    (await execa('ovs-vsctl', [`--db=${DATABASE}`, 'list-ports', 'lan'])).stdout;

  it('follows restarts, one after another and of both at once, and goes with the daemon', async () => {
    const file = join(folder.path, 'lab.yaml');
    const links = ['left', 'right'].map((container, n) => ({ container, bridge: 'lan', ip: `10.3.0.${n + 1}/24` }));
    writeFileSync(file, JSON.stringify({ lab: LAB, bridges: [{ bridge: 'lan', datapath: 'netdev' }], links }));
    for (const name of ['left', 'right']) {
      await engine.docker('run', '--detach', '--init', '--network=none', '--name', name, BUSYBOX, 'sleep', '1000000');
    }
    await using daemon = startLinkloom(['daemon', '-f', file], { env: engine.env });
    const connected = (times: number) =>
      daemon.until(new RegExp('(All links connected.*?){N}'.replace('N', `${times}`), 's'));
    await connected(1);
    const reach = (from: string, to: string) => engine.docker('exec', from, 'ping', '-c', '3', '-W', '3', to);
    await reach('left', '10.3.0.2');
    await engine.docker('restart', '--time=0', 'right');
    await connected(2);
    await reach('left', '10.3.0.2');
    await engine.docker('restart', '--time=0', 'left', 'right');
    await connected(3);
    await reach('right', '10.3.0.1');
    assert.deepEqual((await ports()).split('\n').sort(), ['left-eth0', 'right-eth0']);
    await engine.docker('kill', 'right');
    await daemon.until(/right/);
    for (let tries = 0; tries < 100 && /right/.test(await ports()); tries++)
      await new Promise((go) => setTimeout(go, 100));
    assert.equal(await ports(), 'left-eth0');
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.equal(existsSync(`/run/linkloom/${LAB}`), false);
    await engine.docker('rm', '--force', 'left', 'right');
  });
});
