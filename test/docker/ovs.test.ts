/** Containers on a bridge of Open vSwitch, followed by the daemon: what comes back is on the bridge again. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../support/engine/image.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const LAB = 'docker-ovs-test';
const DATABASE = `unix:/run/linkloom/${LAB}/ovs/db.sock`;

describe('containers on Open vSwitch', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;

  before(async () => {
    folder = temporaryFolder('ovs');
    await ensureImage();
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

  it('is found by its programs in the image without a word about where it is', async () => {
    const file = join(folder.path, 'image.yaml');
    const links = ['left', 'right'].map((container, n) => ({ container, bridge: 'lan', ip: `10.3.0.${n + 1}/24` }));
    writeFileSync(file, JSON.stringify({ lab: 'ovs-image', bridges: [{ bridge: 'lan', datapath: 'netdev' }], links }));
    for (const name of ['left', 'right']) {
      await engine.docker('run', '--detach', '--init', '--network=none', '--name', name, BUSYBOX, 'sleep', '1000000');
    }
    const network = ['--detach', '--name', 'network', '--network=none', '--pid=host', '--device=/dev/net/tun'];
    const caps = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_NICE', 'NET_BROADCAST', 'IPC_LOCK'].map((cap) => `--cap-add=${cap}`);
    const volumes = [`--volume=${engine.socketPath}:/var/run/docker.sock`, `--volume=${folder.path}:/lab:ro`];
    await engine.docker('run', ...network, ...caps, ...volumes, IMAGE, 'linkloom', '--network-file', '/lab/image.yaml');
    try {
      let log = '';
      for (let tries = 0; tries < 300 && !log.includes('All links connected'); tries++) {
        await new Promise((go) => setTimeout(go, 100));
        const { all } = await execa('docker', ['logs', 'network'], { env: engine.env, extendEnv: false, all: true });
        log = all;
      }
      const ask = (...words: readonly string[]): Promise<string> => engine.docker('exec', 'network', ...words);
      assert.match(await ask('ovs-vsctl', 'show'), /Bridge lan.*Port left-eth0/s, log);
      assert.match(await ask('ovs-ofctl', 'show', 'lan'), /right-eth0/);
      assert.match(await ask('ovs-appctl', 'fdb/show', 'lan'), /port/);
      assert.match(await ask('ovs-appctl', '-t', 'ovsdb-server', 'version'), /ovsdb-server/);
    } finally {
      await engine.docker('stop', 'network');
    }
    const changes = await engine.docker('diff', 'network');
    assert.doesNotMatch(changes, /openvswitch(\/db\.sock)?$/m);
    await engine.docker('rm', '--force', 'network', 'left', 'right');
  });
});
