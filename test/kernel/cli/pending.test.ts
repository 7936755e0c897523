/** Links that wait for what is not there: told by every verb, never taken for links that are in order. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('links that wait', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('w');
  const [a, b] = [`${lab}a`, `${lab}b`];
  let folder: Folder | undefined;
  let file = '';

  const describeLab = async (withOtherEnd: boolean): Promise<void> => {
    const links = [
      { netns: a, bridge: 'straight', dev: 'eth0', ip: '10.0.0.1/24' },
      { netns: a, bridge: 'tied', dev: 'eth1', ip: '10.0.1.1/24' },
      { netns: a, type: 'macvlan', base: 'local', 'outer-dev': 'eth0', dev: 'm0' },
      { netns: a, bridge: 'lan', dev: 'eth2' },
      ...(withOtherEnd ? ['straight', 'tied'].map((bridge, at) => ({ netns: b, bridge, dev: `eth${at}` })) : []),
    ];
    const bridges = [
      { bridge: 'straight', mode: 'direct' },
      { bridge: 'tied', mode: 'patch' },
      { bridge: 'lan', mode: 'linux' },
    ];
    await writeFile(file, JSON.stringify({ lab, bridges, links }));
  };

  before(async () => {
    folder = temporaryFolder('pending');
    file = join(folder.path, 'lab.json');
    await describeLab(false);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  const WAITING = {
    [`${a}:eth0`]: 'waits for its other end: no other link is tied to bridge straight',
    [`${a}:eth1`]: 'waits for its other end: no other link is tied to bridge tied',
    [`${a}:m0`]: `waits for its parent ${a}:eth0`,
  };

  const assertPending = (pending: readonly { node: string; links: readonly string[]; why: string }[]): void => {
    assert.deepEqual(Object.fromEntries(pending.map(({ links, why }) => [links.join(), why])), WAITING);
    assert.deepEqual(new Set(pending.map(({ node }) => node)), new Set([a]));
  };

  it('up makes the rest, names each of them at the end, and exits 1; so it does again', async () => {
    for (const [created, unchanged] of [
      [1, 0],
      [0, 1],
    ]) {
      const ran = await linkloom(['up', '-f', file, '--json']);
      assert.equal(ran.exitCode, 1);
      const { links, pending, failures } = JSON.parse(ran.stdout);
      assert.deepEqual(links, { desired: 4, created, changed: 0, unchanged, removed: 0, failed: 0, pending: 3 });
      assert.deepEqual(failures, []);
      assertPending(pending);
      const tail = ran.stderr.slice(ran.stderr.indexOf(' pending'));
      for (const [link, why] of Object.entries(WAITING))
        assert.ok(tail.includes(`ERROR: ${link}: ${why}\n`), ran.stderr);
    }
    assert.deepEqual((await openNetns(a).links()).map(({ ifname }) => ifname).sort(), ['eth1', 'eth2', 'lo']);
  });

  it('plan has the verdict, and is not nothing to do', async () => {
    const plan = await linkloom(['plan', '-f', file]);
    assert.equal(plan.exitCode, 0, plan.stderr);
    assert.match(plan.stdout, /1 unchanged, 3 pending; nothing to do yet\n/);
    for (const [link, why] of Object.entries(WAITING)) assert.ok(plan.stdout.includes(`pending: ${link}: ${why}\n`));
    const json = await linkloom(['plan', '-f', file, '--json', '--detailed-exitcode']);
    assert.equal(json.exitCode, 4);
    const { links, pending, summary } = JSON.parse(json.stdout);
    const waits = links.filter(({ verdict }: { verdict: string }) => verdict === 'waits');
    assert.deepEqual(
      Object.fromEntries(waits.map(({ link, cause }: Record<string, string>) => [link, cause])),
      WAITING,
    );
    assert.equal(summary.pending, 3);
    assertPending(pending);
    const offline = JSON.parse((await linkloom(['plan', '-f', file, '--json', '--offline'])).stdout);
    assert.equal(offline.summary.pending, 3);
  });

  it('status shows them as waiting', async () => {
    const ran = await linkloom(['status', '-f', file, '--json', '--detailed-exitcode']);
    assert.equal(ran.exitCode, 4);
    const { links, pending, settled } = JSON.parse(ran.stdout);
    assert.equal(settled, false);
    const waits = links.filter(({ state }: { state: string }) => state === 'waits');
    assert.deepEqual(waits.map(({ link }: { link: string }) => link).sort(), Object.keys(WAITING).sort());
    assertPending(pending);
    assert.match((await linkloom(['status', '-f', file])).stdout, /: 4 links, 1 as wanted, 3 waiting\n/);
  });

  it('up --wait says at once what it waits for, and not for ever', async () => {
    const ran = await linkloom(['up', '-f', file, '--wait', '0.5']);
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, new RegExp(`^waiting for .*${a}:eth0 \\(it waits for its other end`, 'm'));
  });

  it('the daemon says so once and is not connected; it is once all ends are there', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file, '--verbose']);
    await daemon.until(new RegExp(`^waiting for ${a}:eth1 .*${a}:eth0 .*${a}:m0 `, 'm'));
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.doesNotMatch(daemon.output(), /All links connected/);
    assert.equal(daemon.output().split('waiting for').length, 2, daemon.output());
    await describeLab(true);
    await using whole = startLinkloom(['daemon', '-f', file]);
    await whole.until(/^All links connected$/m);
    assert.doesNotMatch(whole.output(), /waiting for/);
  });

  it('up with the other ends brings all of them up', async () => {
    await describeLab(false);
    await linkloom(['up', '-f', file]);
    await describeLab(true);
    const ran = await linkloom(['up', '-f', file, '--json']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const { links, pending } = JSON.parse(ran.stdout);
    assert.deepEqual([links.desired, links.created, links.unchanged, links.pending], [6, 4, 2, 0]);
    assert.deepEqual(pending, []);
  });
});
