/** nat and ethtool as a user writes them: up, up again, changed, down. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { netnsNames, openNetns, uniqueName } from '../../support/netns.ts';
import { answer } from '../../support/traffic/tcp.ts';

interface Counts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly failed: number;
}

describe('nat and ethtool in a lab', () => {
  const lab = uniqueName('nat');
  const [inside, router, outside] = [`${lab}-i`, `${lab}-r`, `${lab}-o`] as const;
  let folder: Folder;
  let file: string;
  before(() => {
    folder = temporaryFolder('nat');
    file = join(folder.path, 'lab.json');
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  /** Two networks and a router; `more` is the router's outer link's. */
  function describeLab(more: Readonly<Record<string, unknown>>): void {
    const links = [
      { netns: inside, bridge: 'lan', ip: '10.0.0.2/24', route: 'default via 10.0.0.1', ethtool: '-K gro on' },
      { netns: router, bridge: 'lan', ip: '10.0.0.1/24' },
      { netns: router, bridge: 'wan', dev: 'eth1', ip: '192.0.2.1/24', ...more },
      { netns: outside, bridge: 'wan', ip: '192.0.2.2/24' },
    ];
    const commands = [{ netns: router, command: 'sysctl -qw net.ipv4.ip_forward=1' }];
    writeFileSync(file, JSON.stringify({ lab, links, commands }));
  }

  async function up(status = 0): Promise<Counts & { readonly failures: readonly { code: string; message: string }[] }> {
    const ran = await linkloom(['up', '-f', file, '--json']);
    assert.equal(ran.exitCode, status, ran.stderr);
    const { links, failures } = JSON.parse(ran.stdout);
    return { ...links, failures };
  }

  const rules = () => openNetns(router).exec('nft', 'list', 'ruleset');
  const feature = async (ns: string, dev: string, name: string) =>
    new RegExp(`^${name}: (on|off)`, 'm').exec(await openNetns(ns).exec('ethtool', '-k', dev))?.[1];

  test('is there after `up`, carries packets, and is unchanged by a second', async () => {
    describeLab({ nat: '10.0.0.2', ethtool: ['--offload rx off', '--offload gso off'] });
    assert.equal((await up()).created, 4);
    await using server = await answer(openNetns(inside), 80);
    assert.equal(await server.from(openNetns(outside), '192.0.2.1'), '192.0.2.2');
    await using other = await answer(openNetns(outside), 80);
    assert.equal(await other.from(openNetns(inside), '192.0.2.2'), '192.0.2.1');
    assert.equal(await feature(router, 'eth1', 'rx-checksumming'), 'off');
    assert.equal(await feature(router, 'eth1', 'tx-checksumming'), 'off', 'what every veth gets');
    assert.equal(await feature(router, 'eth1', 'generic-segmentation-offload'), 'off');
    assert.equal(await feature(inside, 'eth0', 'generic-receive-offload'), 'on');
    const { created, changed, unchanged } = await up();
    assert.deepEqual({ created, changed, unchanged }, { created: 0, changed: 0, unchanged: 4 });
    const plan = JSON.parse((await linkloom(['plan', '-f', file, '--json'])).stdout);
    assert.deepEqual(plan.operations, []);
  });

  test('is mended where somebody meddled', async () => {
    await openNetns(router).exec('nft', 'flush', 'chain', 'inet', `linkloom-${lab}`, 'postrouting');
    await openNetns(router).exec('ethtool', '-K', 'eth1', 'rx', 'on');
    const { stdout } = await linkloom(['status', '-f', file, '--json']);
    assert.match(stdout, /nat 10\.0\.0\.2 192\.0\.2\.1 missing/);
    assert.match(stdout, /rx → off/);
    assert.equal((await up()).changed, 1);
    assert.match(await rules(), /snat ip to 192\.0\.2\.1/);
    assert.equal((await rules()).split('10.0.0.2 192.0.2.1').length, 3, 'no rule twice');
    assert.equal((await up()).unchanged, 4);
  });

  test('is changed in place', async () => {
    const index = (await openNetns(router).link('eth1'))?.ifindex;
    describeLab({ nat: '10.0.0.9', ethtool: '--offload rx on' });
    assert.equal((await up()).changed, 1);
    assert.match(await rules(), /dnat ip to 10\.0\.0\.9/);
    assert.doesNotMatch(await rules(), /10\.0\.0\.2/);
    assert.equal(await feature(router, 'eth1', 'rx-checksumming'), 'on');
    assert.equal((await openNetns(router).link('eth1'))?.ifindex, index);
    describeLab({});
    assert.equal((await up()).changed, 1);
    assert.equal(await rules(), '');
    assert.equal((await up()).unchanged, 4);
  });

  test('goes with its link', async () => {
    describeLab({ nat: '10.0.0.2' });
    assert.equal((await up()).changed, 1);
    const whole = JSON.parse(await readLab());
    whole.links = whole.links.filter(({ dev }: { dev?: string }) => dev !== 'eth1');
    writeFileSync(file, JSON.stringify(whole));
    assert.equal((await up()).removed, 1);
    assert.equal(await rules(), '');
  });

  test('that can’t be had takes its link with it, and all that belongs to that', async () => {
    describeLab({ nat: '10.0.0.2', ethtool: '-K ntuple on' });
    const { created, failed, failures } = await up(1);
    assert.deepEqual({ created, failed }, { created: 0, failed: 1 });
    assert.match(failures[0]?.message ?? '', /eth1: ethtool -K ntuple on.*EOPNOTSUPP/);
    assert.equal(failures[0]?.code, 'E_FEATURE');
    assert.equal(await openNetns(router).link('eth1'), undefined);
    assert.equal(await rules(), '');
  });

  test('leaves nothing after `down`, also in a namespace that stays', async () => {
    await linkloom(['down', '--lab', lab]);
    const { execa } = await import('execa');
    await execa('ip', ['netns', 'add', router]);
    try {
      describeLab({ nat: '10.0.0.2' });
      assert.equal((await up()).created, 4);
      assert.match(await rules(), /10\.0\.0\.2/);
      const down = await linkloom(['down', '--lab', lab]);
      assert.equal(down.exitCode, 0, down.stderr);
      assert.equal(await rules(), '');
      assert.deepEqual(
        (await openNetns(router).links()).map(({ ifname }) => ifname),
        ['lo'],
      );
      assert.deepEqual(
        (await netnsNames()).filter((name) => name.includes(lab)),
        [router],
      );
    } finally {
      await execa('ip', ['netns', 'del', router]);
    }
  });

  test('a forward is refused outside of a container, by name', async () => {
    describeLab({ forward: '8080:80/tcp' });
    const ran = await linkloom(['up', '-f', file]);
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, new RegExp(`${router}:eth1: forward needs linkloom to run in a container`));
    assert.match(ran.stderr, /network of the engine's that publishes the ports/);
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab)),
      [],
    );
    assert.equal((await linkloom(['validate', '-f', file])).exitCode, 0);
  });

  async function readLab(): Promise<string> {
    const { readFile } = await import('node:fs/promises');
    return readFile(file, 'utf8');
  }
});
