/**
 * conlink's example scenarios in real compose projects. What an example needs and this kernel lacks fails there as its README
 * says, and everything else of it works.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../support/engine/image.ts';
import { Project } from '../support/engine/project.ts';
import { kernelHas } from '../support/kernel-types.ts';

describe('examples in compose projects', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  before(async () => {
    await ensureImage();
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  it('compose-three-hosts: hosts on three switches reach each other through the router', async () => {
    await using project = await Project.up(engine, 'compose-three-hosts');
    await project.connected(1);
    for (const n of [1, 2, 3]) {
      for (const m of [1, 2, 3]) if (n !== m) await project.ping(project.container(`h${n}`), `10.${m}.0.100`);
    }
    const devices = await project.exec(project.container('network'), 'ls', '/sys/class/net');
    for (const name of ['s1', 's2', 's3', 'h1_1-eth0', 'r0_1-eth-s1'])
      assert.match(devices, new RegExp(`^${name}$`, 'm'));
    await project.asWritten();
  });

  it('compose-scale: two replicas, then five; what needs a dummy device needs the module', async () => {
    await using project = await Project.up(engine, 'compose-scale');
    const node = (index: number) => project.container('node', index);
    const linked = (index: number) =>
      project.until(`node ${index} linked`, async () => {
        await project.ping(node(index), '10.0.0.1');
        return true;
      });
    for (const index of [1, 2]) await linked(index);
    if (kernelHas('dummy')) {
      await project.connected(1);
      await project.ping(node(2), '8.8.8.8');
    } else {
      const log = await project.until('why i0 is missing', async () => {
        const text = await project.log();
        return /internet_1:i0/.test(text) ? text : null;
      });
      assert.match(log, /internet_1:i0: .*\n.*this kernel lacks/);
      assert.doesNotMatch(log, /All links connected/);
    }
    if (kernelHas('dummy')) await project.asWritten(/--scale/);
    await project.compose('up', '-d', '--no-recreate', '--scale', 'node=5');
    for (const index of [3, 4, 5]) await linked(index);
    assert.match(await project.exec(node(5), 'ip', 'addr', 'show', 'eth0'), /inet 10\.0\.1\.5\/16/);
    await project.compose('up', '-d', '--no-recreate', '--timeout', '0', '--scale', 'node=1');
    await project.until('the ports gone', async () => {
      const devices = await project.exec(project.container('network'), 'ls', '/sys/class/net');
      return devices.split('\n').filter((name) => name.startsWith('node_')).length === 1;
    });
    await linked(1);
  });

  it('container-names: containers that nobody composed, named by variables; linkloom in a container of its own', async () => {
    const names = ['names-one', 'names-two'];
    for (const name of names) {
      await engine.docker('run', '-d', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '1000000');
    }
    await using project = await Project.alone(engine, 'container-names', [
      ...['--pid', 'host', '--network', 'none', '--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN'],
      ...['--env', `NODE_NAME_1=${names[0]}`, '--env', `NODE_NAME_2=${names[1]}`, IMAGE],
      ...['/app/build/conlink.js', '--network-file', '/test/network.yaml'],
    ]);
    await project.connected(1);
    await project.ping('names-one', '10.0.1.2');
    await engine.docker('stop', '--time', '10', project.container('network'));
    assert.doesNotMatch(await engine.docker('exec', 'names-one', 'ls', '/sys/class/net'), /ext-intf/);
    await engine.docker('rm', '--force', ...names);
  });

  it('mdc-modes: one project of several modes, with a server that a command starts', async () => {
    await using project = await Project.up(engine, 'mdc-modes', { modes: 'all' });
    await project.connected(1);
    await project.until('the server', async () => {
      const page = await project.exec(project.container('node1'), 'wget', '-qO-', 'http://10.0.0.100/');
      return page.trim() === 'hello';
    });
    for (const index of [1, 2]) await project.ping(project.container('node2', index), '10.0.1.1');
    await project.asWritten();
  });

  it('compose-wait-copy: programs start once their links are there, with files filled in', async () => {
    await using project = await Project.up(engine, 'compose-wait-copy');
    const log = await project.until('the page', async () => {
      const text = await engine.docker('logs', project.container('client'));
      return text.includes('hello from') ? text : null;
    });
    assert.match(log, /^hello from \{\{HOSTNAME_OF_NOBODY\}\}$/m);
    await project.connected(1);
    await project.asWritten();
    await project.compose('down', '--volumes', '--timeout', '1');
  });

  it("compose-two-networks: Docker's eth0 stays as it is, eth1 is linkloom's", async () => {
    await using project = await Project.up(engine, 'compose-two-networks');
    await project.connected(1);
    for (const index of [1, 2]) {
      const agent = project.container('agent', index);
      await project.until(`agent ${index} served`, async () => {
        return (await project.exec(agent, 'wget', '-qO-', 'http://10.0.0.1/')).trim() === 'served';
      });
      assert.match(
        await project.exec(agent, 'ip', 'addr', 'show', 'eth1'),
        new RegExp(`inet 10\\.0\\.0\\.1${index}/24`),
      );
      assert.doesNotMatch(await project.exec(agent, 'ip', 'addr', 'show', 'eth0'), /inet 10\.0\.0\./);
    }
    await project.asWritten();
    const routes = await project.exec(project.container('server'), 'ip', 'route');
    assert.match(routes, /10\.42\.1\.0\/24 via 10\.0\.0\.11 dev eth1/);
    assert.match(routes, /10\.42\.2\.0\/24 via 10\.0\.0\.12 dev eth1/);
    await engine.docker('stop', '--time', '10', project.container('network'));
    assert.match(await project.exec(project.container('server'), 'ip', 'addr', 'show', 'eth0'), /inet /);
    await project.compose('down', '--volumes', '--timeout', '1');
  });

  it('compose-bridge-mode: the mode that a variable names', async () => {
    await using project = await Project.up(engine, 'compose-bridge-mode', { variables: { BRIDGE_MODE: 'linux' } });
    await project.connected(1);
    await project.ping(project.container('node1'), '10.0.1.2');
    const ports = await project.exec(project.container('network'), 'ip', '-brief', 'link', 'show', 'master', 's1');
    assert.match(ports, /^node1_1-eth0@/m);
  });
});
