/** Containers as nodes: whether their wires go where the file says, and what is told of them as they come and go. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, type Ran, startLinkloom } from '../../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';

const LAB = 'live-test';
const [A, B, C] = ['live-a', 'live-b', 'live-c'] as const;
const WAIT_MS = 60_000;

describe('containers as nodes', { timeout: 300_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  const file = (): string => join(folder.path, 'lab.json');
  const env = (): Record<string, string> => ({ ...engine.env });
  const run = (...words: readonly string[]): Promise<Ran> => linkloom([...words, '-f', file()], { env: env() });

  before(async () => {
    folder = temporaryFolder('live');
    engine = await startDockerd();
    await ensureBusybox(engine);
    for (const name of [A, B, C]) {
      const options = ['--detach', '--init', '--network', 'none', '--name', name];
      await engine.docker('run', ...options, BUSYBOX, 'sleep', '1000000');
    }
    const modes = { lan: 'linux', other: 'linux', cord: 'direct' };
    const bridges = Object.entries(modes).map(([bridge, mode]) => ({ bridge, mode }));
    const on = (container: string, bridge: string, dev: string) => ({ container, bridge, dev, mtu: 1500 });
    const links = [
      ...[A, B, C].map((name) => on(name, 'lan', 'eth0')),
      ...[A, B].map((name) => on(name, 'cord', 'eth1')),
      ...[A, C].map((name) => on(name, 'other', 'eth2')),
    ];
    writeFileSync(file(), JSON.stringify({ lab: LAB, bridges, links }));
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB], { env: engine === undefined ? {} : env() });
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  async function inNode(name: string, ...words: readonly string[]): Promise<void> {
    const pid = await engine.docker('inspect', '--format', '{{.State.Pid}}', name);
    await execa('nsenter', ['--net', '--target', pid.trim(), 'ip', ...words]);
  }
  /** The links that are not ok: `live-a:eth0` → state. */
  async function wrong(status: number): Promise<Readonly<Record<string, string>>> {
    const { exitCode, stdout, stderr } = await run('verify', '--json');
    assert.equal(exitCode, status, stdout + stderr);
    interface Proved {
      readonly links: readonly { readonly link: string; readonly state: string }[];
    }
    const { links }: Proved = JSON.parse(stdout);
    assert.equal(links.length, 7);
    return Object.fromEntries(links.flatMap(({ link, state }) => (state === 'ok' ? [] : [[link, state]])));
  }

  it('are proved to be wired as the file says, and leave nothing of it behind', async () => {
    const up = await run('up', '--verify');
    assert.equal(up.exitCode, 0, up.stderr);
    assert.match(up.stdout, /7 links: 7 ok, 0 at fault, 0 not proved/);
    const byName = await linkloom(['verify', '--lab', LAB, '--json'], { env: env(), cwd: '/' });
    assert.deepEqual(JSON.parse(byName.stdout).counts, { links: 7, ok: 7, faults: 0, notProved: 0 });
  });

  it('are named where a device is down, where a port is in another bridge, and where one does not run', async () => {
    await inNode(B, 'link', 'set', 'eth1', 'down');
    assert.deepEqual(await wrong(1), { [`${A}:eth1`]: 'nothing', [`${B}:eth1`]: 'down' });
    await inNode(B, 'link', 'set', 'eth1', 'up');
    assert.deepEqual(await wrong(0), {});

    const { stdout } = await run('status', '--json');
    interface Shown {
      readonly links: readonly { readonly link: string; readonly port: { readonly ifname: string } | null }[];
    }
    const { links }: Shown = JSON.parse(stdout);
    const port = links.find(({ link }) => link === `${C}:eth0`)?.port?.ifname ?? '';
    await execa('ip', ['-n', `linkloom-${LAB}`, 'link', 'set', port, 'master', 'other']);
    assert.equal((await wrong(1))[`${C}:eth0`], 'miswired');
    const { stdout: told } = await run('verify', `${C}:eth0`);
    assert.match(told, new RegExp(`${C}:eth0: miswired: .*is in bridge other, not in lan`));
    assert.equal((await run('up')).exitCode, 0);
    assert.deepEqual(await wrong(0), {});

    await engine.docker('stop', '--time', '0', B);
    const gone = await wrong(1);
    assert.deepEqual([gone[`${B}:eth0`], gone[`${B}:eth1`]], ['not-running', 'not-running']);
    assert.deepEqual(
      Object.keys(gone).filter((link) => !link.startsWith(B)),
      [`${A}:eth1`],
    );
    await engine.docker('start', B);
    assert.equal((await run('up', '--verify')).exitCode, 0);
  });

  it('are told of as they end and start, without a daemon', async () => {
    await using watch = startLinkloom(['events', '-f', file()], { env: env() });
    await watch.until(/Following lab/, WAIT_MS);
    await engine.docker('stop', '--time', '0', B);
    await watch.until(new RegExp(`^[0-9:.]+ container ${B} ended$`, 'm'), WAIT_MS);
    await watch.until(new RegExp(`^[0-9:.]+ ${B}:eth0 is gone`, 'm'), WAIT_MS);
    await watch.until(new RegExp(`^[0-9:.]+ ${B}:eth0 waits`, 'm'), WAIT_MS);
    await engine.docker('start', B);
    await watch.until(new RegExp(`^[0-9:.]+ container ${B} started$`, 'm'), WAIT_MS);
    await watch.until(new RegExp(`^[0-9:.]+ ${B}:eth0 differs from the configuration: missing`, 'm'), WAIT_MS);
    assert.equal((await run('up')).exitCode, 0);
    await watch.until(new RegExp(`^[0-9:.]+ ${B}:eth1 is there`, 'm'), WAIT_MS);
    watch.child.kill('SIGINT');
    assert.equal((await watch.child).exitCode, 0, watch.output());
  });

  it('are told of beside a daemon, that makes their links each time, by the name of the lab', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file()], { env: env() });
    await daemon.until(/^All links connected$/m, WAIT_MS);
    const words = ['events', '--lab', LAB, '--json', '--kind', 'container,link', '--node', B];
    await using watch = startLinkloom(words, { env: env() });
    await watch.until(/Following lab/, WAIT_MS);
    await engine.docker('restart', '--time', '0', B);
    await watch.until(new RegExp(`"source":"engine","type":"container","change":"ended","name":"${B}"`), WAIT_MS);
    await watch.until(new RegExp(`"source":"engine","type":"container","change":"started","name":"${B}"`), WAIT_MS);
    for (const dev of ['eth0', 'eth1'])
      await watch.until(new RegExp(`"type":"made"[^\n]*"node":"${B}","dev":"${dev}"`), WAIT_MS);
    assert.doesNotMatch(watch.output(), new RegExp(`"node":"${A}"`));
    watch.child.kill('SIGTERM');
    assert.equal((await watch.child).exitCode, 0, watch.output());
    assert.deepEqual(await wrong(0), {});
    daemon.child.kill('SIGTERM');
    await daemon.child;
  });
});
