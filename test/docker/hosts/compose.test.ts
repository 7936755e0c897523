/**
 * A host whose server and agent run in containers, as `share/hosts/compose.yaml` has them, beside two with programs of their own: a lab over
 * it is made, proved and taken away by a client elsewhere, as over any other host.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Ran, Site, until } from '../../../scripts/cluster/site.ts';
import { ComposedHost } from '../../support/cluster/composed.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { ensureImage } from '../../support/engine/image.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

const NAMES = ['h1', 'h2', 'h3'] as const;
const LAB = 'composed';
const WITHIN_MS = 60_000;

/** On h1 a namespace, a container that is made, and one that runs already; on h2 a namespace. One wire is between the hosts. */
const CONFIGURATION = {
  lab: LAB,
  hosts: { h1: { nodes: ['near', 'box'] }, h2: { nodes: ['far'] } },
  defaults: { link: { mtu: 1400 } },
  nodes: {
    near: { run: [{ name: 'idle', command: ['sleep', '1000000'] }] },
    far: {},
    box: { image: BUSYBOX, command: ['sleep', '1000000'], cap_add: ['SYS_TIME'] },
  },
  bridges: [
    { bridge: 'across', mode: 'direct' },
    { bridge: 'lan', mode: 'linux' },
  ],
  links: [
    { node: 'far', dev: 'e0', bridge: 'across', ip: '10.8.0.2/24' },
    { node: 'near', dev: 'e0', bridge: 'across', ip: '10.8.0.1/24' },
    { node: 'near', dev: 'e1', bridge: 'lan', ip: '10.9.0.1/24' },
    { node: 'box', dev: 'e0', bridge: 'lan', ip: '10.9.0.2/24' },
    { container: 'db', dev: 'e0', bridge: 'lan', ip: '10.9.0.3/24' },
  ],
};

interface Told {
  readonly hosts: readonly { readonly host: string; readonly alive: boolean; readonly info: Info | null }[];
}

interface Info {
  readonly features: readonly string[];
  readonly nodes: readonly string[];
}

const programs = ['program:openssl', 'program:dockerd', 'program:docker-compose'] as const;

