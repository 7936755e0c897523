/** linkloom on the host, outside any container: `up` and `down` with `container:` nodes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, type Ran, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const LAB = 'docker-host-test';

describe('containers linked from the host', { timeout: 300_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  let file: string;

  before(async () => {
    folder = temporaryFolder('host');
    file = join(folder.path, 'lab.yaml');
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB], { env: engine?.env ?? {} });
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  function run(...args: readonly string[]): Promise<Ran> {
    return linkloom(args, { env: engine.env });
  }

  function describeLab(...links: readonly Record<string, unknown>[]): void {
    writeFileSync(file, JSON.stringify({ lab: LAB, links }));
  }

  async function start(name: string, ...options: readonly string[]): Promise<string> {
    const base = ['run', '--detach', '--init', '--network', 'none', '--name', name];
    return engine.docker(...base, ...options, BUSYBOX, 'sleep', '1000000');
  }

  const exec = (name: string, ...argv: readonly string[]): Promise<string> => engine.docker('exec', name, ...argv);
  const devices = (name: string): Promise<string> => exec(name, 'ls', '/sys/class/net');
  const switches = (): readonly string[] => {
    try {
      return readdirSync('/run/netns').filter((name) => name.startsWith(`linkloom-${LAB}`));
    } catch {
      return [];
    }
  };

  it('runs commands in containers: one that fails is told, one that goes on is left by a signal', async () => {
    await start('left');
    const links = [{ container: 'left', bridge: 'lan', ip: '10.3.0.1/24' }];
    const commands = [{ container: 'left', command: 'sleep 1000 & exit 3' }];
    writeFileSync(file, JSON.stringify({ lab: LAB, links, commands }));
    const failed = await run('up', '-f', file, '--json');
    assert.equal(failed.exitCode, 1, failed.stderr);
    const [told] = JSON.parse(failed.stdout).commands;
    assert.deepEqual([told.node, told.state, told.status], ['left', 'ended', 3]);
    writeFileSync(
      file,
      JSON.stringify({ lab: LAB, links, commands: [{ container: 'left', command: 'echo on; sleep 1000' }] }),
    );
    await using up = startLinkloom(['up', '-f', file, '--rerun-commands'], { env: engine.env });
    await up.until(/left: on/);
    up.child.kill('SIGINT');
    assert.equal((await up.child).exitCode, 130, up.output());
    assert.match(up.output(), /the command in left \["sh","-c","echo on; sleep 1000"\] still runs/);
    // One that the first left in the background, and this one.
    assert.equal((await exec('left', 'ps')).match(/sleep 1000$/gm)?.length, 2);
    writeFileSync(
      file,
      JSON.stringify({ lab: LAB, links, commands: [{ container: 'left', command: 'echo resumed' }] }),
    );
    await engine.docker('pause', 'left');
    for (const flags of [['--rerun-commands'], []]) {
      const paused = await run('up', '-f', file, ...flags);
      assert.equal(paused.exitCode, 1, paused.stderr);
      assert.match(paused.stderr, /is paused/);
    }
    await engine.docker('unpause', 'left');
    const resumed = await run('up', '-f', file);
    assert.equal(resumed.exitCode, 0, resumed.stderr);
    assert.match(resumed.stderr, /left: resumed/);
    assert.doesNotMatch((await run('up', '-f', file)).stderr, /resumed/);
    await run('down', '--lab', LAB);
    await engine.docker('rm', '--force', 'left');
  });

  it('goes up, changes nothing the second time, and goes down by the name alone', async () => {
    await start('left');
    await start('right');
    describeLab(
      { container: 'left', bridge: 'lan', ip: '10.3.0.1/24' },
      { container: 'right', bridge: 'lan', ip: '10.3.0.2/24' },
      { container: 'right', bridge: 'other', dev: 'eth1', ip: '10.3.1.2/24' },
    );
    const first = await run('up', '-f', file, '--json');
    assert.equal(first.exitCode, 0, first.stderr);
    assert.equal(JSON.parse(first.stdout).links.created, 3);
    await exec('left', 'ping', '-c', '1', '-W', '3', '10.3.0.2');
    const labs = await run('status', '--all');
    assert.match(labs.stdout, /^docker-host-test .*container left/m, labs.stdout);
    assert.match(labs.stdout, /^left +docker-host-test +\d+ +.*10\.3\.0\.1\/24/m, labs.stdout);
    const byName = JSON.parse((await run('status', '--lab', LAB, '--json')).stdout);
    for (const link of byName.links)
      assert.deepEqual([link.state, link.device.ifname], ['ok', link.link.split(':')[1]]);
    assert.equal(switches().length, 1);

    const second = await run('up', '-f', file, '--json');
    assert.equal(second.exitCode, 0, second.stderr);
    const { created, changed, unchanged } = JSON.parse(second.stdout).links;
    assert.deepEqual({ created, changed, unchanged }, { created: 0, changed: 0, unchanged: 3 });

    const down = await run('down', '--lab', LAB);
    assert.equal(down.exitCode, 0, down.stderr);
    assert.doesNotMatch(await devices('left'), /eth/);
    assert.doesNotMatch(await devices('right'), /eth/);
    assert.deepEqual(switches(), []);
    await engine.docker('rm', '--force', 'left', 'right');
  });

  it('ties two containers straight together, and a container to a namespace', async () => {
    await start('left');
    await start('right');
    writeFileSync(
      file,
      JSON.stringify({
        lab: LAB,
        bridges: [{ bridge: 'wire', mode: 'direct' }],
        links: [
          { container: 'left', bridge: 'wire', ip: '10.3.0.1/30' },
          { container: 'right', bridge: 'wire', ip: '10.3.0.2/30' },
          { container: 'right', bridge: 'lan', dev: 'eth1', ip: '10.3.1.1/24' },
          { netns: `${LAB}-node`, bridge: 'lan', ip: '10.3.1.2/24' },
        ],
      }),
    );
    const up = await run('up', '-f', file);
    assert.equal(up.exitCode, 0, up.stderr);
    await exec('left', 'ping', '-c', '1', '-W', '3', '10.3.0.2');
    await exec('right', 'ping', '-c', '1', '-W', '3', '10.3.1.2');
    const down = await run('down', '--lab', LAB);
    assert.equal(down.exitCode, 0, down.stderr);
    assert.doesNotMatch((await devices('left')) + (await devices('right')), /eth/);
    assert.deepEqual(switches(), []);
    await engine.docker('rm', '--force', 'left', 'right');
  });

  it('fails the link whose device is there already, and makes the others', async () => {
    await engine.docker('run', '--detach', '--init', '--name', 'bridged', BUSYBOX, 'sleep', '1000000');
    const before = await exec('bridged', 'ip', 'addr', 'show', 'eth0');
    describeLab(
      { container: 'bridged', bridge: 'lan', ip: '10.3.0.1/24' },
      { container: 'bridged', bridge: 'lan', dev: 'eth1', ip: '10.3.0.2/24' },
    );
    const up = await run('up', '-f', file, '--json');
    assert.equal(up.exitCode, 1);
    const { failures, links } = JSON.parse(up.stdout);
    assert.equal(links.created, 1);
    assert.deepEqual(
      failures.map(({ link, code }: { link: string; code: string }) => ({ link, code })),
      [{ link: 'bridged:eth0', code: 'E_FOREIGN_DEVICE' }],
    );
    assert.match(await devices('bridged'), /eth1/);
    assert.equal((await run('down', '--lab', LAB)).exitCode, 0);
    assert.equal(await exec('bridged', 'ip', 'addr', 'show', 'eth0'), before, "Docker's own device is as it was");
    assert.doesNotMatch(await devices('bridged'), /eth1/);
    await engine.docker('rm', '--force', 'bridged');
  });

  it('counts nodes that do not run as pending', async () => {
    await start('left');
    describeLab(
      { container: 'left', bridge: 'lan', ip: '10.3.0.1/24' },
      { container: 'absent', bridge: 'lan', ip: '10.3.0.2/24' },
    );
    const up = await run('up', '-f', file, '--json');
    assert.equal(up.exitCode, 1);
    const { created, pending } = JSON.parse(up.stdout).links;
    assert.deepEqual({ created, pending }, { created: 1, pending: 1 });
    assert.equal((await run('down', '--lab', LAB)).exitCode, 0);
    await engine.docker('rm', '--force', 'left');
  });

  it('keeps links as containers come and go with `up --watch`, and leaves them at the end', async () => {
    await start('left');
    describeLab(
      { container: 'left', bridge: 'lan', ip: '10.3.0.1/24' },
      { container: 'late', bridge: 'lan', ip: '10.3.0.2/24' },
    );
    await using watching = startLinkloom(['up', '-f', file, '--watch'], { env: engine.env });
    await watching.until(/All links connected/);
    await start('late');
    await watching.until(/All links connected.*All links connected/s);
    await exec('left', 'ping', '-c', '1', '-W', '3', '10.3.0.2');
    await engine.docker('restart', '--time', '0', 'late');
    await watching.until(/All links connected.*All links connected.*All links connected/s);
    const line = 'veth link late:eth0 \\(IP 10\\.3\\.0\\.2/24\\) <-> \\S+ \\(bridge lan\\)';
    assert.match(watching.output(), new RegExp(`^Deleting ${line}$[^]*^Creating ${line}$`, 'm'));
    watching.child.kill('SIGTERM');
    assert.equal((await watching.child).exitCode, 0, watching.output());
    await exec('left', 'ping', '-c', '1', '-W', '3', '10.3.0.2');
    assert.equal((await run('down', '--lab', LAB)).exitCode, 0);
    assert.doesNotMatch(await devices('left'), /eth/);
    await engine.docker('rm', '--force', 'left', 'late');
  });

  it('removes the lab at the end of `daemon`, devices in running containers too', async () => {
    await start('left');
    describeLab({ container: 'left', bridge: 'lan', ip: '10.3.0.1/24' });
    await using daemon = startLinkloom(['daemon', '-f', file], { env: engine.env });
    await daemon.until(/All links connected/);
    assert.match(await devices('left'), /eth0/);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.doesNotMatch(await devices('left'), /eth/);
    assert.deepEqual(switches(), []);
    await engine.docker('rm', '--force', 'left');
  });

  it('says in `daemon` once what fails again and again, and is not connected', async () => {
    await engine.docker('run', '--detach', '--init', '--name', 'bridged', BUSYBOX, 'sleep', '1000000');
    describeLab({ container: 'bridged', bridge: 'lan', ip: '10.3.0.1/24' });
    await using daemon = startLinkloom(['daemon', '-f', file], { env: engine.env });
    await daemon.until(/bridged:eth0/);
    // What failed is tried again after one second, and two more. Nothing is said of that.
    await delay(4000);
    assert.equal(daemon.output().match(/bridged:eth0/g)?.length, 1, daemon.output());
    assert.doesNotMatch(daemon.output(), /All links connected/);
    daemon.child.kill('SIGINT');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.match(await devices('bridged'), /eth0/);
    await engine.docker('rm', '--force', 'bridged');
  });

  it('runs programs in a container with `exec`, and passes their status on', async () => {
    await start('left');
    describeLab({ container: 'left', bridge: 'lan', ip: '10.3.0.1/24' });
    assert.equal((await run('up', '-f', file)).exitCode, 0);
    const ran = await run('exec', 'left', '--', 'sh', '-c', 'ip -o -4 addr show eth0; exit 9');
    assert.equal(ran.exitCode, 9, ran.stderr);
    assert.match(ran.stdout, /10\.3\.0\.1\/24/);
    assert.equal((await run('down', '--lab', LAB)).exitCode, 0);
    await engine.docker('rm', '--force', 'left');
  });

  it('leaves the namespace of this process as it was', () => {
    const names = readFileSync('/proc/self/net/dev', 'utf8');
    assert.doesNotMatch(names, /left|right|bridged|late|\blan\b/);
  });
});
