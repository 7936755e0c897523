/** What can't be is tried ever more seldom, and is nobody else's trouble: links that fail, nodes that share a namespace or can't be entered, a full disk. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BIN, linkloom, startLinkloom } from '../../support/bin.ts';
import { eventually } from '../../support/faults/exact.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

/** Attempts in the time that is watched: at 0, 1 and 3 s, and one for a slow machine. */
const WATCHED_MS = 4000;
const ATTEMPTS_MAX = 4;

const RUNS = { timeout: 120_000, ...needs('root', 'program:ip', 'program:setpriv') };

describe('what fails for good', RUNS, () => {
  let folder: Folder;
  before(() => {
    folder = temporaryFolder('stubborn');
    mkdirSync('/run/netns', { recursive: true });
  });
  after(() => folder[Symbol.dispose]());

  const fileOf = (lab: string, config: object): string => {
    const file = join(folder.path, `${lab}.json`);
    writeFileSync(file, JSON.stringify({ lab, ...config }));
    return file;
  };
  const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

  it('is not tried in a loop by the daemon that hears itself: bridged, direct, with others beside', async () => {
    const lab = uniqueName('k');
    const [a, b] = [`${lab}a`, `${lab}b`];
    const file = fileOf(lab, {
      bridges: [{ bridge: 'w', mode: 'direct' }],
      links: [
        { netns: a, bridge: 'lan', dev: 'eth0', ip: '10.0.0.1/24', route: ['default via 10.9.9.9'] },
        { netns: b, bridge: 'lan', dev: 'eth0', ip: '10.0.0.2/24' },
        { netns: a, bridge: 'w', dev: 'eth1', ip: '10.0.1.1/24' },
        { netns: b, bridge: 'w', dev: 'eth1', ip: '10.0.1.2/24', route: ['10.5.0.0/16 via 10.9.9.8'] },
      ],
    });
    await using daemon = startLinkloom(['daemon', '-f', file, '-v']);
    try {
      await daemon.until(/ERROR: .*:eth1: /, 20_000);
      const until = Date.now() + WATCHED_MS;
      // A pass for the good link takes the others along in no way.
      while (Date.now() < until) {
        await openNetns(b).exec('ip', 'link', 'set', 'eth0', 'mtu', '1300');
        await delay(300);
      }
      const said = daemon.output();
      for (const link of [`${a}:eth0`, `${a}:eth1`, `${b}:eth1`]) {
        const tries = count(said, new RegExp(`Creating veth link ${link}`, 'g'));
        assert.ok(tries >= 2 && tries <= ATTEMPTS_MAX, `${link} was made ${tries} times:\n${said}`);
      }
      assert.equal(count(said, /ERROR: .*:eth/g), 2, said);
      assert.doesNotMatch(said, /All links connected/);
    } finally {
      daemon.child.kill('SIGTERM');
      await daemon.child;
      await linkloom(['down', '--lab', lab]);
    }
  });

  it('is, of two nodes in one namespace that want one device, the one that comes later: no other link', async () => {
    const lab = uniqueName('k');
    const [a, twin, c] = [`${lab}a`, `${lab}x`, `${lab}c`];
    await execa('ip', ['netns', 'add', a]);
    writeFileSync(`/run/netns/${twin}`, '');
    await execa('mount', ['--bind', `/run/netns/${a}`, `/run/netns/${twin}`]);
    const links = [
      { netns: a, bridge: 'lan', dev: 'eth0', ip: '10.0.0.1/24' },
      { netns: twin, bridge: 'lan', dev: 'eth0', ip: '10.0.0.2/24', impair: { delay: '1ms' } },
      { netns: twin, bridge: 'lan', dev: 'eth1', ip: '10.0.1.2/24' },
      { netns: c, bridge: 'lan', dev: 'eth0', ip: '10.0.0.3/24' },
    ];
    const file = fileOf(lab, { links });
    try {
      for (const expected of [{ created: 3 }, { unchanged: 3, changed: 0 }]) {
        const up = await linkloom(['up', '-f', file, '--json']);
        assert.equal(up.exitCode, 1);
        const { links: counts, failures } = JSON.parse(up.stdout);
        assert.deepEqual({ ...counts, ...expected, failed: 1 }, counts);
        assert.deepEqual([failures[0].link, failures[0].code], [`${twin}:eth0`, 'E_CLASH']);
        assert.match(failures[0].message, new RegExp(`^${a}:eth0 and ${twin}:eth0 are in one network namespace`));
      }
      const device = await openNetns(a).link('eth0');
      assert.deepEqual(
        device?.addr_info?.filter(({ family }) => family === 'inet').map(({ local }) => local),
        ['10.0.0.1'],
      );
      assert.ok(await openNetns(a).link('eth1'));
      await using daemon = startLinkloom(['daemon', '-f', file]);
      await daemon.until(/are in one network namespace/);
      // Each pass over a good link comes by the clash again, and makes nothing for it.
      for (const mtu of ['1300', '1400']) {
        const before = count(daemon.output(), /^drift: /gm);
        await openNetns(c).exec('ip', 'link', 'set', 'eth0', 'mtu', mtu);
        await daemon.until(new RegExp(`(?:^drift: [^\\n]*${c}:eth0 [^\\n]*put back$[\\s\\S]*){${before + 1}}`, 'm'));
      }
      daemon.child.kill('SIGTERM');
      assert.equal((await daemon.child).exitCode, 0);
      assert.doesNotMatch(daemon.output(), new RegExp(`Creating|drift: ${a}|drift: ${twin}`));
    } finally {
      await linkloom(['down', '--lab', lab]);
      await execa('umount', [`/run/netns/${twin}`], { reject: false });
      unlinkSync(`/run/netns/${twin}`);
      await execa('ip', ['netns', 'del', a], { reject: false });
    }
  });

  it('is what is in a node that may not be entered, and the other end of its wires', async () => {
    const lab = uniqueName('k');
    const [good, bad] = [`${lab}g`, `${lab}b`];
    const stranger = execa('unshare', ['-n', 'setpriv', '--reuid=1000', '--clear-groups', 'sleep', '120'], {
      reject: false,
    });
    symlinkSync(`/proc/${stranger.pid}/ns/net`, `/run/netns/${bad}`);
    const file = fileOf(lab, {
      bridges: [{ bridge: 'w', mode: 'direct' }],
      links: [
        { netns: bad, bridge: 'lan', dev: 'eth0', ip: '10.0.0.1/24' },
        { netns: good, bridge: 'lan', dev: 'eth0', ip: '10.0.0.2/24' },
        { netns: good, bridge: 'w', dev: 'eth1', ip: '10.0.1.2/24' },
        { netns: bad, bridge: 'w', dev: 'eth1', ip: '10.0.1.1/24' },
      ],
    });
    const words = ['--bounding-set=-sys_ptrace', '--inh-caps=-all', '--no-new-privs', process.execPath, BIN];
    const run = (...args: readonly string[]) => execa('setpriv', [...words, ...args], { reject: false });
    try {
      await eventually(
        async () =>
          (await execa('ps', ['-o', 'uid=', '-p', `${stranger.pid}`])).stdout.trim() === '1000' ? [] : ['root'],
        5000,
      );
      const up = await run('up', '-f', file, '--json');
      assert.equal(up.exitCode, 1, up.stderr);
      const { links, failures } = JSON.parse(up.stdout);
      assert.deepEqual([links.created, links.failed], [1, 3]);
      const failed = failures.map((failure: { link: string }) => failure.link).sort();
      assert.deepEqual(failed, [`${bad}:eth0`, `${bad}:eth1`, `${good}:eth1`]);
      assert.match(up.stderr, new RegExp(`namespace ${bad} can't be entered: .*EACCES`));
      for (const verb of ['status', 'plan']) assert.match((await run(verb, '-f', file)).stdout, /can't be entered/);
      const daemon = run('daemon', '-f', file);
      // What others change in the good node is put back, each time after the others were tried or found waiting once more.
      for (const mtu of ['1300', '1400', '1450']) {
        await openNetns(good).exec('ip', 'link', 'set', 'eth0', 'mtu', mtu);
        const isBack = async () => ((await openNetns(good).link('eth0'))?.mtu === 65535 ? [] : ['not yet']);
        assert.deepEqual(await eventually(isBack, 15_000), []);
      }
      daemon.kill('SIGTERM');
      const { exitCode, stderr } = await daemon;
      assert.equal(exitCode, 0, stderr);
      assert.equal(count(stderr, /ERROR: /g), 3, stderr);
    } finally {
      await linkloom(['down', '--lab', lab]);
      unlinkSync(`/run/netns/${bad}`);
      stranger.kill('SIGKILL');
      await stranger;
    }
  });

  it('is a log on a full disk: the daemon goes on, mends, and ends in good order', async () => {
    const lab = uniqueName('k');
    const links = ['a', 'b'].map((node, n) => ({
      netns: lab + node,
      bridge: 'lan',
      dev: 'eth0',
      ip: `10.0.0.${n + 1}/24`,
      mtu: 1400,
    }));
    const file = fileOf(lab, { links });
    // The descriptor itself: execa would write to a file of that name by itself.
    const full = openSync('/dev/full', 'w');
    const daemon = spawn(process.execPath, [BIN, 'daemon', '-f', file, '-v'], { stdio: ['ignore', full, full] });
    const node = openNetns(`${lab}a`);
    const isMtu = (mtu: number) =>
      eventually(async () => {
        const device = await node.link('eth0').catch(() => undefined);
        return device?.mtu === mtu ? [] : ['not yet'];
      }, 15_000);
    try {
      assert.deepEqual(await isMtu(1400), []);
      await node.exec('ip', 'link', 'set', 'eth0', 'mtu', '1300');
      assert.deepEqual(await isMtu(1400), []);
      daemon.kill('SIGTERM');
      assert.deepEqual(await once(daemon, 'exit'), [0, null]);
      const version = spawnSync(process.execPath, [BIN, 'version'], { stdio: ['ignore', full, 'pipe'] });
      assert.equal(version.status, 1);
      assert.match(String(version.stderr), /^ERROR: .*standard output.*ENOSPC/);
    } finally {
      daemon.kill('SIGKILL');
      closeSync(full);
      await linkloom(['down', '--lab', lab]);
    }
  });
});
