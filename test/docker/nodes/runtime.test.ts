/** The containers of `nodes:` on real engines: made, adopted, made anew, followed, copied into, taken away, and strangers left alone. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { type BringOptions, bringNodes, type NodeOutcome } from '../../../src/runtime/nodes/bring.ts';
import type { NodeRuntime, Surroundings } from '../../../src/runtime/nodes/node-runtime.ts';
import { openNodeRuntime } from '../../../src/runtime/nodes/open.ts';
import type { ContainerDefinition } from '../../../src/topology/nodes/definition.ts';
import { ENGINES, type Engine } from '../../support/engine/both.ts';
import { BUSYBOX } from '../../support/engine/busybox.ts';
import { containerNode } from '../../support/engine/definitions.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

const LAB = 'nodes-test';

for (const { name, start, wants } of ENGINES) {
  describe(`nodes on ${name}`, { timeout: 400_000, ...needs(...wants) }, () => {
    let engine: Engine;
    let runtime: NodeRuntime;
    let folder: Folder;

    before(async () => {
      folder = temporaryFolder('nodes');
      engine = await start();
      runtime = await openNodeRuntime(engine);
    });
    after(async () => {
      await engine?.[Symbol.asyncDispose]();
      folder?.[Symbol.dispose]();
    });

    const around = (): Surroundings => ({ lab: LAB, files: 'f1', seesHost: true, hostsPath: null, hosts: [] });

    async function bring(
      definitions: readonly ContainerDefinition[],
      given: Partial<BringOptions> = {},
    ): Promise<readonly NodeOutcome[]> {
      const outcomes: NodeOutcome[] = [];
      const options = { around, onPull: () => {}, signal: null, ...given };
      for await (const outcome of bringNodes(runtime, LAB, definitions, options)) outcomes.push(outcome);
      return definitions.map((definition) => {
        const outcome = outcomes.find((one) => one.definition === definition);
        assert.ok(outcome, definition.name);
        return outcome;
      });
    }

    async function running(
      definition: ContainerDefinition,
      given: Partial<BringOptions> = {},
    ): Promise<NodeOutcome & { state: 'running' }> {
      const [outcome] = await bring([definition], given);
      if (outcome?.state === 'failed') throw outcome.error;
      assert.equal(outcome?.state, 'running');
      return outcome as NodeOutcome & { state: 'running' };
    }

    const removeAll = async (): Promise<void> => {
      for (const { id } of await runtime.list(LAB)) await runtime.remove(id);
    };
    const inside = (id: string, ...argv: readonly string[]): Promise<string> => engine.client('exec', id, ...argv);

    it('makes what is missing, leaves what runs, starts what stands still, makes anew what is described otherwise', async () => {
      const [a, b] = [containerNode(LAB, 'a'), containerNode(LAB, 'b')];
      const first = await bring([a, b]);
      assert.deepEqual(
        first.map((one) => one.state === 'running' && one.done),
        ['created', 'created'],
      );
      const ids = first.map((one) => (one.state === 'running' ? one.id : ''));
      const [pid] = first.map((one) => (one.state === 'running' ? one.pid : 0));
      assert.equal(await engine.client('inspect', '--format', '{{.State.Pid}}', `${LAB}.a`), String(pid));
      const labels = JSON.parse(await engine.client('inspect', '--format', '{{json .Config.Labels}}', `${LAB}.a`));
      assert.deepEqual(
        [labels['linkloom.lab'], labels['linkloom.node'], labels['linkloom.hash']],
        [LAB, 'a', 'a'.repeat(64)],
      );

      const second = await bring([a, b]);
      assert.deepEqual(
        second.map((one) => one.state === 'running' && [one.id, one.done]),
        ids.map((id) => [id, 'unchanged']),
      );
      await engine.client('stop', '--time', '0', `${LAB}.b`);
      const changed = { ...a, hash: 'b'.repeat(64), hostname: 'other' };
      const third = await bring([changed, b]);
      assert.deepEqual(
        third.map((one) => one.state === 'running' && one.done),
        ['recreated', 'started'],
      );
      assert.equal(third[1]?.state === 'running' && third[1].id, ids[1]);
      assert.equal(await inside(`${LAB}.a`, 'hostname'), 'other');
      assert.deepEqual((await runtime.list(LAB)).map(({ node, state }) => [node, state]).sort(), [
        ['a', 'running'],
        ['b', 'running'],
      ]);
      assert.deepEqual(await runtime.list('another'), []);
      await removeAll();
      assert.equal(await engine.client('ps', '--all', '--quiet'), '');
    });

    it('adopts what a killed run has made and not started', async () => {
      const definition = containerNode(LAB, 'half');
      const { id } = await runtime.create(definition, around());
      assert.deepEqual(
        (await runtime.list(LAB)).map(({ state }) => state),
        ['created'],
      );
      const outcome = await running(definition);
      assert.deepEqual([outcome.id, outcome.done], [id, 'started']);
      await removeAll();
    });

    it('refuses the name of a stranger, and leaves it as it is; the others are made', async () => {
      const stranger = await engine.client('create', '--name', `${LAB}.taken`, BUSYBOX, 'true');
      const other = await engine.client(
        'create',
        '--name',
        `${LAB}.other`,
        '--label',
        'linkloom.lab=x',
        '--label',
        'linkloom.node=other',
        BUSYBOX,
        'true',
      );
      const outcomes = await bring([
        containerNode(LAB, 'taken'),
        containerNode(LAB, 'other'),
        containerNode(LAB, 'free'),
      ]);
      assert.deepEqual(
        outcomes.map(({ state }) => state),
        ['failed', 'failed', 'running'],
      );
      const [taken, labelled] = outcomes.map((one) => (one.state === 'failed' ? one.error : null));
      assert.equal(taken?.code, 'E_NODE_FAILED');
      assert.equal(taken?.where, 'taken');
      assert.match(
        taken?.message ?? '',
        /^there is a container nodes-test\.taken \([0-9a-f]{12}\), which linkloom did not make$/,
      );
      assert.match(labelled?.message ?? '', /which is of the lab x$/);
      assert.match(taken?.hint ?? '', /remove or rename it/);
      assert.equal(
        await engine.client('inspect', '--format', '{{.Id}} {{.State.Running}}', `${LAB}.taken`),
        `${stranger} false`,
      );
      assert.deepEqual(
        (await runtime.list(LAB)).map(({ node }) => node),
        ['free'],
      );
      await removeAll();
      await engine.client('rm', stranger, other);
    });

    it('gives a container what its entry says', async () => {
      writeFileSync(join(folder.path, 'bound'), 'bound\n');
      const { id, warnings } = await running(
        containerNode(LAB, 'full', {
          command: ['sh', '-c', 'echo "$GREETING" "$*"; exec sleep 1000000', 'sh', 'two words'],
          env: { GREETING: "it's $HOME" },
          binds: [{ source: join(folder.path, 'bound'), target: '/mnt/bound', options: [], readOnly: true }],
          sysctls: { 'net.ipv4.ip_forward': '1' },
          capAdd: ['NET_ADMIN'],
          capDrop: ['MKNOD'],
          hostname: 'h1',
          labels: { team: 'blue' },
          user: 'nobody',
          memoryBytes: 64 * 2 ** 20,
          cpus: 0.5,
          stopSignal: 'SIGINT',
        }),
      );
      assert.deepEqual(warnings, []);
      assert.equal(await inside(id, 'cat', '/mnt/bound'), 'bound');
      await assert.rejects(engine.client('exec', '--user', '0', id, 'touch', '/mnt/bound'), /Read-only/);
      assert.equal(await inside(id, 'cat', '/proc/sys/net/ipv4/ip_forward'), '1');
      assert.equal(await inside(id, 'hostname'), 'h1');
      assert.equal(await inside(id, 'id', '-un'), 'nobody');
      assert.deepEqual(
        (await inside(id, 'ls', '/sys/class/net')).split(/\s+/).filter((dev) => /^e/.test(dev)),
        [],
      );
      const [inspected] = JSON.parse(await engine.client('inspect', id));
      assert.equal(inspected.HostConfig.Memory, 64 * 2 ** 20);
      assert.equal(inspected.Config.Labels.team, 'blue');
      let out = '';
      await runtime.logs(id, {
        onOutput: (_, bytes) => {
          out += bytes.toString();
        },
        follow: false,
        tail: null,
        sinceS: null,
        timestamps: false,
      });
      assert.equal(out, "it's $HOME two words\n");
      await removeAll();
    });

    it('keeps a node alive whose image has only a shell to run', async () => {
      const { id } = await running(containerNode(LAB, 'shell', { command: null }));
      await delay(1500);
      assert.equal(await engine.client('inspect', '--format', '{{.State.Running}}', id), 'true');
      await removeAll();
    });

    it('tells the fault of one node in the engine’s words with what to do, and makes the others', async () => {
      const rows = [
        [containerNode(LAB, 'f1', { image: 'linkloom-test/missing:9' }), /missing:9/, /image/],
        [containerNode(LAB, 'f2', { command: ['/no/such'] }), /no such/i, /in the image/],
        [
          containerNode(LAB, 'f3', { binds: [{ source: '/no/such', target: '/x', options: [], readOnly: false }] }),
          /no\/such/,
          /`binds`/,
        ],
        [containerNode(LAB, 'f4', { network: 'nosuch' }), /nosuch/, /`network`/],
        [containerNode(LAB, 'f5', { sysctls: { 'net.ipv4.nope': '1' } }), /nope/, /`sysctls`/],
        [containerNode(LAB, 'f6', { devices: ['/dev/nope'] }), /nope/, /`devices`/],
        [containerNode(LAB, 'f7', { capAdd: ['NOPE'] }), /NOPE/, /capabilities\(7\)/],
        [containerNode(LAB, 'f8', { copy: [{ source: '/no/such', target: '/x', mode: null }] }), /no\/such/, null],
      ] as const;
      const good = containerNode(LAB, 'good');
      const outcomes = await bring([...rows.map(([definition]) => definition), good]);
      assert.equal(outcomes.at(-1)?.state, 'running');
      for (const [index, [definition, message, hint]] of rows.entries()) {
        const outcome = outcomes[index];
        assert.equal(outcome?.state, 'failed', definition.name);
        const { error } = outcome as NodeOutcome & { state: 'failed' };
        assert.equal(error.code, 'E_NODE_FAILED', error.message);
        assert.equal(error.where, definition.name);
        assert.match(error.message, message);
        if (hint !== null) assert.match(error.hint ?? '', hint, error.message);
      }
      const nodes = (await runtime.list(LAB)).map(({ node }) => node);
      assert.ok(!nodes.includes('f8'), 'what could not be filled is removed again');
      await removeAll();
    });

    it('tells what a container wrote that ended as soon as it was started', async () => {
      const definition = containerNode(LAB, 'brief', { command: ['sh', '-c', 'echo broken >&2; exit 7'] });
      const { id } = await runtime.create(definition, around());
      await runtime.start(id).catch(() => {});
      assert.equal(await runtime.waitExit(id, AbortSignal.timeout(20_000)), 7);
      await assert.rejects(runtime.pid(id), {
        code: 'E_NODE_FAILED',
        where: 'brief',
        message: /ended at once with status 7; its last words: broken/,
      });
      await removeAll();
    });

    it('copies files and folders in before the start, and out', async () => {
      const source = join(folder.path, 'conf');
      mkdirSync(join(source, 'deep'), { recursive: true });
      writeFileSync(join(source, 'deep/one'), '1\n', { mode: 0o600 });
      writeFileSync(join(folder.path, 'run.sh'), '#!/bin/sh\ncat /etc/lab/deep/one; exec sleep 1000000\n', {
        mode: 0o644,
      });
      const { id } = await running(
        containerNode(LAB, 'filled', {
          command: ['/opt/bin/run.sh'],
          copy: [
            { source: join(folder.path, 'run.sh'), target: '/opt/bin/run.sh', mode: 0o755 },
            { source, target: '/etc/lab', mode: null },
          ],
        }),
      );
      assert.equal(await inside(id, 'stat', '-c', '%a %u %g', '/etc/lab/deep/one'), '600 0 0');
      assert.equal(await inside(id, 'stat', '-c', '%a', '/opt/bin/run.sh'), '755');
      const out = join(folder.path, 'out');
      mkdirSync(out);
      await untar(await runtime.copyOut(id, '/etc/lab'), out);
      assert.equal(readFileSync(join(out, 'lab/deep/one'), 'utf8'), '1\n');
      await assert.rejects(runtime.copyOut(id, '/no/such'), { code: 'E_NODE_FAILED', message: /no\/such/ });
      writeFileSync(join(folder.path, 'late'), 'late\n');
      await runtime.copyIn(id, [{ source: join(folder.path, 'late'), target: '/tmp/late', mode: null }]);
      assert.equal(await inside(id, 'cat', '/tmp/late'), 'late');
      await removeAll();
    });

    it('follows a log from its last lines, both streams, until it is told to stop', async () => {
      const { id } = await running(
        containerNode(LAB, 'chatty', {
          command: ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo out $i; echo err $i >&2; sleep 0.1; done'],
        }),
      );
      await delay(1000);
      const stop = new AbortController();
      const seen = { stdout: '', stderr: '' };
      const following = runtime.logs(id, {
        onOutput: (stream, bytes) => {
          seen[stream] += bytes.toString();
        },
        ...{ follow: true, tail: 2, sinceS: null, timestamps: false, signal: stop.signal },
      });
      await delay(1500);
      stop.abort();
      await following;
      const lines = seen.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => Number(line.slice(4)));
      assert.ok(lines.length > 5 && (lines[0] ?? 0) > 3, seen.stdout);
      assert.match(seen.stderr, /err \d+/);
      let since = '';
      await runtime.logs(id, {
        onOutput: (_, bytes) => {
          since += bytes.toString();
        },
        follow: false,
        tail: null,
        sinceS: Date.now() / 1000 + 3600,
        timestamps: false,
      });
      assert.equal(since, '');
      await removeAll();
    });

    it('restarts, stops, and knows health', async () => {
      const test = ['CMD', 'test', '-e', '/tmp/well'];
      const healthcheck = { test, intervalMs: 500, timeoutMs: 5000, startPeriodMs: null, retries: 1 };
      const { id, pid } = await running(containerNode(LAB, 'sick', { healthcheck }));
      const next = await runtime.restart(id, 0);
      assert.notEqual(next, pid);
      assert.equal(await runtime.pid(id), next);
      // Podman's checks are timers of systemd: without it they run when they are asked for.
      if (engine.kind === 'podman') await engine.client('healthcheck', 'run', id).catch(() => {});
      const until = async (wanted: string): Promise<void> => {
        const deadline = Date.now() + 20_000;
        while ((await runtime.health(id)) !== wanted) {
          assert.ok(Date.now() < deadline, `not ${wanted}: ${await runtime.health(id)}`);
          await delay(100);
        }
      };
      await until('unhealthy');
      await inside(id, 'touch', '/tmp/well');
      if (engine.kind === 'podman') await engine.client('healthcheck', 'run', id);
      await until('healthy');
      await runtime.stop(id, 0);
      assert.deepEqual(
        (await runtime.list(LAB)).map(({ state }) => state),
        ['exited'],
      );
      await runtime.stop(id, 0);
      await runtime.remove(id);
      await runtime.remove(id);
      await assert.rejects(runtime.health(id), { code: 'E_NODE_MISSING' });
    });

    it('shares a file of the host as /etc/hosts, which is seen at once and after a restart', async () => {
      const hostsPath = join(folder.path, 'hosts');
      writeFileSync(hostsPath, '10.0.0.1 first\n');
      const shared = (): Surroundings => ({ lab: LAB, files: 'f1', seesHost: true, hostsPath, hosts: [] });
      const { id } = await running(containerNode(LAB, 'hosted'), { around: shared });
      assert.equal(await inside(id, 'cat', '/etc/hosts'), '10.0.0.1 first');
      writeFileSync(hostsPath, '10.0.0.2 second\n');
      assert.equal(await inside(id, 'cat', '/etc/hosts'), '10.0.0.2 second');
      await runtime.restart(id, 0);
      assert.equal(await inside(id, 'cat', '/etc/hosts'), '10.0.0.2 second');
      await removeAll();
      assert.ok(existsSync(hostsPath));
      const plain = await running(containerNode(LAB, 'plain'), {
        around: () => ({
          lab: LAB,
          files: 'f1',
          seesHost: true,
          hostsPath: null,
          hosts: [{ address: '10.9.9.9', names: ['far', 'far.lab'] }],
        }),
      });
      assert.match(await inside(plain.id, 'cat', '/etc/hosts'), /10\.9\.9\.9\s+far\n10\.9\.9\.9\s+far\.lab/);
      await removeAll();
    });
  });
}

async function untar(archive: Readable, folder: string): Promise<void> {
  await execa('tar', ['-x', '-C', folder], { input: archive });
}
