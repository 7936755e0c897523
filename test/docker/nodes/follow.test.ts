/** The daemon in a lab of nodes: it makes what is missing, at its start and when its files have changed, and takes all away at its end. */
import assert from 'node:assert/strict';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';

const LAB = 'followed';
const WAIT_MS = 60_000;

describe('a daemon of a lab of nodes', { timeout: 300_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  const box = { image: BUSYBOX, command: ['sleep', '1000000'] };

  before(async () => {
    folder = temporaryFolder('followed');
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB], { env: engine?.env ?? {} });
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  function write(nodes: Readonly<Record<string, object>>, wires: readonly unknown[]): string {
    const path = join(folder.path, 'lab.json');
    writeFileSync(path, JSON.stringify({ lab: LAB, nodes, wires }));
    return path;
  }
  const inside = (node: string, ...argv: readonly string[]): Promise<string> =>
    engine.docker('exec', `${LAB}.${node}`, ...argv).catch((error: Error) => error.message);
  async function untilPing(node: string, to: string, said: () => string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!/ 0% packet loss/.test(await inside(node, 'ping', '-c', '1', '-W', '1', to))) {
      if (Date.now() > deadline) assert.fail(`${node} does not reach ${to}\n${said()}`);
      await delay(200);
    }
  }

  async function untilNamed(name: string, target: string, said: () => string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (readlinkSync(`/run/netns/${name}`) !== target) {
      if (Date.now() > deadline) assert.fail(`${name} does not lead to ${target}\n${said()}`);
      await delay(200);
    }
  }

  it('makes and links them, those of a changed file too, and removes them at its end', async () => {
    const ab = { ends: ['a:eth1', 'b:eth1'], ip: ['10.0.0.1/24', '10.0.0.2/24'] };
    const ac = { ends: ['a:eth2', 'c:eth1'], ip: ['10.0.1.1/24', '10.0.1.2/24'] };
    const a = { ...box, exec: ['echo ran >> /tmp/ran'] };
    const r = { run: [{ name: 'ticks', command: 'while :; do echo tick; sleep 0.2; done' }] };
    const file = write({ a, b: box, r }, [ab]);
    await using daemon = startLinkloom(['daemon', '-f', file], { env: { ...engine.env } });
    await daemon.until(/All links connected/, WAIT_MS);
    await untilPing('a', '10.0.0.2', daemon.output);
    await daemon.until(/^lab followed: 3 nodes wanted: 3 created$/m);
    assert.ok(existsSync(`/run/linkloom/${LAB}/logs/r/ticks.log`), daemon.output());

    const id = await engine.docker('inspect', '--format', '{{.Id}}', `${LAB}.a`);
    write({ a, b: { ...box, env: { X: '1' } }, c: box, r }, [ab, ac]);
    await untilPing('a', '10.0.1.2', daemon.output);
    await untilPing('a', '10.0.0.2', daemon.output);
    assert.equal(await engine.docker('exec', `${LAB}.b`, 'sh', '-c', 'echo $X'), '1');
    assert.equal(await engine.docker('inspect', '--format', '{{.Id}}', `${LAB}.a`), id);
    assert.equal(await inside('a', 'cat', '/tmp/ran'), 'ran');
    await daemon.until(/^lab followed: 4 nodes wanted: 1 created, 1 changed, 2 unchanged$/m);

    await engine.docker('restart', '--time', '0', `${LAB}.a`);
    await untilPing('a', '10.0.0.2', daemon.output);
    const pid = await engine.docker('inspect', '--format', '{{.State.Pid}}', `${LAB}.a`);
    await untilNamed(`${LAB}.a`, `/proc/${pid}/ns/net`, daemon.output);

    daemon.child.kill('SIGTERM');
    const { exitCode } = await daemon.child;
    assert.equal(exitCode, 0, daemon.output());
    assert.match(daemon.output(), /down: links: 4 removed; nodes: 4 removed/);
    assert.equal(await engine.docker('ps', '--all', '--quiet', '--filter', `label=linkloom.lab=${LAB}`), '');
  });
});
