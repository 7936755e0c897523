/** `status --watch` in a real terminal: rates of real packets, drift, keys, sizes, and the terminal as it was at the end. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Lab, labOf } from '../../support/faults/labs.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';
import { Tmux } from '../../support/terminal/tmux.ts';

describe('status --watch', { timeout: 240_000, ...needs('root', 'program:ip', 'program:ping', 'program:tmux') }, () => {
  // Short, so that names are whole in 80 columns.
  const name = uniqueName('s').slice(0, 8);
  const plain = labOf(name, { nodes: 10, links: 40 });
  /** The first two links, on bridge b0, reach each other. */
  const links = plain.links.map((link, at) => (at < 2 ? { ...link, ip: `10.99.0.${at + 1}/24` } : link));
  const lab: Lab = { ...plain, links };
  const node = (n: number) => `${name}n${n}`;
  let folder: Folder | undefined;
  let watch: readonly string[] = [];
  before(async () => {
    folder = temporaryFolder('watch');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify(lab));
    watch = ['status', '-f', file, '--watch', '--interval', '0.3'];
    const up = await linkloom(['up', '-f', file]);
    assert.equal(up.exitCode, 0, up.stderr);
  });
  after(async () => {
    await linkloom(['down', '--lab', name]);
    folder?.[Symbol.dispose]();
  });

  const ip = (...args: readonly string[]) => execa('ip', args);
  const pinging = () =>
    execa('ip', ['netns', 'exec', node(0), 'ping', '-q', '-i', '0.01', '10.99.0.2'], { reject: false });

  it('shows in 80 columns who sends what, what differs, and what was asked for', async () => {
    await using terminal = await Tmux.linkloom(watch);
    const ping = pinging();
    try {
      // Headline, keys, titles, and then the two links that carry most.
      const screen = await terminal.until(
        /LINK +STATE.*\n(\S+n[01]):eth0 +UP +[1-9]\S*k .*\n\S+n[01]:eth0 +UP +[1-9]\S*k /,
      );
      assert.match(screen, /40 links, 40 as wanted/);
      assert.ok(screen.split('\n').every((line) => [...line].length <= 80));
      assert.match(screen, /1–20 of 40 links/);
    } finally {
      ping.kill();
      await ping;
    }
    await ip('-n', node(3), 'link', 'set', 'eth1', 'mtu', '1300');
    await terminal.until(/39 as wanted, 1 different/);
    await terminal.type('d');
    await terminal.until(new RegExp(`^${node(3)}:eth1 .*mtu 1300`, 'm'));
    await terminal.until(/of 1 link/);
    await terminal.type('d', '/');
    await terminal.type('n5', 'Enter');
    await terminal.until(/of 4 links/);
    assert.match(await terminal.screen(), /filter "n5"/);
    await terminal.type('Escape');
    await terminal.until(/of 40 links/);
    await terminal.type('s');
    await terminal.until(/sort: rx/);
    await terminal.resize(120, 12);
    const wide = await terminal.until(/1–8 of 40 links/);
    assert.match(wide, /LINK +BRIDGE +STATE/);
    await terminal.resize(40, 8);
    await terminal.until(/1–4 of 40 links/);
    assert.deepEqual(await terminal.modes(), { cursor: false, alternate: true });
    await terminal.type('q');
    await terminal.until(/^STATUS=0$/m);
    assert.deepEqual(await terminal.modes(), { cursor: true, alternate: false });
  });

  it('gives the terminal back on ^C, on a signal, and while it is stopped', async () => {
    for (const how of ['C-c', 'SIGTERM'] as const) {
      await using terminal = await Tmux.linkloom([...watch, '--node', '*n1', '--sort', 'name']);
      await terminal.until(/1–4 of 4 links/);
      if (how === 'C-c') await terminal.type(how);
      else process.kill(await terminal.pid(), how);
      await terminal.until(/^STATUS=0$/m);
      assert.deepEqual(await terminal.modes(), { cursor: true, alternate: false }, how);
    }
    await using terminal = await Tmux.linkloom([...watch, '--bridge', 'b0']);
    await terminal.until(/1–2 of 2 links/);
    const pid = await terminal.pid();
    await terminal.type('C-z');
    while ((await terminal.modes()).alternate) await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(pid, 'SIGCONT');
    await terminal.until(/1–2 of 2 links/);
    assert.deepEqual(await terminal.modes(), { cursor: false, alternate: true });
    await terminal.type('q');
    await terminal.until(/^STATUS=0$/m);
  });

  it('prints lines where there is no terminal, and documents with --json', async () => {
    const ping = pinging();
    try {
      await using lines = startLinkloom([...watch, '--node', node(0)]);
      await lines.until(new RegExp(`^\\S+Z ${node(0)}:eth0 UP rx [1-9]\\S*kbit/s \\S+p/s tx [1-9]`, 'm'));
      assert.ok(!lines.output().includes('\x1b'));
      lines.child.kill('SIGINT');
      assert.equal((await lines.child).exitCode, 0);
      await using json = startLinkloom([
        'status',
        '--lab',
        name,
        '--watch',
        '--interval',
        '0.3',
        '--json',
        '--sort',
        'rx',
      ]);
      await json.until(/\n.*\n/);
      json.child.kill('SIGTERM');
      const { stdout } = await json.child;
      const seen = JSON.parse(stdout.split('\n')[0] ?? '') as {
        readonly configured: boolean;
        readonly links: readonly { readonly link: string; readonly perSecond: { readonly rxPackets: number } }[];
      };
      assert.deepEqual([seen.configured, seen.links.length], [false, 40]);
      assert.deepEqual(
        seen.links
          .slice(0, 2)
          .map(({ link }) => link)
          .toSorted(),
        [`${node(0)}:eth0`, `${node(1)}:eth0`],
      );
      assert.ok((seen.links[0]?.perSecond.rxPackets ?? 0) > 5);
    } finally {
      ping.kill();
      await ping;
    }
  });

  it('ends when its reader does, though there is nothing to write', async () => {
    await using watching = startLinkloom(['status', '--lab', name, '--watch', '--interval', '600']);
    watching.child.stdout.destroy();
    assert.equal((await watching.child).exitCode, 0);
  });

  it('refuses a lab of which nothing is there', async () => {
    const { exitCode, stdout, stderr } = await linkloom(['status', '--lab', uniqueName('none'), '--watch']);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /nothing of a lab \S+ is there\n {2}hint: `linkloom status --all`/);
  });

  it('refuses what only --watch has without it', async () => {
    const { exitCode, stderr } = await linkloom(['status', '--lab', name, '--drift']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /are for --watch/);
  });
});
