/** Bridges of the host that others made: only ports of the lab come and go, while their traffic flows. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { foreign, hostLink, ip } from '../../support/host/strangers.ts';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, netnsNames, newNetns, uniqueName } from '../../support/netns.ts';

const onlyRoot = { timeout: 170_000, ...needs('root', 'program:ip') };

interface Theirs extends AsyncDisposable {
  readonly bridge: string;
  readonly port: string;
  /** At the other end of their port. */
  readonly far: Netns;
  /** How many of the packets that went through the bridge all the while came back; ends the traffic. */
  answered(): Promise<{ readonly sent: number; readonly received: number }>;
}

/** A bridge with an address, a setting of its own and one port, behind which a stranger answers. */
async function theirs(): Promise<Theirs> {
  const [bridge, port] = [uniqueName('b'), uniqueName('p')];
  const far = await newNetns('s');
  await ip('link', 'add', bridge, 'type', 'bridge', 'ageing_time', '20000');
  await ip('address', 'add', '10.74.0.1/24', 'dev', bridge);
  await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', far.name);
  await ip('link', 'set', port, 'master', bridge, 'up');
  await ip('link', 'set', bridge, 'up');
  await far.exec('ip', 'address', 'add', '10.74.0.9/24', 'dev', 'eth0');
  await far.exec('ip', 'link', 'set', 'eth0', 'up');
  await far.untilUp('eth0');
  const traffic = execa('ping', ['-i', '0.05', '10.74.0.9'], { reject: false });
  return {
    bridge,
    port,
    far,
    answered: async () => {
      traffic.kill('SIGINT');
      const { stdout } = await traffic;
      const [, sent = '0', received = '0'] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
      return { sent: Number(sent), received: Number(received) };
    },
    [Symbol.asyncDispose]: async () => {
      traffic.kill('SIGKILL');
      await execa('ip', ['link', 'del', bridge], { reject: false });
      await far[Symbol.asyncDispose]();
    },
  };
}

const isPort = (dev: string): boolean => /^c[0-9a-f]{8}-/.test(dev);

/** Without what counts down. */
async function untouched(isOurs: (dev: string) => boolean = () => false): Promise<string> {
  return (await foreign(isOurs)).replace(/"\w*timer": [\d.]+,?/g, '');
}

/** Resolves to what is there once nothing changes by itself any more: the kernel gives carriers and link-local addresses in its background. */
async function settled(there: Theirs): Promise<string> {
  for (let tries = 0, before = ''; tries < 60; tries++) {
    const now = await untouched();
    const isTentative = (await foreign()).includes('"tentative"');
    if (!isTentative && now === before && (await hostLink(there.bridge))?.operstate === 'UP') return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${there.bridge} does not come to rest`);
}

const linksOf = (bridge: string, nodes: readonly string[]): object => ({
  bridges: [{ bridge, external: true }],
  links: nodes.map((netns, index) => ({ netns, dev: 'eth1', bridge, ip: `10.74.0.${index + 2}/24` })),
});

describe('an external bridge', onlyRoot, () => {
  it('is joined by two labs while strangers talk through it, and is what it was before, during and after', async () => {
    await using there = await theirs();
    const before = await settled(there);
    await using one = testLab('netns', 'e');
    await using other = testLab('netns', 'e');
    const nodes = [one.node('a').name, one.node('b').name];
    const ran = await one.up(linksOf(there.bridge, nodes));
    assert.deepEqual([ran.failures, ran.links.created], [[], 2]);
    const second = { ...linksOf(there.bridge, [other.node('a').name]) };
    assert.deepEqual((await other.up(second)).failures, []);
    assert.equal(await untouched(isPort), before);
    assert.equal((await one.node('a').link('eth1'))?.mtu, 1500, 'that of the bridge');
    await one.node('a').exec('ping', '-c', '1', '-W', '3', '10.74.0.9');
    await there.far.exec('ping', '-c', '1', '-W', '3', '10.74.0.3');
    const report = await one.status(linksOf(there.bridge, nodes));
    assert.deepEqual(
      report.bridges.map(({ name, ns, ports, observed }) => [name, ns, ports, observed?.ifname]),
      [[there.bridge, 'self', 4, there.bridge]],
    );
    const port = report.links[0]?.port?.dev ?? '';
    await ip('link', 'set', port, 'nomaster');
    assert.equal((await one.up(linksOf(there.bridge, nodes))).links.changed, 1, 'drift');
    assert.equal((await hostLink(port))?.master, there.bridge);
    assert.deepEqual((await one.down()).failures, []);
    assert.equal((await other.up(second)).links.unchanged, 1);
    assert.deepEqual((await other.down()).failures, []);
    assert.equal(await untouched(), before);
    const { sent, received } = await there.answered();
    assert.ok(sent > 10 && received >= sent - 1, `${received} of ${sent}`);
  });

  it('that is missing, or is none, is an error that names it, and nothing is touched', async () => {
    await using there = await theirs();
    const before = await settled(there);
    await using lab = testLab('netns', 'e');
    for (const [bridge, why] of [
      ['br-none', /External bridge br-none does not exist/],
      [there.port, new RegExp(`External bridge ${there.port} is no bridge .* of kind veth`)],
    ] as const) {
      await assert.rejects(lab.up(linksOf(bridge, [lab.node('a').name])), why);
      assert.ok(!(await netnsNames()).some((name) => name.includes(lab.name)));
      assert.equal(await untouched(), before);
    }
  });

  it('removed and made again by its owner while the daemon runs: told, and the links mended; killed, taken over', async () => {
    await using there = await theirs();
    using folder = temporaryFolder('external');
    const lab = uniqueName('e');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify({ lab, ...linksOf(there.bridge, [`${lab}a`]) }));
    try {
      await using daemon = startLinkloom(['daemon', '-f', file]);
      await daemon.until(/^All links connected$/m);
      await ip('link', 'del', there.bridge);
      await daemon.until(new RegExp(`External bridge ${there.bridge} does not exist`));
      await ip('link', 'add', there.bridge, 'type', 'bridge');
      await ip('link', 'set', there.bridge, 'up');
      await daemon.until(/port (not in|in another) bridge.*put back/);
      daemon.child.kill('SIGKILL');
      await daemon.child;
      const again = await linkloom(['up', '-f', file, '--json']);
      assert.equal(JSON.parse(again.stdout).links.unchanged, 1, again.stderr);
    } finally {
      assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
    }
    assert.ok(await hostLink(there.bridge));
  });
});
