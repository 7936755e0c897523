/** One container in which something can't be is its own trouble: the others' links are made, and it is named. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BIN, linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const LAB = 'faulty-test';
const PROJECT = 'faulty';

describe('a container with a fault', { timeout: 300_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  const env = (): Record<string, string> => ({ ...engine.env });
  const fileOf = (config: object): string => {
    const file = join(folder.path, 'lab.json');
    writeFileSync(file, JSON.stringify({ lab: LAB, ...config }));
    return file;
  };
  const args = (file: string): readonly string[] => ['-f', file, '--compose-project', PROJECT];
  const started: string[] = [];
  const run = async (name: string, ...options: readonly string[]): Promise<void> => {
    started.push(name);
    await engine.docker('run', '-d', '--name', name, '--network', 'none', ...options, BUSYBOX, 'sleep', '600');
  };
  const ofService = (service: string, index: number, oneoff = false): readonly string[] =>
    [
      `project=${PROJECT}`,
      `service=${service}`,
      `container-number=${index}`,
      `oneoff=${oneoff ? 'True' : 'False'}`,
    ].flatMap((label) => ['--label', `com.docker.compose.${label}`]);
  const addressOf = async (name: string): Promise<string> => {
    const text = await engine.docker('exec', name, 'ip', '-4', '-o', 'addr').catch(() => '');
    return /10\.\S+/.exec(text)?.[0] ?? 'none';
  };
  const clear = async (): Promise<void> => {
    await linkloom(['down', '--lab', LAB], { env: env() });
    if (started.length > 0) await engine.docker('rm', '-f', ...started.splice(0));
  };

  before(async () => {
    folder = temporaryFolder('faulty');
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    if (engine !== undefined) await clear();
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  it('made by compose run is no replica, not even while the replica restarts', async () => {
    const file = fileOf({ links: [{ service: 'app', bridge: 'lan', dev: 'eth1', ip: '10.0.0.1/24' }] });
    await run('faulty-app-1', ...ofService('app', 1));
    await run('faulty-app-run-1', ...ofService('app', 1, true));
    const up = await linkloom(['up', ...args(file)], { env: env() });
    assert.equal(up.exitCode, 0, up.stderr);
    await using daemon = startLinkloom(['daemon', ...args(file)], { env: env() });
    await daemon.until(/All links connected/);
    await engine.docker('restart', '-t', '0', 'faulty-app-1');
    await daemon.until(/Creating veth link faulty-app-1:eth1[\s\S]*All links connected/);
    assert.deepEqual([await addressOf('faulty-app-1'), await addressOf('faulty-app-run-1')], ['10.0.0.1/24', 'none']);
    assert.doesNotMatch(daemon.output(), /ERROR|app-run/);
    daemon.child.kill('SIGTERM');
    await daemon.child;
    await engine.docker('rm', '-f', 'faulty-app-1');
    const alone = await linkloom(['up', ...args(file)], { env: env() });
    assert.equal(alone.exitCode, 0, alone.stderr);
    assert.equal(await addressOf('faulty-app-run-1'), '10.0.0.1/24', 'there is no other');
    await clear();
  });

  it('of names or of values fails its own links, in up and in a daemon that starts', async () => {
    const links = [
      { service: 'web', bridge: 'lan', dev: 'eth0', ip: '10.0.0.1/24', 'outer-dev': 'out0' },
      { service: 'web', bridge: 'lan', dev: 'eth1', ip: '255.255.255.255/8' },
      { container: 'faulty-other', bridge: 'lan', dev: 'eth0', ip: '10.0.0.9/24' },
    ];
    const file = fileOf({ links });
    await run('faulty-web-1', ...ofService('web', 1));
    await run('faulty-web-2', ...ofService('web', 2));
    await run('faulty-other');
    const up = await linkloom(['up', ...args(file), '--json'], { env: env() });
    assert.equal(up.exitCode, 1, up.stderr);
    const { links: counts, failures } = JSON.parse(up.stdout);
    assert.deepEqual([counts.created, counts.failed], [3, 2]);
    const told = failures.map(({ link, code }: { link: string; code: string }) => `${link} ${code}`);
    assert.deepEqual(told.sort(), ['faulty-web-2:eth0 E_CLASH', 'faulty-web-2:eth1 E_CONFIG']);
    await using daemon = startLinkloom(['daemon', ...args(file)], { env: env() });
    await daemon.until(/plus 1 is past the last address/);
    await daemon.until(/would be out0, the name of the outer end of faulty-web-1:eth0/);
    await engine.docker('restart', '-t', '0', 'faulty-other');
    await daemon.until(/Creating veth link faulty-other:eth0/);
    assert.equal(daemon.child.exitCode, null);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0);
    await clear();
  });

  it('that shares the namespace of another can have devices of its own, and none of the other', async () => {
    const links = [
      { container: 'faulty-app', bridge: 'lan', dev: 'eth1', ip: '10.0.0.1/24' },
      { container: 'faulty-side', bridge: 'lan', dev: 'eth1', ip: '10.0.1.2/24' },
      { container: 'faulty-side', bridge: 'lan', dev: 'eth2', ip: '172.16.0.2/24' },
    ];
    const file = fileOf({ links });
    await run('faulty-app');
    await using daemon = startLinkloom(['daemon', ...args(file)], { env: env() });
    await daemon.until(/Creating veth link faulty-app:eth1/);
    started.push('faulty-side');
    await engine.docker(
      'run',
      '-d',
      '--name',
      'faulty-side',
      '--network',
      'container:faulty-app',
      BUSYBOX,
      'sleep',
      '600',
    );
    await daemon.until(/faulty-app:eth1 and faulty-side:eth1 are in one network namespace/);
    await daemon.until(/Creating veth link faulty-side:eth2/);
    // What failed is tried again after a second. That has to fail again, and must not make a link.
    await delay(1500);
    assert.equal(daemon.output().match(/Creating/g)?.length, 2, daemon.output());
    assert.equal(await addressOf('faulty-side'), '10.0.0.1/24');
    daemon.child.kill('SIGTERM');
    await daemon.child;
    await clear();
  });

  it('that may not be entered is named with the user or the capability that is in the way', async () => {
    const names = ['faulty-good', 'faulty-user', 'faulty-cap'];
    const links = names.map((container, n) => ({ container, bridge: 'lan', dev: 'eth0', ip: `10.0.0.${n + 1}/24` }));
    const file = fileOf({ links });
    await run('faulty-good');
    await run('faulty-user', '--user', '1000');
    await run('faulty-cap', '--cap-add', 'SYS_TIME');
    const without = ['--bounding-set=-sys_ptrace,-sys_time', '--inh-caps=-all', '--no-new-privs'];
    const words = [...without, process.execPath, BIN, 'up', ...args(file), '--json'];
    const up = await execa('setpriv', words, { reject: false, env: env() });
    assert.equal(up.exitCode, 1, up.stderr);
    const { links: counts } = JSON.parse(up.stdout);
    assert.deepEqual([counts.created, counts.failed], [1, 2]);
    assert.match(
      up.stderr,
      /faulty-user:eth0: container faulty-user can't be entered: its process runs as the user 1000/,
    );
    assert.match(up.stderr, /faulty-cap:eth0: container faulty-cap can't be entered: .*CAP_SYS_TIME/);
    assert.equal(await addressOf('faulty-good'), '10.0.0.1/24');
    await clear();
  });

  it('that an edit names is found by a daemon that had no engine to follow', async () => {
    const side = { netns: 'faulty-side', bridge: 'lan', dev: 'eth0', ip: '10.0.0.9/24' };
    const file = fileOf({ links: [side] });
    await run('faulty-late');
    await using daemon = startLinkloom(['daemon', ...args(file)], { env: env() });
    await daemon.until(/All links connected/);
    assert.doesNotMatch(daemon.output(), /Listening/);
    fileOf({ links: [side, { container: 'faulty-late', bridge: 'lan', dev: 'eth0', ip: '10.0.0.1/24' }] });
    await daemon.until(/Reloaded .*1 link more[\s\S]*Creating veth link faulty-late:eth0/);
    await engine.docker('restart', '-t', '0', 'faulty-late');
    await daemon.until(/(?:Creating veth link faulty-late:eth0[\s\S]*){2}/);
    fileOf({ links: [side] });
    await daemon.until(/Reloaded .*1 link fewer[\s\S]*Deleting link faulty-late:eth0[\s\S]*All links connected/);
    assert.equal(await addressOf('faulty-late'), 'none');
    daemon.child.kill('SIGTERM');
    await daemon.child;
    await clear();
  });

  it('that is paused gets its links at once, and its commands when it is unpaused', async () => {
    const links = [{ container: 'faulty-idle', bridge: 'lan', dev: 'eth0', ip: '10.0.0.1/24' }];
    const file = fileOf({ links, commands: [{ container: 'faulty-idle', command: 'echo awake again' }] });
    await run('faulty-idle');
    await engine.docker('pause', 'faulty-idle');
    await using daemon = startLinkloom(['daemon', ...args(file)], { env: env() });
    await daemon.until(/container faulty-idle is paused/);
    await daemon.until(/All links connected/);
    await engine.docker('unpause', 'faulty-idle');
    await daemon.until(/awake again/);
    daemon.child.kill('SIGTERM');
    await daemon.child;
    await clear();
  });
});
