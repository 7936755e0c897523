/** Containers on devices of the host, linkloom in a container that finds the host's, and tunnels between two of its containers. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../support/engine/image.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { newNetns } from '../support/netns.ts';

/** For a daemon to have linked what runs. */
const WAIT_MS = 60_000;

describe('containers on lower devices', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  before(async () => {
    await ensureImage();
    folder = temporaryFolder('lower');
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  const start = (name: string) =>
    engine.docker('run', '-d', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '1000000');
  const logOf = async (name: string): Promise<string> =>
    (await execa('docker', ['logs', name], { env: engine.env, extendEnv: false, all: true })).all;
  /** Pings until one is answered; fails with what these linklooms said. */
  async function reaches(container: string, address: string, looms: readonly string[] = []): Promise<void> {
    for (const deadline = Date.now() + WAIT_MS; ; ) {
      const { failed } = await execa('docker', ['exec', container, 'ping', '-c', '1', '-W', '2', address], {
        env: engine.env,
        extendEnv: false,
        reject: false,
      });
      if (!failed) return;
      if (Date.now() < deadline) continue;
      const logs = await Promise.all(looms.map(logOf));
      assert.fail(`${container} does not reach ${address}\n${logs.join('\n')}`);
    }
  }

  it('a macvlan in a container, from a host', async () => {
    await using host = await newNetns('h');
    await using far = await newNetns('f');
    await host.exec('ip', 'link', 'add', 'eth0', 'up', 'type', 'veth', 'peer', 'name', 'f0', 'netns', far.name);
    await far.exec('ip', 'link', 'set', 'f0', 'up');
    await far.exec('ip', 'address', 'add', '10.4.0.100/24', 'dev', 'f0');
    await start('on-host');
    const linkloom = (args: readonly string[], input = '') =>
      execa('nsenter', [`--net=/run/netns/${host.name}`, process.execPath, BIN, ...args], {
        env: engine.env,
        input,
        reject: false,
      });
    const link = { container: 'on-host', type: 'macvlan', mode: 'bridge', 'outer-dev': 'eth0', ip: '10.4.0.1/24' };
    const lab = JSON.stringify({ lab: 'on-host', links: [link] });
    const up = await linkloom(['up', '-f', '-', '--json'], lab);
    assert.equal(up.exitCode, 0, up.stderr);
    await reaches('on-host', '10.4.0.100');
    assert.match((await linkloom(['up', '-f', '-', '--json'], lab)).stdout, /"unchanged": ?1/);
    const down = await linkloom(['down', '--lab', 'on-host']);
    assert.equal(down.exitCode, 0, down.stderr);
    assert.doesNotMatch(await engine.docker('exec', 'on-host', 'ls', '/sys/class/net'), /eth0/);
    assert.ok(await host.link('eth0'), 'the parent stays');
    await engine.docker('rm', '--force', 'on-host');
  });

  it('a macvlan made by linkloom in a container: the host is where process 1 is', async () => {
    // Stands for the host: its process 1 is the one that linkloom sees as such, on the engine's network.
    await engine.docker('run', '-d', '--name', 'host', BUSYBOX, 'sleep', '1000000');
    const link = { netns: 'n', type: 'macvlan', mode: 'bridge', 'outer-dev': 'eth0', ip: '10.5.0.1/24' };
    const script = `echo '${JSON.stringify({ lab: 'inside', links: [link] })}' | linkloom up -f - --switch own && ip -netns n -details -json link show eth0`;
    const out = await engine.docker(
      ...['run', '--rm', '--network', 'none', '--pid', 'container:host', '--security-opt', 'apparmor=unconfined'],
      ...['--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN', '--cap-add', 'SYS_PTRACE'],
      ...['--volume', `${engine.socketPath}:/var/run/docker.sock`, IMAGE, 'sh', '-c', script],
    );
    const [device] = JSON.parse(out.slice(out.indexOf('[{')));
    const parent = Number(await engine.docker('exec', 'host', 'cat', '/sys/class/net/eth0/ifindex'));
    assert.equal(device.linkinfo.info_kind, 'macvlan');
    assert.equal(device.link_index, parent);
    await engine.docker('rm', '--force', 'host');
  });

  it('a tunnel between two linklooms, each in a container on a network of the engine’s', async () => {
    await engine.docker('network', 'create', '--subnet', '172.31.77.0/24', 'underlay');
    const addresses = ['172.31.77.2', '172.31.77.3'] as const;
    for (const [index, name] of ['tunnel-a', 'tunnel-b'].entries()) {
      await start(name);
      const config = join(folder.path, name);
      mkdirSync(config);
      writeFileSync(
        join(config, 'net.json'),
        JSON.stringify({
          links: [{ container: name, bridge: 's1', ip: `10.6.0.${index + 1}/24`, mtu: 1400 }],
          tunnels: [{ type: 'vxlan', bridge: 's1', remote: addresses[1 - index], vni: 1001 }],
        }),
      );
      await engine.docker(
        ...['run', '-d', '--name', `${name}-loom`, '--pid', 'host', '--network', 'underlay'],
        ...[
          '--ip',
          addresses[index] ?? '',
          '--cap-add',
          'SYS_ADMIN',
          '--cap-add',
          'NET_ADMIN',
          '--cap-add',
          'SYS_PTRACE',
        ],
        ...['--volume', `${engine.socketPath}:/var/run/docker.sock`, '--volume', `${config}:/test:ro`, IMAGE],
        ...['/app/build/conlink.js', '--network-file', '/test/net.json'],
      );
    }
    const looms = ['tunnel-a-loom', 'tunnel-b-loom'];
    await reaches('tunnel-a', '10.6.0.2', looms);
    const log = await logOf('tunnel-a-loom');
    assert.match(log, /Creating vxlan link vxlan-1001 \(bridge s1, remote 172\.31\.77\.3\)/);
    assert.match(log, /All links connected/);
    await engine.docker('stop', '--time', '20', 'tunnel-a-loom');
    await engine.docker('rm', '--force', 'tunnel-a', 'tunnel-b', ...looms);
  });
});
