/** Ports that the engine publishes lead through linkloom's own container into the lab, and only as long as someone wants them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../support/engine/image.ts';
import { Project } from '../support/engine/project.ts';

describe('forwarded ports', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  let project: Project;
  before(async () => {
    await ensureImage();
    engine = await startDockerd();
    await ensureBusybox(engine);
    project = await Project.up(engine, 'compose-published-ports');
    await project.connected(1);
  });
  after(async () => {
    await project?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });

  const network = () => project.container('network');
  const inNetwork = (...argv: readonly string[]) => project.exec(network(), ...argv);
  const rules = () => inNetwork('nft', 'list', 'ruleset');
  const devices = async () => (await inNetwork('ls', '/sys/class/net')).split('\n');

  async function addressOf(container: string): Promise<string> {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    return (await engine.docker('inspect', '--format', format, container)).trim();
  }

  /** What a container on the engine's network is served at a port of linkloom's own. */
  async function page(port: number): Promise<string> {
    const url = `http://${await addressOf(network())}:${port}/`;
    const run = [
      'run',
      '--rm',
      '--network',
      `${project.name}_public`,
      IMAGE,
      'curl',
      '--silent',
      '--max-time',
      '5',
      url,
    ];
    return (await engine.docker(...run)).trim();
  }

  it('lead to each node, and to each replica by a port of its own', async () => {
    assert.equal(await page(1080), 'node1');
    assert.equal(await page(1180), 'node1');
    assert.equal(await page(80), 'node2');
    assert.equal(await page(81), 'node2');
    await assert.rejects(page(82));
  });

  it('come in by the device that was set aside, and the nodes know the way back', async () => {
    assert.ok((await devices()).includes('DOCKER-ETH0'));
    assert.ok(!(await devices()).includes('eth0'));
    const own = await addressOf(network());
    const routes = await inNetwork('ip', 'route');
    assert.match(routes, /^default via .* dev DOCKER-ETH0/m);
    assert.match(routes, /^10\.1\.0\.1 dev s1 /m);
    assert.match(routes, /^10\.2\.0\.2 dev s2 /m);
    assert.match(await project.exec(project.container('node1'), 'ip', 'route'), new RegExp(`^${own} dev eth0`, 'm'));
    assert.match(await rules(), /iifname "DOCKER-ETH0" tcp dport 81 dnat ip to 10\.2\.0\.2:80/);
  });

  it('end with their own node alone, and come back with it', async () => {
    const before = await rules();
    await engine.docker('stop', '--time', '0', project.container('node2', 1));
    await project.until('its rules gone', async () => !(await rules()).includes('10.2.0.1:80'));
    assert.doesNotMatch(await inNetwork('ip', 'route'), /^10\.2\.0\.1 /m);
    assert.equal(await page(81), 'node2', 'on the same bridge');
    assert.equal(await page(1080), 'node1');
    await assert.rejects(page(80));
    await engine.docker('start', project.container('node2', 1));
    await project.until('served again', async () => (await page(80)) === 'node2');
    const sorted = (text: string) => text.split('\n').sort();
    assert.deepEqual(sorted(await rules()), sorted(before), 'and no rule twice');
  });

  it('are not doubled by nodes that start together', async () => {
    const before = await rules();
    const nodes = [project.container('node1'), project.container('node2', 1), project.container('node2', 2)];
    await engine.docker('restart', '--time', '0', ...nodes);
    for (const port of [1080, 1180, 80, 81]) {
      await project.until(`port ${port} served`, async () => (await page(port)).startsWith('node'));
    }
    assert.equal((await rules()).split('comment').length, before.split('comment').length);
  });

  it('are there again after linkloom was started anew', async () => {
    await engine.docker('restart', '--time', '20', network());
    await project.until('all served', async () => (await page(1080)) === 'node1' && (await page(81)) === 'node2');
  });

  it('leave nothing of themselves: neither rules nor another name', async () => {
    const down = ['linkloom', 'down', '--lab', project.name];
    await engine.docker('stop', '--time', '20', network());
    assert.equal(await engine.docker('inspect', '--format', '{{.State.ExitCode}}', network()), '0');
    assert.doesNotMatch(await project.exec(project.container('node1'), 'ip', 'route'), /eth0/);
    // A container that only waits, in which linkloom is called as a program.
    const mounts = ['--pid', 'host', '--volume', `${engine.socketPath}:/var/run/docker.sock`];
    const rights = ['--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN', '--sysctl', 'net.ipv4.ip_forward=1'];
    const start = ['run', '--detach', '--name', 'host', ...mounts, ...rights, IMAGE, 'sleep', '1000000'];
    await engine.docker(...start);
    await engine.docker('run', '--detach', '--init', '--network', 'none', '--name', 'web', BUSYBOX, 'sleep', '1000000');
    const before = await engine.docker('exec', 'host', 'ip', 'address');
    const lab = { links: [{ container: 'web', bridge: 's1', ip: '10.1.0.1/24', forward: '80:80/tcp' }] };
    const file = JSON.stringify({ lab: project.name, ...lab });
    await engine.docker('exec', 'host', 'sh', '-c', `echo '${file}' > /tmp/lab.json`);
    const up = ['exec', 'host', 'linkloom', 'up', '-f', '/tmp/lab.json', '--json'];
    assert.equal(JSON.parse(await engine.docker(...up)).links.created, 1);
    assert.equal(JSON.parse(await engine.docker(...up)).links.unchanged, 1);
    assert.match(await engine.docker('exec', 'host', 'nft', 'list', 'ruleset'), /10\.1\.0\.1:80/);
    await engine.docker('exec', 'host', ...down);
    assert.equal(await engine.docker('exec', 'host', 'ip', 'address'), before);
    assert.equal(await engine.docker('exec', 'host', 'nft', 'list', 'ruleset'), '');
    await engine.docker('rm', '--force', 'host', 'web');
  });

  it('need a network of the engine’s, and packets that are passed on', async () => {
    const mounts = ['--pid', 'host', '--volume', `${engine.socketPath}:/var/run/docker.sock`];
    const rights = ['--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN'];
    const file = JSON.stringify({
      lab: 'refused',
      links: [{ container: 'web', bridge: 's1', ip: '10.1.0.1/24', forward: '80:80/tcp' }],
    });
    const up = 'exec linkloom up -f /tmp/lab.json $SIDE 2>&1';
    const script = `(echo '${file}' > /tmp/lab.json; ${up}); echo "status $?"`;
    const said = (...options: readonly string[]) =>
      engine.docker('run', '--rm', ...mounts, ...rights, ...options, IMAGE, 'sh', '-c', script);
    const none = await said('--network', 'none');
    assert.match(none, /web:eth0: forward needs linkloom to run in a container with an eth0 of its engine/);
    assert.match(none, /status 1$/);
    const host = await said('--network', 'host');
    assert.match(host, /forward needs linkloom to run in a container with an eth0 of its engine/);
    const apart = await said('--env', 'SIDE=--switch netns');
    assert.match(apart, /web:eth0: forward needs the lab's bridges in linkloom's own namespace/);
    assert.match(apart, /run with `--switch own`/);
    assert.match(apart, /status 1$/);
    const still = await said('--sysctl', 'net.ipv4.ip_forward=0');
    assert.match(still, /forwards no packets, and \/proc\/sys is read-only/);
    assert.match(still, /sysctls: net\.ipv4\.ip_forward=1/);
    assert.match(still, /status 3$/);
  });
});
