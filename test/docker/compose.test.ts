/** linkloom as a container beside those it links, in real compose projects: the examples. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { ensureImage } from '../support/engine/image.ts';
import { Project } from '../support/engine/project.ts';

/** What Docker gives a container that asks for nothing, as a mask. */
const DEFAULT_CAPABILITIES = 0xa80425fbn;
/** SYS_ADMIN, NET_ADMIN, SYS_NICE, NET_BROADCAST, IPC_LOCK (linux/capability.h). */
const CONLINK_CAP_ADD = [21n, 12n, 23n, 11n, 14n];
/** A change is heard at once; the periodic look comes every 30 s. */
const HEARD_MS = 10_000;

interface Device {
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly master?: string;
  readonly operstate: string;
}

describe('compose projects', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  before(async () => {
    await ensureImage();
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  describe('compose-replicas', () => {
    let project: Project;
    const server = () => project.container('server');
    const client = (index: number) => project.container('client', index);
    const network = () => project.container('network');
    const addressOf = (index: number) => `10.1.0.${10 + index}`;

    /** The ports of the bridge, by name, in linkloom's own namespace. */
    async function ports(): Promise<readonly string[]> {
      const devices = JSON.parse(await project.exec(network(), 'ip', '-json', 'link')) as Device[];
      return devices.filter((device) => device.master === 'lan').map((device) => device.ifname);
    }

    before(async () => {
      project = await Project.up(engine, 'compose-replicas');
    });
    after(async () => {
      await project?.[Symbol.asyncDispose]();
    });

    it('links a service and three replicas of another, each with its address and MAC', async () => {
      await project.until('all four linked', async () => (await ports()).length === 4);
      await project.connected(1);
      assert.deepEqual([...(await ports())].sort(), [
        'client_1-eth0',
        'client_2-eth0',
        'client_3-eth0',
        'server_1-eth0',
      ]);
      for (const index of [1, 2, 3]) {
        assert.match(
          await project.exec(client(index), 'ip', 'addr', 'show', 'eth0'),
          new RegExp(`inet ${addressOf(index)}/24`),
        );
        assert.equal(
          (await project.exec(client(index), 'cat', '/sys/class/net/eth0/address')).trim(),
          `c2:00:00:00:00:1${index}`,
        );
        assert.equal((await project.exec(client(index), 'cat', '/sys/class/net/eth0/mtu')).trim(), '65535');
      }
      await project.asWritten(/--scale/);
    });

    it('calls the lab as the compose project is called', async () => {
      const labs = JSON.parse(await project.exec(network(), 'linkloom', 'status', '--all', '--json'));
      assert.deepEqual(
        labs.labs.map(({ lab }: { lab: string }) => lab),
        [project.name],
      );
    });

    it('carries packets between all of them', async () => {
      const addresses = new Map([[server(), '10.1.0.1'], ...[1, 2, 3].map((i) => [client(i), addressOf(i)] as const)]);
      for (const from of addresses.keys()) {
        for (const [to, address] of addresses) if (from !== to) await project.ping(from, address);
      }
    });

    it('links a container again that is restarted, at once and each time', async () => {
      for (let round = 0; round < 5; round++) {
        await engine.docker('restart', '--time', '0', client(2));
        await project.until('client 2 linked', async () => {
          await project.ping(server(), addressOf(2));
          return true;
        });
        assert.equal((await ports()).length, 4);
      }
      const log = await project.log();
      assert.doesNotMatch(log, /error|fail|exists/i);
    });

    it('links replicas as they come, and forgets them as they go', async () => {
      await project.compose('up', '-d', '--no-recreate', '--scale', 'client=5');
      for (const index of [4, 5]) {
        await project.until(`client ${index} linked`, async () => {
          await project.ping(client(index), '10.1.0.1');
          return true;
        });
      }
      await project.compose('up', '-d', '--no-recreate', '--timeout', '0', '--scale', 'client=3');
      await project.until('two ports gone', async () => (await ports()).length === 4);
    });

    it('leaves nothing behind of a container that is killed', async () => {
      await engine.docker('kill', client(3));
      await project.until('its port gone', async () => {
        const devices = JSON.parse(await project.exec(network(), 'ip', '-json', 'link')) as Device[];
        return !devices.some((device) => device.ifname.includes('client_3'));
      });
      assert.deepEqual([...(await ports())].sort(), ['client_1-eth0', 'client_2-eth0', 'server_1-eth0']);
      await project.ping(server(), addressOf(1));
    });

    it('is left alone by a linkloom of the host, and leaves to that what it has made meanwhile', async () => {
      const indexOf = (container: string) => project.exec(container, 'cat', '/sys/class/net/eth0/ifindex');
      const before = await indexOf(server());
      for (const verb of ['plan', 'status', 'up', 'verify']) {
        const { exitCode, stderr } = await project.onHost(verb);
        assert.equal(exitCode, 1, `${verb}: ${stderr}`);
        assert.match(
          stderr,
          new RegExp(`in the network namespace of container ${network()} \\(process \\d+\\);`),
          verb,
        );
        assert.match(stderr, new RegExp(`docker exec ${network()} linkloom `), verb);
      }
      assert.equal(await indexOf(server()), before);
      await project.ping(server(), addressOf(1));

      await engine.docker('restart', '--time', '0', network());
      await project.until('linked after a restart', async () => {
        await project.ping(server(), addressOf(1));
        return true;
      });

      await engine.docker('kill', network());
      const { exitCode, stderr } = await project.onHost('up');
      assert.equal(exitCode, 0, stderr);
      await project.ping(server(), addressOf(1));
      await engine.docker('start', network());
      const state = () => engine.docker('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', network());
      // Without SYS_PTRACE it does not see where the host names its namespaces.
      await project.until('linkloom refused', async () => (await state()) === 'exited 1');
      assert.match(
        await project.log(),
        new RegExp(`the bridges of lab ${project.name} are in a network namespace that no process here is in;`),
      );
      await project.ping(server(), addressOf(1));
      assert.equal((await project.onHost('down')).exitCode, 0);
      await engine.docker('start', network());
      await project.until('linked again', async () => {
        await project.ping(server(), addressOf(1));
        return true;
      });
    });

    it('removes everything on SIGTERM, and ends with 0', async () => {
      const started = Date.now();
      await engine.docker('stop', '--time', '20', network());
      assert.ok(Date.now() - started < 15_000, 'it ended of itself');
      assert.equal(await engine.docker('inspect', '--format', '{{.State.ExitCode}}', network()), '0');
      for (const container of [server(), client(1), client(2)]) {
        const devices = await project.exec(container, 'ls', '/sys/class/net');
        assert.doesNotMatch(devices, /eth0/);
      }
    });

    it('links everything again when it is started again', async () => {
      await engine.docker('start', network());
      await project.until('linked', async () => {
        await project.ping(server(), addressOf(1));
        await project.ping(server(), addressOf(2));
        return true;
      });
    });
  });

  describe('compose-router', () => {
    let project: Project;
    before(async () => {
      project = await Project.up(engine, 'compose-router');
    });
    after(async () => {
      await project?.[Symbol.asyncDispose]();
    });

    it("runs a conlink user's file: routes, a router, and a command's output in the log", async () => {
      await project.until('a way from left to right', async () => {
        await project.ping(project.container('left'), '10.2.2.2');
        return true;
      });
      const log = await project.until('the output of the command', async () => {
        const text = await project.log();
        return /inet 10\.2\.2\.1\/24/.test(text) ? text : null;
      });
      assert.match(log, new RegExp(`^ {2}${project.container('router')}: .*to-right +inet 10\\.2\\.2\\.1/24`, 'm'));
      assert.match(log, /^Listening on \/var\/run\/docker\.sock$/m);
      assert.match(log, /^Creating veth link /m);
      assert.match(log, /^All links connected$/m);
      await project.asWritten();
    });

    it('runs with the rights that a container has anyway, and conlink’s `cap_add`, and no more', async () => {
      const pid = await engine.docker('inspect', '--format', '{{.State.Pid}}', project.container('network'));
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const wanted = CONLINK_CAP_ADD.reduce((mask, bit) => mask | (1n << bit), DEFAULT_CAPABILITIES);
      for (const set of ['CapEff', 'CapBnd']) {
        const text = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
        assert.equal(text, wanted.toString(16).padStart(16, '0'), set);
      }
    });

    /** Runs `ip` in the namespace of a service that has no right to change it. */
    async function ipIn(service: string, ...args: readonly string[]): Promise<string> {
      const pid = await engine.docker('inspect', '--format', '{{.State.Pid}}', project.container(service));
      return (await execa('nsenter', ['--target', pid, '--net', 'ip', ...args])).stdout;
    }

    /** Waits for a line of the log, less long than until the next look over everything. */
    async function told(pattern: RegExp): Promise<void> {
      const deadline = Date.now() + HEARD_MS;
      while (!pattern.test(await project.log())) {
        if (Date.now() > deadline) assert.fail(`no ${pattern} in ${HEARD_MS} ms:\n${await project.log()}`);
        await delay(100);
      }
    }

    it('hears of a port deleted by hand, and puts it back', async () => {
      const times = (await project.log()).split('All links connected').length - 1;
      await project.exec(project.container('network'), 'ip', 'link', 'del', 'left_1-eth0');
      await told(/^drift: \S+left\S*:eth0 .*missing.*, put back$/m);
      await project.connected(times + 1);
      await project.ping(project.container('left'), '10.2.2.2');
    });

    it('hears of a device deleted in a container, and puts it back', async () => {
      await ipIn('right', 'link', 'del', 'eth0');
      await told(/^drift: \S+right\S*:eth0 .*missing.*, put back$/m);
      assert.match(await ipIn('right', '-oneline', 'address'), /eth0 +inet 10\.2\.2\.2\/24/);
      await project.ping(project.container('right'), '10.2.1.2');
    });

    it('hears of an address removed in a container, and puts it back', async () => {
      await ipIn('router', 'address', 'del', '10.2.1.1/24', 'dev', 'to-left');
      await told(/^drift: \S+router\S*:to-left .*10\.2\.1\.1\/24.*, put back$/m);
      assert.match(await ipIn('router', '-oneline', 'address'), /to-left +inet 10\.2\.1\.1\/24/);
      await project.ping(project.container('left'), '10.2.2.2');
    });
  });
});