test('the compose project of a host', { ...needs('root', ...programs), timeout: 800_000 }, async (t) => {
  await ensureImage();
  using folder = temporaryFolder('composed');
  using files = temporaryFolder('site');
  await using site = await Site.make({ names: NAMES, folder: files.path, until: 'starter' });
  await using host = await ComposedHost.make(site, 'h1', folder.path);
  const { engine } = host;
  await ensureBusybox(engine);
  const onHost = (program: string, ...args: readonly string[]) => site.hosts.exec('h1', program, args);
  const before = await devices(site);

  const must = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await site.verb('h3', ...args);
    const said = ran.exitCode === 0 ? '' : `${await host.log('agent')}\n${site.log('agent', 'h2')}`;
    assert.equal(ran.exitCode, 0, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}\n${said}`);
    return ran;
  };
  /** What the hosts tell that live. */
  const told = async (): Promise<ReadonlyMap<string, Info>> => {
    const { hosts = [] } = JSON.parse((await site.verb('h3', 'hosts', '--json')).stdout || '{}') as Partial<Told>;
    return new Map(hosts.flatMap((one) => (one.alive && one.info !== null ? [[one.host, one.info] as const] : [])));
  };
  const settled = async (): Promise<void> => {
    const isWhole = async (): Promise<boolean> => (await site.verb('h3', 'status', '--lab', LAB)).exitCode === 0;
    await until('the lab is whole on all hosts', isWhole, WITHIN_MS);
  };
  const ping = (from: string, address: string) =>
    site.hosts.exec('h2', 'ip', [
      'netns',
      'exec',
      `${LAB}.${from}`,
      'ping',
      '-n',
      '-q',
      '-c',
      '1',
      '-w',
      '10',
      address,
    ]);

  await t.test('its server and its agent take part', async () => {
    for (const name of ['h2', 'h3']) await site.startServer(name);
    await host.compose('up', '-d');
    site.startAgent('h2');
    await until('both agents live', async () => (await told()).size === 2, WITHIN_MS).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await host.log('store')}\n${await host.log('agent')}`);
    });
    const infos = await told();
    assert.deepEqual(infos.get('h1')?.features, infos.get('h2')?.features);
  });

  await t.test('up makes the lab, and verify proves it', async () => {
    await engine.docker('run', '--detach', '--name', 'db', '--network', 'none', BUSYBOX, 'sleep', '1000000');
    await until('h1 tells of the container', async () => has((await told()).get('h1'), 'container/db'), WITHIN_MS);
    const file = join(folder.path, 'lab.json');
    writeFileSync(file, JSON.stringify(CONFIGURATION));
    await must('up', '-f', file);
    await settled();
    const { counts } = JSON.parse((await must('verify', '--lab', LAB, '--json')).stdout);
    assert.deepEqual([counts.links, counts.ok], [5, 5]);
    await ping('far', '10.8.0.1');
    for (const address of ['10.9.0.2', '10.9.0.3'])
      await onHost('ip', 'netns', 'exec', `${LAB}.near`, 'ping', '-n', '-q', '-c', '1', '-w', '10', address);
  });

  await t.test('all of it is on the host itself, and nothing in its own network', async () => {
    const names = (await onHost('ip', 'netns', 'list')).split('\n').map((line) => line.split(' ')[0] ?? '');
    assert.deepEqual(names.filter((name) => !name.startsWith('linkloom-')).sort(), [`${LAB}.box`, `${LAB}.near`]);
    assert.equal(names.length, 3, `${names}`);
    assert.match(await onHost('cat', `/etc/netns/${LAB}.near/hosts`), /^10\.8\.0\.2\s.*\bfar\b/m);
    assert.match(await engine.docker('exec', `${LAB}.box`, 'cat', '/etc/hosts'), /^10\.8\.0\.2\s.*\bfar\b/m);
    assert.deepEqual(await devices(site), before);
  });

  await t.test('links stay when the agent ends, programs of namespaces are started anew with it', async () => {
    const index = () => engine.docker('exec', 'db', 'cat', '/sys/class/net/e0/ifindex');
    const running = () => onHost('ip', 'netns', 'pids', `${LAB}.near`);
    const was = await index();
    assert.notEqual(await running(), '');
    await host.compose('stop', 'agent');
    assert.equal(await running(), '');
    await ping('far', '10.8.0.1');
    await host.compose('start', 'agent');
    await until('the program runs again', async () => (await running()) !== '', WITHIN_MS);
    await settled();
    assert.equal(await index(), was);
    await must('verify', '--lab', LAB);
  });

  await t.test('down takes the lab away, and compose the project', async () => {
    await must('down', '--lab', LAB);
    assert.equal(await onHost('ip', 'netns', 'list'), '');
    assert.equal(
      await onHost('find', '/etc/netns', '/run/netns', '/run/linkloom', '-mindepth', '1', '-name', `*${LAB}*`),
      '',
    );
    assert.equal((await engine.docker('ps', '--all', '--format', '{{.Names}}')).match(/composed/), null);
    await engine.docker('rm', '--force', 'db');
    await host.compose('down');
    assert.equal(await engine.docker('ps', '--all', '--quiet'), '');
    assert.deepEqual(await devices(site), before);
    assert.equal((await told()).has('h2'), true);
  });
});

/** The devices of h1's own network. */
async function devices({ hosts }: Site): Promise<readonly string[]> {
  const links = JSON.parse(await hosts.exec('h1', 'ip', ['-json', 'link'])) as { ifname: string }[];
  return links.map(({ ifname }) => ifname).sort();
}

function has(info: Info | undefined, node: string): boolean {
  return info?.nodes.includes(node) ?? false;
}
