/** What others change under a daemon is heard at once and put back, and said; what is renamed is told and left. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { differences, eventually } from '../../support/faults/exact.ts';
import { type Lab, labOf } from '../../support/faults/labs.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

/** Far less than the periodic check's 30 s. */
const AT_ONCE_MS = 8_000;

describe('drift under a daemon', { timeout: 150_000, ...needs('root', 'program:ip') }, () => {
  const name = uniqueName('d');
  const lab: Lab = labOf(name, { nodes: 4, links: 8 });
  const shard = `linkloom-${name}`;
  let folder: Folder | undefined;
  let daemon: ReturnType<typeof startLinkloom> | undefined;
  before(async () => {
    folder = temporaryFolder('drift');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify(lab));
    daemon = startLinkloom(['daemon', '-f', file, '-v']);
    await daemon.until(/^All links connected$/m);
  });
  after(async () => {
    daemon?.child.kill('SIGTERM');
    await daemon?.[Symbol.asyncDispose]();
    await linkloom(['down', '--lab', name]);
    folder?.[Symbol.dispose]();
  });

  const node = (n: number) => openNetns(`${name}n${n}`);
  const isExact = () => eventually(() => differences(lab), AT_ONCE_MS);

  /** Do something to the lab; it is exact again soon, and the daemon has said `pattern`. */
  async function mends(what: readonly string[], pattern: RegExp): Promise<void> {
    const [program = '', ...args] = what;
    await execa(program, args);
    await daemon?.until(pattern, AT_ONCE_MS);
    assert.deepEqual(await isExact(), [], daemon?.output());
  }

  it('starts exact', async () => assert.deepEqual(await isExact(), []));

  it('puts an address back', async () => {
    const ip = lab.links[0]?.ip ?? '';
    await mends(
      ['ip', '-n', `${name}n0`, 'address', 'del', ip, 'dev', 'eth0'],
      new RegExp(`^drift: ${name}n0:eth0 address ${ip} missing, put back$`, 'm'),
    );
  });

  it('makes a deleted veth anew', async () => {
    await mends(
      ['ip', '-n', `${name}n1`, 'link', 'del', 'eth1'],
      new RegExp(`^drift: ${name}n1:eth1 .*, put back$`, 'm'),
    );
  });

  it('attaches a detached port', async () => {
    const ports = await openNetns(shard).links();
    const port = ports.find((link) => link.ifalias === `linkloom/1 ${name} ${name}n2 eth0`)?.ifname ?? '';
    await mends(
      ['ip', '-n', shard, 'link', 'set', port, 'nomaster'],
      new RegExp(`^drift: ${name}n2:eth0 port not in bridge b1, put back$`, 'm'),
    );
  });

  it('raises a bridge and sets an MTU', async () => {
    await mends(['ip', '-n', shard, 'link', 'set', 'b2', 'down'], /^drift: bridge b2 bridge b2 is down, put back$/m);
    await mends(
      ['ip', '-n', `${name}n3`, 'link', 'set', 'eth0', 'mtu', '1300'],
      new RegExp(`^drift: ${name}n3:eth0 mtu 1300 → \\d+, put back$`, 'm'),
    );
  });

  it('tells of a renamed device and does not fight for it', async () => {
    const { exec } = node(0);
    await exec('ip', 'link', 'set', 'eth1', 'down');
    await exec('ip', 'link', 'set', 'eth1', 'name', 'mine0');
    await daemon?.until(/eth1 was renamed to mine0; linkloom leaves it as it is/, AT_ONCE_MS);
    assert.ok(await node(0).link('mine0'));
    await exec('ip', 'link', 'set', 'mine0', 'down');
    await exec('ip', 'link', 'set', 'mine0', 'name', 'eth1');
    await exec('ip', 'link', 'set', 'eth1', 'up');
    assert.deepEqual(await eventually(() => differences(lab), 2 * AT_ONCE_MS), []);
  });

  it('keeps the pace where somebody does not give up', async () => {
    const fights = 40;
    const startedMs = Date.now();
    for (let fight = 0; fight < fights && Date.now() - startedMs < 6_000; fight++) {
      await node(2).exec('ip', 'link', 'set', 'eth1', 'mtu', '1200');
      // What is mended for the sake of another link mends this one no sooner.
      if (fight === 2) await node(0).exec('ip', 'link', 'set', 'eth0', 'mtu', '1250');
      await eventually(async () => ((await node(2).link('eth1'))?.mtu === 1200 ? ['still'] : []), 1_500);
    }
    assert.match(daemon?.output() ?? '', /n0:eth0 mtu 1250 → \d+, put back/);
    const mended = daemon?.output().match(/n2:eth1 mtu 1200 → \d+, put back/g)?.length ?? 0;
    assert.ok(mended >= 1 && mended <= 5, `${mended} mendings in 6 s`);
    assert.deepEqual(await eventually(() => differences(lab), 20_000), []);
  });
});

describe('a wire whose redirection is taken away', { timeout: 60_000, ...needs('root', 'program:tc') }, () => {
  it('carries frames again at once', async () => {
    const name = uniqueName('cut');
    const nodes = [`${name}a`, `${name}b`];
    const links = nodes.map((netns, at) => ({ netns, dev: 'eth0', bridge: 'w', ip: `10.0.0.${at + 1}/30` }));
    using folder = temporaryFolder('cut');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify({ lab: name, bridges: [{ bridge: 'w', mode: 'patch' }], links }));
    await using daemon = startLinkloom(['daemon', '-f', file]);
    try {
      await daemon.until(/^All links connected$/m);
      const shard = openNetns(`linkloom-${name}`);
      const port =
        (await shard.links()).find(({ ifalias }) => ifalias === `linkloom/1 ${name} ${name}a eth0`)?.ifname ?? '';
      await shard.exec('tc', 'qdisc', 'del', 'dev', port, 'ingress');
      await daemon.until(new RegExp(`^drift: ${name}a:eth0 .*put back$`, 'm'), AT_ONCE_MS);
      await openNetns(`${name}a`).exec('ping', '-c', '1', '-W', '2', '10.0.0.2');
    } finally {
      daemon.child.kill('SIGTERM');
      await daemon.child;
      await linkloom(['down', '--lab', name]);
    }
  });
});
