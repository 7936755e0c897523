/** Example scenarios whose links want more of the kernel than a bridge. Where this one lacks it, the link fails by name, and the others stand. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { ensureImage } from '../support/engine/image.ts';
import { Project } from '../support/engine/project.ts';

const LACKS = 'this kernel lacks';

/** Whether the kernel can delay packets. */
function hasNetem(): boolean {
  try {
    const script = 'ip link set lo up && tc qdisc add dev lo root netem delay 1ms';
    execFileSync('unshare', ['--net', 'sh', '-c', script], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('examples that want features of the kernel', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  before(async () => {
    await ensureImage();
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  it('compose-bridge-mode: a wire of tc rules, as its rules show', async () => {
    await using project = await Project.up(engine, 'compose-bridge-mode', { variables: { BRIDGE_MODE: 'patch' } });
    await project.connected(1);
    await project.ping(project.container('node1'), '10.0.1.2');
    const show = ['tc', 'filter', 'show', 'dev', 'node1_1-eth0', 'parent', 'ffff:'];
    assert.match(await project.exec(project.container('network'), ...show), /action order 1: mirred/);
    await project.asWritten();
    await engine.docker('restart', '--time', '0', project.container('node2'));
    await project.until('the wire tied anew', async () => {
      await project.ping(project.container('node1'), '10.0.1.2');
      return true;
    });
  });

  it('compose-impaired: MAC, MTU and delay, or why there is no delay', async () => {
    await using project = await Project.up(engine, 'compose-impaired');
    const [one, two] = [project.container('node', 1), project.container('node', 2)];
    await project.until('eth1 linked', async () => {
      await project.ping(one, '100.0.1.2');
      return true;
    });
    assert.equal((await project.exec(two, 'cat', '/sys/class/net/eth1/mtu')).trim(), '5111');
    if (hasNetem()) {
      await project.connected(1);
      assert.equal((await project.exec(two, 'cat', '/sys/class/net/eth0/address')).trim(), '00:0a:0b:0c:0d:02');
      assert.equal((await project.exec(two, 'cat', '/sys/class/net/eth0/mtu')).trim(), '4111');
      const took = /time=([\d.]+) ms/.exec(await project.exec(one, 'ping', '-c', '1', '10.0.1.2'))?.[1];
      assert.ok(Number(took) >= 80, `${took} ms`);
      await project.asWritten();
      return;
    }
    const log = await project.until('why eth0 is missing', async () => {
      const text = await project.log();
      return /node_2:eth0: /.test(text) && text;
    });
    assert.ok(log.includes(LACKS), log);
    assert.doesNotMatch(log, /All links connected/);
    assert.doesNotMatch(await project.exec(one, 'ls', '/sys/class/net'), /eth0/, 'what failed is undone');
  });

  it('compose-published-ports: ports lead to each node and replica, and stay when another one ends', async () => {
    await using project = await Project.up(engine, 'compose-published-ports');
    await project.connected(1);
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const address = await engine.docker('inspect', '--format', format, project.container('network'));
    const page = (port: number): Promise<string> => {
      const words = [
        '--rm',
        '--network',
        `${project.name}_public`,
        BUSYBOX,
        'wget',
        '-qO-',
        `http://${address}:${port}/`,
      ];
      return engine.docker('run', ...words);
    };
    const untilPage = (port: number, text: string) =>
      project.until(`${text} at port ${port}`, async () => (await page(port)).trim() === text);
    await untilPage(1080, 'node1');
    await untilPage(1180, 'node1');
    await untilPage(80, 'node2');
    await untilPage(81, 'node2');
    // Docker publishes 3080 as 1080 and 81 as itself, on a machine that is not ours.
    const words = `--rm --network ${project.name}_public ${BUSYBOX} wget -qO- http://${address}`;
    await project.asWritten(/^$/, `curl() { docker run ${words}:$(basename "\${1/:3080/:1080}" | cut -d: -f2)/; }`);
    await project.ping(project.container('node1'), '10.2.0.2');
    await engine.docker('stop', '--time', '0', project.container('node2', 1));
    await untilPage(81, 'node2');
    await assert.rejects(page(80));
    await engine.docker('start', project.container('node2', 1));
    await untilPage(80, 'node2');
  });
});
