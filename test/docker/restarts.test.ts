/** Many containers that start, end and start again at once: every link is there in the end, and none twice. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const LAB = 'restarts-test';
/** One with many links, whose end takes long to see through, and some with one. */
const LINKS = { many: 20, one: 1, two: 1, three: 1, four: 1 } as const;
const SIDE = 'restarts-side';
const ROUNDS = 3;
const WAIT_MS = 60_000;

describe('restarts', { timeout: 400_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  const names = Object.keys(LINKS);
  const env = (): Record<string, string> => ({ ...engine.env });

  before(async () => {
    folder = temporaryFolder('restarts');
    engine = await startDockerd();
    await ensureBusybox(engine);
    const links = Object.entries(LINKS).flatMap(([container, count], node) =>
      Array.from({ length: count }, (_, index) => ({
        container,
        bridge: `b${index}`,
        dev: `eth${index}`,
        ip: `10.5.${index}.${node + 1}/24`,
      })),
    );
    // Beside them a namespace, which has a port of a bridge of theirs and the other end of a wire.
    const side = [
      { netns: SIDE, bridge: 'b0', dev: 'eth0', ip: '10.5.0.100/24' },
      { netns: SIDE, bridge: 'wire', dev: 'w0', ip: '10.6.0.1/24' },
      { container: 'one', bridge: 'wire', dev: 'w0', ip: '10.6.0.2/24' },
    ];
    const bridges = [{ bridge: 'wire', mode: 'direct' }];
    writeFileSync(join(folder.path, 'lab.yaml'), JSON.stringify({ lab: LAB, links: [...links, ...side], bridges }));
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB], { env: engine === undefined ? {} : env() });
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  /** Devices of a container that are up and have an address. */
  async function linked(name: string): Promise<number> {
    const text = await engine.docker('exec', name, 'ip', '-4', '-o', 'addr').catch(() => '');
    return text.split('\n').filter((line) => / eth\d+ +inet 10\.5\./.test(line)).length;
  }

  async function untilLinked(said: () => string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const counts = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await linked(name)] as const)),
      );
      if (names.every((name) => counts[name] === LINKS[name as keyof typeof LINKS])) return;
      if (Date.now() > deadline) assert.fail(`links missing: ${JSON.stringify(counts)}\n${said()}`);
      await delay(300);
    }
  }

  it('of all containers at once leave each with its links', async () => {
    const run = ['run', '--detach', '--init', '--network', 'none'];
    for (const name of names) await engine.docker(...run, '--name', name, BUSYBOX, 'sleep', '1000000');
    await using daemon = startLinkloom(['daemon', '-f', join(folder.path, 'lab.yaml')], { env: env() });
    await daemon.until(/All links connected/, WAIT_MS);
    for (let round = 0; round < ROUNDS; round++) {
      await engine.docker('restart', '--time', '0', ...names);
      await untilLinked(daemon.output);
    }
    for (const to of ['10.5.0.1', '10.5.0.100', '10.6.0.1'])
      await engine.docker('exec', 'one', 'ping', '-c', '1', '-W', '3', to);
    assert.deepEqual(
      daemon
        .output()
        .split('\n')
        .filter((line) => line.includes('ERROR')),
      [],
    );
    const status = await linkloom(['status', '-f', join(folder.path, 'lab.yaml'), '--detailed-exitcode'], {
      env: env(),
    });
    assert.equal(status.exitCode, 0, status.stdout + status.stderr);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    for (const name of names) assert.equal(await linked(name), 0);
  });
});
