/** Real containers on a bridge of the host that has a stranger's port in it. A named namespace stands for the host's. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN, NEUTRAL } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { type Netns, newNetns, uniqueName } from '../support/netns.ts';

const LAB = uniqueName('x');
const WAIT_MS = 60_000;

describe('containers on an external bridge', { timeout: 400_000 }, () => {
  let engine: TestEngine;
  let host: Netns;
  let stranger: Netns;
  before(async () => {
    engine = await startDockerd();
    await ensureBusybox(engine);
    host = await newNetns('h');
    stranger = await newNetns('s');
    await host.exec('ip', 'link', 'add', 'br-lab', 'type', 'bridge');
    await host.exec('ip', 'link', 'add', 'theirs', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', stranger.name);
    // As libvirt gives its taps: a bridge that has taken it keeps it.
    await host.exec('ip', 'link', 'set', 'theirs', 'address', 'fe:fe:00:00:00:01');
    await host.exec('ip', 'link', 'set', 'theirs', 'up', 'master', 'br-lab');
    await host.exec('ip', 'link', 'set', 'br-lab', 'up');
    await host.exec('ip', 'address', 'add', '10.76.0.1/24', 'dev', 'br-lab');
    await stranger.exec('ip', 'address', 'add', '10.76.0.9/24', 'dev', 'eth0');
    await stranger.exec('ip', 'link', 'set', 'eth0', 'up');
    await stranger.untilUp('eth0');
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    await stranger?.[Symbol.asyncDispose]();
    await host?.[Symbol.asyncDispose]();
  });

  const onHost = (args: readonly string[], input?: object) =>
    execa('nsenter', [`--net=/run/netns/${host.name}`, process.execPath, BIN, ...args], {
      env: { ...NEUTRAL, ...engine.env },
      reject: false,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input: JSON.stringify(input) }),
    });
  const run = (name: string): Promise<string> =>
    engine.docker('run', '--detach', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '1000000');
  const lab = {
    lab: LAB,
    bridges: [{ bridge: 'br-lab', external: true }],
    links: [
      { container: 'ext-a', dev: 'eth0', bridge: 'br-lab', ip: '10.76.0.2/24' },
      { container: 'ext-b', dev: 'eth0', bridge: 'br-lab', ip: '10.76.0.3/24' },
    ],
  };
  /** The ports of the bridge, the stranger's aside. */
  const ports = async (): Promise<number> =>
    (await host.links()).filter(({ master, ifname }) => master === 'br-lab' && ifname !== 'theirs').length;
  const theirs = async (): Promise<string> => {
    const links = (await host.links()).filter(({ ifname }) => ['br-lab', 'theirs', 'lo'].includes(ifname));
    return JSON.stringify(links, null, 1).replace(/"\w*timer": [\d.]+,?/g, '');
  };

  it('reach a stranger and each other; one that starts again is joined again; all of theirs stays', async () => {
    const traffic = execa('ip', ['netns', 'exec', host.name, 'ping', '-i', '0.1', '10.76.0.9'], { reject: false });
    try {
      const before = await theirs();
      await run('ext-a');
      await run('ext-b');
      const up = await onHost(['up', '-f', '-', '--json'], lab);
      assert.equal(up.exitCode, 0, up.stderr);
      await engine.docker('exec', 'ext-a', 'ping', '-c', '1', '-W', '3', '10.76.0.9');
      await engine.docker('exec', 'ext-a', 'ping', '-c', '1', '-W', '3', '10.76.0.3');
      await stranger.exec('ping', '-c', '1', '-W', '3', '10.76.0.2');
      assert.deepEqual([await ports(), await theirs()], [2, before]);
      await engine.docker('restart', '--time', '0', 'ext-a');
      const again = await onHost(['up', '-f', '-', '--json'], lab);
      assert.equal(again.exitCode, 0, again.stderr);
      const { created, unchanged } = JSON.parse(again.stdout).links;
      assert.deepEqual([created, unchanged], [1, 1]);
      await reached('10.76.0.2');
      const down = await onHost(['down', '--lab', LAB]);
      assert.equal(down.exitCode, 0, down.stderr);
      assert.deepEqual([await ports(), await theirs()], [0, before]);
      assert.doesNotMatch(await engine.docker('exec', 'ext-a', 'ls', '/sys/class/net'), /eth0/);
    } finally {
      traffic.kill('SIGINT');
    }
    const [, sent = '0', received = '0'] =
      /(\d+) packets transmitted, (\d+) received/.exec((await traffic).stdout) ?? [];
    assert.ok(Number(sent) > 10 && Number(received) >= Number(sent) - 1, `${received} of ${sent}`);
    await engine.docker('rm', '--force', 'ext-a', 'ext-b');
  });

  /** Pings until one is answered. */
  async function reached(address: string): Promise<void> {
    for (const deadline = Date.now() + WAIT_MS; ; ) {
      const ping = execa('ip', ['netns', 'exec', stranger.name, 'ping', '-c', '1', '-W', '2', address], {
        reject: false,
      });
      if ((await ping).exitCode === 0) return;
      assert.ok(Date.now() < deadline, `the stranger does not reach ${address}`);
    }
  }
});
