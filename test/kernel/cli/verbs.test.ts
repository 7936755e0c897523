/** The verbs as a user calls them, on namespaces: what they print, what they exit with, and what the kernel then has. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, type Ran, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, openNetns, uniqueName } from '../../support/netns.ts';

/** A ring of three nodes with names of their own. */
function ringOf(lab: string, mtuBytes: number): string {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => `${lab}${letter}`);
  const link = (node: string | undefined, dev: string, bridge: string, ip: string): string =>
    `  - {netns: ${node}, dev: ${dev}, bridge: ${bridge}, ip: ${ip}, mtu: ${mtuBytes}}\n`;
  return `lab: ${lab}
links:
${link(a, 'eth0', 's0', '10.9.0.1/30')}${link(b, 'eth1', 's0', '10.9.0.2/30')}\
${link(b, 'eth0', 's1', '10.9.0.5/30')}${link(c, 'eth1', 's1', '10.9.0.6/30')}\
${link(c, 'eth0', 's2', '10.9.0.9/30')}${link(a, 'eth1', 's2', '10.9.0.10/30')}`;
}

describe('verbs', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('v');
  let folder: Folder | undefined;
  let file = '';
  before(async () => {
    folder = temporaryFolder('verbs');
    file = join(folder.path, 'ring.yaml');
    await writeFile(file, ringOf(lab, 1500));
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  const document = ({ stdout }: Ran) => JSON.parse(stdout);

  it('plan says what would be made, and exits 4 only if asked', async () => {
    const plan = await linkloom(['plan', '-f', file]);
    assert.equal(plan.exitCode, 0, plan.stderr);
    assert.match(plan.stdout, new RegExp(`^lab ${lab}: links: 6 to create, 0 to change, 0 to remove`));
    assert.equal((await linkloom(['plan', '-f', file, '--detailed-exitcode'])).exitCode, 4);
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab)),
      [],
    );
  });

  it('up makes it, and tells so in JSON on standard output alone', async () => {
    const ran = await linkloom(['up', '-f', file, '--json', '--progress', 'quiet']);
    assert.deepEqual([ran.exitCode, ran.stderr], [0, '']);
    const { timings, ...rest } = document(ran);
    assert.deepEqual(rest, {
      schemaVersion: 1,
      verb: 'up',
      lab,
      links: { desired: 6, created: 6, changed: 0, unchanged: 0, removed: 0, failed: 0, pending: 0 },
      nodes: { desired: 3, created: 3, changed: 0, unchanged: 0, removed: 0, failed: 0 },
      orphans: [],
      failures: [],
      pending: [],
      commands: [],
    });
    assert.deepEqual(Object.keys(timings), ['loadMs', 'observeMs', 'planMs', 'applyMs', 'totalMs']);
    const device = await openNetns(`${lab}a`).link('eth0');
    assert.equal(device?.mtu, 1500);
  });

  it('up again changes nothing, and plan agrees', async () => {
    const { links } = document(await linkloom(['up', '-f', file, '--json']));
    assert.deepEqual([links.unchanged, links.created, links.changed], [6, 0, 0]);
    assert.equal((await linkloom(['plan', '-f', file, '--detailed-exitcode'])).exitCode, 0);
  });

  it('status shows each link, and finds what was changed behind its back', async () => {
    const settled = await linkloom(['status', '-f', file, '--json', '--detailed-exitcode']);
    assert.equal(settled.exitCode, 0, settled.stderr);
    assert.equal(document(settled).settled, true);
    assert.equal(document(settled).links[0].device.mtu, 1500);
    await openNetns(`${lab}b`).exec('ip', 'link', 'set', 'eth0', 'mtu', '1400');
    const drifted = await linkloom(['status', '-f', file, '--detailed-exitcode']);
    assert.equal(drifted.exitCode, 4);
    assert.match(drifted.stdout, new RegExp(`${lab}b:eth0 .* 1400 .*mtu`));
    assert.match(drifted.stdout, new RegExp(`ip netns exec linkloom-${lab} tcpdump -ni s0`));
  });

  it('status needs no configuration: by the name of the lab, or for all labs', async () => {
    const byName = await linkloom(['status', '--lab', lab, '--json'], { cwd: '/' });
    assert.equal(byName.exitCode, 0, byName.stderr);
    assert.equal(document(byName).configured, false);
    const links = document(byName).links.map(({ link }: { link: string }) => link);
    assert.deepEqual(
      links.sort(),
      ['a:eth0', 'a:eth1', 'b:eth0', 'b:eth1', 'c:eth0', 'c:eth1'].map((link) => `${lab}${link}`),
    );
    const first = document(byName).links.find(({ link }: { link: string }) => link === `${lab}a:eth0`);
    assert.deepEqual(
      [first.state, first.namespace, first.bridge, first.port.ifname],
      ['ok', `netns/${lab}a`, 's0', first.port.ifname],
    );
    const own = await openNetns(`${lab}a`).link('eth0');
    assert.deepEqual([first.device.ifname, first.device.ifindex], ['eth0', own?.ifindex]);
    const addresses = first.device.addr_info.map(({ local }: { local: string }) => local);
    assert.ok(addresses.includes('10.9.0.1'), byName.stdout);
    assert.equal(typeof first.device.stats64.rx.bytes, 'number');
    const all = document(await linkloom(['status', '--all', '--json']));
    const mine = all.labs.find((seen: { lab: string }) => seen.lab === lab);
    assert.deepEqual([mine?.links, mine?.bridges], [6, 3]);
    assert.ok(mine.namespaces.includes(`netns/linkloom-${lab}`));
    const node = mine.nodes.find((seen: { node: string }) => seen.node === `${lab}a`);
    assert.ok(node.addresses.includes('10.9.0.1/30') && node.addresses.includes('10.9.0.10/30'), JSON.stringify(node));
    assert.match(
      (await linkloom(['status', '--all'])).stdout,
      new RegExp(`^${lab}a +${lab} +2 +.*10\\.9\\.0\\.1/30`, 'm'),
    );
  });

  it('up after an edit changes what differs, and no more', async () => {
    await writeFile(file, ringOf(lab, 1500).replace('10.9.0.1/30', '10.9.0.1/29'));
    const ran = await linkloom(['up', '-f', file, '--json']);
    const { links } = document(ran);
    assert.deepEqual([links.changed, links.unchanged, links.created], [2, 4, 0], ran.stderr);
  });

  it('exec runs in the node and passes its status on', async () => {
    const ping = await linkloom(['exec', `${lab}a`, '--', 'ping', '-c', '1', '-W', '5', '10.9.0.2']);
    assert.equal(ping.exitCode, 0, ping.stdout + ping.stderr);
    assert.equal((await linkloom(['exec', `netns/${lab}a`, '--', 'sh', '-c', 'exit 7'])).exitCode, 7);
    assert.equal((await linkloom(['exec', `${lab}a`, '--', 'sh', '-c', 'kill -9 $$'])).exitCode, 137);
    assert.equal((await linkloom(['exec', `${lab}x`, '--', 'true'])).exitCode, 1);
    const hint = '  hint: a namespace has the programs of this machine: install what you need here\n';
    const missing = await linkloom(['exec', `${lab}a`, '--', 'nosuch', '--option']);
    assert.deepEqual(
      [missing.exitCode, missing.stderr],
      [127, `ERROR: ${lab}a: there is no program nosuch in PATH\n${hint}`],
    );
    assert.equal((await linkloom(['exec', `${lab}a`, '--', '/no/such'])).exitCode, 127);
    for (const program of ['/etc', '/etc/passwd']) {
      const ran = await linkloom(['exec', `${lab}a`, '--', program]);
      assert.deepEqual([ran.exitCode, ran.stderr], [126, `ERROR: ${lab}a: ${program} can not be executed\n`]);
    }
    const unnamed = await linkloom(['exec', `${lab}a`, '--', '']);
    assert.deepEqual(
      [unnamed.exitCode, unnamed.stderr],
      [127, `ERROR: ${lab}a: there is no program "" in PATH\n${hint}`],
    );
    const script = `${file}.sh`;
    await writeFile(script, '#! /no/such/shell -e\necho hi\n', { mode: 0o755 });
    const orphan = await linkloom(['exec', `${lab}a`, '--', script]);
    assert.deepEqual(
      [orphan.exitCode, orphan.stderr],
      [127, `ERROR: ${lab}a: ${script} is a script for /no/such/shell, which is not there\n${hint}`],
    );
    const seen = await linkloom(['exec', `${lab}a`, '--', 'ls', '/sys/class/net']);
    assert.match(seen.stdout, /eth0\neth1\n/);
  });

  it('a second linkloom on the lab is refused, and told who has it', async () => {
    await using holder = startLinkloom(['up', '-f', file, '--watch', '--no-api']);
    await holder.until(/All links connected/);
    const ran = await linkloom(['up', '-f', file]);
    assert.equal(ran.exitCode, 1);
    assert.ok(ran.stderr.includes(`pid ${holder.child.pid}`), ran.stderr);
    assert.equal((await linkloom(['status', '-f', file])).exitCode, 0);
    holder.child.kill('SIGTERM');
    assert.equal((await holder.child).exitCode, 0);
    assert.ok((await netnsNames()).includes(`linkloom-${lab}`), 'the links stay');
  });

  it('down needs only the name, and takes everything away', async () => {
    const ran = await linkloom(['down', '--lab', lab, '--json']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.equal(document(ran).links.removed, 6);
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab)),
      [],
    );
    assert.equal(document(await linkloom(['down', '--lab', lab, '--json'])).links.removed, 0);
  });

  it('called as conlink is: brings all up, says so, and removes it on SIGTERM', async () => {
    await using daemon = startLinkloom(['--network-file', file, '--default-bridge-mode', 'linux']);
    await daemon.until(/^All links connected$/m);
    assert.ok(await openNetns(`${lab}a`).link('eth0'));
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab)),
      [],
    );
  });
});
