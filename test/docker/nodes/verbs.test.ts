/** Verbs for containers, on either engine: programs in many, logs, a shell, files, waiting, and a restart that ends with the links. */
import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, type RunOptions } from '../../support/bin.ts';
import { ENGINES, type Engine } from '../../support/engine/both.ts';
import { BUSYBOX } from '../../support/engine/busybox.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

for (const { name: engineName, start, wants } of ENGINES) {
  describe(`verbs for containers of ${engineName}`, { timeout: 300_000, ...needs(...wants) }, () => {
    const lab = uniqueName('k');
    const [a, b, c] = [`${lab}-a`, `${lab}-b`, `${lab}-c`];
    let engine: Engine;
    let folder: Folder;
    let file = '';

    before(async () => {
      engine = await start();
      folder = temporaryFolder('verbs');
      file = join(folder.path, 'lab.yaml');
      const link = (node: string, dev: string, bridge: string, ip: string): string =>
        `  - {container: ${node}, dev: ${dev}, bridge: ${bridge}, ip: ${ip}}\n`;
      await writeFile(
        file,
        `lab: ${lab}
bridges: [{bridge: wire, mode: direct}, {bridge: lan, mode: linux}]
links:
${link(a, 'eth1', 'wire', '10.0.1.1/24')}${link(b, 'eth1', 'wire', '10.0.1.2/24')}\
${link(b, 'eth2', 'lan', '10.0.2.2/24')}${link(c, 'eth2', 'lan', '10.0.2.3/24')}`,
      );
      const check = ['--health-cmd', 'test -e /healthy', '--health-interval', '1s'];
      for (const [node, words] of [
        [a, check],
        [b, []],
        [c, []],
      ] as const) {
        const script = `echo ${node} begins; echo aside >&2; exec sleep 100000`;
        const base = ['run', '--detach', '--network', 'none', '--name', node, ...words];
        await engine.client(...base, BUSYBOX, 'sh', '-c', script);
      }
      const up = await run('up', '-f', file);
      assert.equal(up.exitCode, 0, up.stderr);
    });
    after(async () => {
      await run('down', '--lab', lab);
      await engine?.client('rm', '--force', a, b, c);
      await engine?.[Symbol.asyncDispose]();
      folder?.[Symbol.dispose]();
    });

    const at = (words: readonly string[], options: RunOptions = {}) => {
      const [docker, podman] =
        engine.kind === 'docker' ? [engine.socketPath, '/no/p.sock'] : ['/no/d.sock', engine.socketPath];
      const env = { LINKLOOM_DOCKER_SOCKET: docker, LINKLOOM_PODMAN_SOCKET: podman, ...options.env };
      return linkloom(words, { ...options, env });
    };
    const run = (...words: string[]) => at(words);
    const device = async (node: string, dev: string) => {
      const { stdout } = await run('exec', node, '--', 'ip', 'addr', 'show', 'dev', dev);
      const [, index = '', mac = ''] = /^(\d+): [\s\S]*link\/ether (\S+)/m.exec(stdout) ?? [];
      return { index, mac, addresses: [...stdout.matchAll(/inet (\S+)/g)].map(([, address]) => address) };
    };

    it('exec runs in all of them, and tells who failed', async () => {
      const script = 'echo $0; test "$(hostname)" = x || exit 3';
      const ran = await run('exec', '-f', file, '--all', '--', 'sh', '-c', script, 'word');
      assert.equal(ran.exitCode, 3, ran.stderr);
      assert.deepEqual(ran.stdout.split('\n').sort(), ['', `${a} | word`, `${b} | word`, `${c} | word`]);
      assert.match(ran.stderr, new RegExp(`failed in 3 of 3 nodes:\nNODE +STATUS +WHY\n${a} +3\n`));
      const none = await run('exec', a, b, '--', 'nosuch');
      assert.equal(none.exitCode, 127, none.stderr);
    });

    it('logs shows what they wrote, alone and together', async () => {
      const alone = await run('logs', a);
      assert.deepEqual([alone.exitCode, alone.stdout, alone.stderr], [0, `${a} begins\n`, 'aside\n']);
      const all = await run('logs', '-f', file, '--all', '--tail', '5');
      assert.deepEqual(all.stdout.split('\n').sort(), ['', ...[a, b, c].map((node) => `${node} | ${node} begins`)]);
      const later = await run('logs', a, '--since', '2099-01-01T00:00:00Z');
      assert.deepEqual([later.exitCode, later.stdout], [0, '']);
    });

    it('shell finds one, and passes its status on', async () => {
      const ran = await at(['shell', '-f', file, a], { input: 'echo in $0; exit 9\n' });
      assert.equal(ran.exitCode, 9, ran.stderr);
      assert.match(ran.stdout, /^in .*sh\n/);
    });

    it('cp copies files and folders both ways, under the name that is meant', async () => {
      const here = (name: string): string => join(folder.path, name);
      await mkdir(here('tree/deep'), { recursive: true });
      await writeFile(here('tree/deep/one'), 'one');
      await writeFile(here('two'), 'two', { mode: 0o750 });
      for (const [from, to] of [
        [here('tree'), `${a}:/tmp/`],
        [here('tree'), `${a}:/tmp/other`],
        [here('two'), `${a}:/tmp/three`],
        [`${a}:/tmp/other`, here('back')],
        [`${a}:/tmp/three`, here('tree')],
      ] as const) {
        const copied = await run('cp', from, to);
        assert.equal(copied.exitCode, 0, `${from} ${to}: ${copied.stderr}`);
      }
      const { stdout } = await run('exec', a, '--', 'cat', '/tmp/tree/deep/one', '/tmp/other/deep/one', '/tmp/three');
      assert.equal(stdout, 'oneonetwo');
      assert.equal(await readFile(here('back/deep/one'), 'utf8'), 'one');
      assert.equal((await stat(here('tree/three'))).mode & 0o777, 0o750);
      const missing = await run('cp', `${a}:/no/such`, here('x'));
      assert.deepEqual([missing.exitCode, /there is no \/no\/such in it/.test(missing.stderr)], [1, true]);
      const nowhere = await run('cp', here('two'), `${a}:/no/such/place`);
      assert.deepEqual([nowhere.exitCode, /\/no\/such is no folder in it/.test(nowhere.stderr)], [1, true]);
    });

    it('wait knows the files, listeners, addresses and health of containers', async () => {
      const unhealthy = await run('wait', '-f', file, '--healthy', '--timeout', '0');
      assert.match(unhealthy.stderr, new RegExp(`${a}: is (not healthy yet|unhealthy)`));
      await run('exec', a, '--', 'touch', '/healthy');
      await engine.client('exec', '--detach', b, 'sh', '-c', 'sleep 1000 | nc -l -p 7000');
      const words = ['--links', '--healthy', '--path', `${a}:/healthy`, '--address', `${b}=10.0.1.2`];
      // Without systemd Podman has nobody who runs the checks.
      if (engine.kind === 'podman') await engine.client('healthcheck', 'run', a);
      const there = await run('wait', '-f', file, ...words, '--port', `${b}:7000`, '--json', '--timeout', '30');
      assert.equal(there.exitCode, 0, there.stderr);
      assert.deepEqual(JSON.parse(there.stdout).nodes, [a, b, c]);
      const none = await run('wait', '-f', file, b, '--healthy');
      assert.match(none.stderr, new RegExp(`${b}: it has no health check`));
    });

    it('inventory has the connection of the engine', async () => {
      const { stdout } = await run('inventory', '-f', file);
      assert.match(stdout, engine.kind === 'docker' ? /community\.docker\.docker/ : /containers\.podman\.podman/);
      assert.match(stdout, new RegExp(`ansible_${engine.kind}_extra_args: --\\w+=unix://${engine.socketPath}`));
    });

    it('restart ends with the links: the same names, MACs and addresses, and others keep their devices', async () => {
      const before = { a: await device(a, 'eth1'), b: await device(b, 'eth1'), lan: await device(c, 'eth2') };
      const ran = await run('restart', '-f', file, a, '--grace', '0', '--json');
      assert.equal(ran.exitCode, 0, ran.stderr);
      const now = { a: await device(a, 'eth1'), b: await device(b, 'eth1'), lan: await device(c, 'eth2') };
      assert.deepEqual([now.a.mac, now.a.addresses], [before.a.mac, before.a.addresses]);
      assert.deepEqual([now.b.mac, now.b.addresses], [before.b.mac, before.b.addresses]);
      assert.notEqual(now.b.index, before.b.index);
      assert.deepEqual(now.lan, before.lan);
      assert.deepEqual(JSON.parse(ran.stdout).nodes, [a]);
      const ping = await run('exec', a, '--', 'ping', '-c', '1', '-W', '5', '10.0.1.2');
      assert.equal(ping.exitCode, 0, ping.stdout);
      const settled = await run('plan', '-f', file, '--detailed-exitcode');
      assert.equal(settled.exitCode, 0, settled.stdout);
    });

    it('restart of a node on a bridge leaves the other port', async () => {
      const before = await device(c, 'eth2');
      const ran = await run('restart', '-f', file, b, '--grace', '0');
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.deepEqual(await device(c, 'eth2'), before);
      const ping = await run('exec', c, '--', 'ping', '-c', '1', '-W', '5', '10.0.2.2');
      assert.equal(ping.exitCode, 0, ping.stdout);
    });
  });
}
