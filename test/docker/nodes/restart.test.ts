/** `restart` and `logs --follow` of containers that linkloom made for `nodes:`. */
import assert from 'node:assert/strict';
import { readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, type Ran, startLinkloom } from '../../support/bin.ts';
import { ENGINES, type Engine } from '../../support/engine/both.ts';
import { BUSYBOX } from '../../support/engine/busybox.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

const NODES = ['a', 'b', 'c'] as const;

interface Device {
  readonly ifname: string;
  readonly address: string;
  readonly addresses: readonly string[];
}

for (const { name: engineName, start, wants } of ENGINES) {
  describe(`restart of nodes that linkloom made on ${engineName}`, { timeout: 300_000, ...needs(...wants) }, () => {
    const lab = uniqueName('again');
    let engine: Engine;
    let folder: Folder;
    let file = '';
    let sockets: readonly string[] = [];

    before(async () => {
      folder = temporaryFolder('again');
      engine = await start();
      const [docker, podman] =
        engine.kind === 'docker' ? [engine.socketPath, '/nowhere'] : ['/nowhere', engine.socketPath];
      sockets = ['--docker-socket', docker, '--podman-socket', podman];
      file = join(folder.path, 'lab.json');
      const command = ['sh', '-c', 'n=0; while :; do n=$$((n + 1)); echo line $$n; sleep 0.2; done'];
      const wire = (one: string, other: string, net: number) => ({
        ends: [one, other],
        ip: [`10.9.${net}.1/24`, `10.9.${net}.2/24`],
      });
      const wires = [wire('a:eth1', 'b:eth1', 1), wire('a:eth2', 'c:eth1', 2), wire('b:eth2', 'c:eth2', 3)];
      const nodes = Object.fromEntries(NODES.map((node) => [node, { image: BUSYBOX, command }]));
      writeFileSync(file, JSON.stringify({ lab, nodes, wires }));
      const made = await run('up', '-f', file);
      assert.equal(made.exitCode, 0, made.stderr);
    });
    after(async () => {
      await run('down', '--lab', lab);
      await engine?.[Symbol.asyncDispose]();
      folder?.[Symbol.dispose]();
    });

    const run = (...words: readonly string[]): Promise<Ran> => linkloom([...words, ...sockets], { timeoutMs: 120_000 });
    const inspect = (node: string, format: string): Promise<string> =>
      engine.client('inspect', '--format', format, `${lab}.${node}`);
    const pidOf = (node: string): Promise<string> => inspect(node, '{{.State.Pid}}');
    const identity = (node: string): Promise<string> => inspect(node, '{{.Id}} {{.State.StartedAt}} {{.State.Pid}}');
    /** Wires of a node, by the engine's own client: no other call of linkloom is between `restart` and this look. */
    async function devices(node: string): Promise<readonly Device[]> {
      const text = await engine.client('exec', `${lab}.${node}`, 'ip', 'address');
      return text
        .split(/^(?=\d+: )/m)
        .flatMap((part) => {
          const [, ifname = ''] = /^\d+: (eth\d+)/.exec(part) ?? [];
          const [, address = ''] = /link\/ether (\S+)/.exec(part) ?? [];
          const addresses = [...part.matchAll(/inet (\S+)/g)].map(([, one]) => one ?? '');
          return ifname === '' ? [] : [{ ifname, address, addresses }];
        })
        .sort((one, other) => (one.ifname < other.ifname ? -1 : 1));
    }
    async function assertNamed(): Promise<void> {
      for (const node of NODES) {
        const pid = await pidOf(node);
        const path = `/run/netns/${lab}.${node}`;
        assert.equal(readlinkSync(path), `/proc/${pid}/ns/net`, node);
        assert.equal(statSync(path).ino, statSync(`/proc/${pid}/ns/net`).ino, node);
      }
    }
    const seen = async () => await Promise.all(NODES.map(devices));

    it('has the links, the names and the hosts file again, and leaves the other containers as they are', async () => {
      const before = await seen();
      assert.deepEqual(
        before.map((found) => found.map(({ ifname, addresses }) => [ifname, addresses])),
        [
          [
            ['eth1', ['10.9.1.1/24']],
            ['eth2', ['10.9.2.1/24']],
          ],
          [
            ['eth1', ['10.9.1.2/24']],
            ['eth2', ['10.9.3.1/24']],
          ],
          [
            ['eth1', ['10.9.2.2/24']],
            ['eth2', ['10.9.3.2/24']],
          ],
        ],
      );
      const others = await Promise.all(['b', 'c'].map(identity));
      const [id, pid] = [await inspect('a', '{{.Id}}'), await pidOf('a')];
      const ran = await run('restart', '-f', file, 'a', '--grace', '0');
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.deepEqual(await seen(), before);
      assert.equal(await inspect('a', '{{.Id}}'), id);
      assert.notEqual(await pidOf('a'), pid);
      await assertNamed();
      assert.deepEqual(await Promise.all(['b', 'c'].map(identity)), others);
      for (const node of ['b', 'c']) await engine.client('exec', `${lab}.a`, 'ping', '-c', '1', '-W', '5', node);
      const settled = await run('plan', '-f', file, '--detailed-exitcode');
      assert.equal(settled.exitCode, 0, settled.stdout);
    });

    it('starts a container whose hosts file is gone from the host', async () => {
      rmSync(`/run/linkloom/${lab}/hosts`);
      const ran = await run('restart', '-f', file, 'b', '--grace', '0');
      assert.equal(ran.exitCode, 0, ran.stderr);
      await engine.client('exec', `${lab}.b`, 'ping', '-c', '1', '-W', '5', 'a');
      await assertNamed();
    });

    it('logs --follow prints lines as they come, and ends on SIGINT', async () => {
      await using follower = startLinkloom(['logs', '-f', file, 'a', '--follow', '--tail', '1', ...sockets]);
      await follower.until(/line \d+\n/);
      const first = Number(/line (\d+)/.exec(follower.output())?.[1]);
      // A line that was not written yet when the first one was printed.
      await follower.until(new RegExp(`^line ${first + 10}\n`, 'm'));
      follower.child.kill('SIGINT');
      const ended = await follower.child;
      assert.deepEqual([ended.exitCode, ended.signal], [0, undefined], follower.output());
      const numbers = [...follower.output().matchAll(/line (\d+)\n/g)].map(([, one]) => Number(one));
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => first + index),
      );
    });

    // The last one: a daemon that ends takes the lab with it.
    it('does the same where a daemon makes the links', async () => {
      await using daemon = startLinkloom(['daemon', '-f', file, ...sockets]);
      await daemon.until(/All links connected/);
      const before = await seen();
      const ran = await run('restart', '-f', file, 'c', '--grace', '0');
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.deepEqual(await seen(), before);
      await assertNamed();
      daemon.child.kill('SIGTERM');
      await daemon.child;
    });
  });
}
