/** Verbs for namespaces whose programs are supervised, and what they refuse where there is none. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identify } from '../../../src/runtime/process.ts';
import { programsOf } from '../../../src/supervisor/client.ts';
import { readState } from '../../../src/supervisor/files.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

describe('verbs for the programs of namespaces', { timeout: 180_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('g');
  let folder: Folder | undefined;
  let file = '';
  before(async () => {
    folder = temporaryFolder('programs');
    file = join(folder.path, 'lab.yaml');
    const script = 'echo begins $$; n=0; while true; do n=$((n + 1)); echo line $n; sleep 0.2; done';
    const run = JSON.stringify([{ name: 'count', command: ['sh', '-c', script.replaceAll('$', '$$$$')] }]);
    await writeFile(file, `lab: ${lab}\nnodes:\n  r1: {run: ${run}}\n  r2: {}\nwires: [[r1:eth1, r2:eth1]]\n`);
    const up = await linkloom(['up', '-f', file]);
    assert.equal(up.exitCode, 0, up.stderr);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  it('logs has the lines of a program, its end, and what comes', async () => {
    await using following = startLinkloom(['logs', 'r1', '--follow', '--lab', lab]);
    await following.until(/begins \d+\nline 1\n[\s\S]*line 3\n/);
    following.child.kill('SIGINT');
    assert.equal((await following.child).exitCode, 0, following.output());
    const end = await linkloom(['logs', '-f', file, 'r1', '--tail', '2']);
    assert.match(end.stdout, /^line \d+\nline \d+\n$/);
    const json = await linkloom(['logs', '-f', file, 'r1', '--tail', '1', '--json']);
    assert.equal(JSON.parse(json.stdout).node, 'r1/count');
    const since = await linkloom(['logs', '-f', file, 'r1', '--since', '10m']);
    assert.deepEqual([since.exitCode, since.stdout], [2, '']);
    const none = await linkloom(['logs', '-f', file, 'r2']);
    assert.deepEqual([none.exitCode, /without `run:` programs/.test(none.stderr)], [1, true]);
  });

  it('restart begins them anew, and refuses a namespace that has none before anything is touched', async () => {
    const pidNow = () => programsOf(lab)[0]?.process?.pid;
    const before = pidNow();
    const refused = await linkloom(['restart', '-f', file, 'r1', 'r2']);
    assert.deepEqual([refused.exitCode, pidNow()], [1, before], refused.stderr);
    assert.match(refused.stderr, /^ERROR: r2: it is a namespace without `run:` programs/m);
    const ran = await linkloom(['restart', '-f', file, 'r1', '--json']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout).nodes, ['r1']);
    assert.notEqual(pidNow(), before);
    assert.ok(pidNow() !== undefined);
  });

  it('plan and status tell each, and what differs from the file', async () => {
    const settled = await linkloom(['plan', '-f', file, '--json', '--detailed-exitcode']);
    assert.equal(settled.exitCode, 0, settled.stdout);
    assert.deepEqual(JSON.parse(settled.stdout).programs, [{ node: 'r1', name: 'count', change: null, drift: [] }]);
    const other = (await readFile(file, 'utf8')).replace('"count"', '"calc"').replace('0.2', '0.3');
    const plan = await linkloom(['plan', '-f', '-', '--detailed-exitcode'], { input: other });
    assert.equal(plan.exitCode, 4, plan.stderr);
    assert.match(plan.stdout, /; (\d+ operations?, )?2 programs\n/);
    assert.match(
      plan.stdout,
      /\+ start +r1\/calc {2}# not started\n {2}- end +r1\/count {2}# not in the configuration\n/,
    );
    const changed = (await readFile(file, 'utf8')).replace('0.2', '0.3');
    const status = await linkloom(['status', '-f', '-', '--json', '--detailed-exitcode'], { input: changed });
    const [program] = JSON.parse(status.stdout).programs;
    assert.equal(status.exitCode, 4);
    assert.deepEqual(
      [program.state, program.pid, program.change, program.drift, program.log],
      [
        'running',
        programsOf(lab)[0]?.process?.pid,
        'restart',
        ['command differs'],
        `/run/linkloom/${lab}/logs/r1/count.log`,
      ],
    );
    const byMarks = await linkloom(['status', '--lab', lab]);
    assert.match(byMarks.stdout, /^r1\/count +running, pid \d+ /m);
  });

  it('up tells of one that can not run as the failure of its node, and status why, and when it is tried again', async () => {
    const other = uniqueName('h');
    const programs = {
      lost: { run: [{ name: 'lost', command: ['no-such-program'] }] },
      forks: { run: [{ name: 'forks', command: 'true' }] },
      over: { run: [{ name: 'over', command: 'echo no; exit 5', restart: 'on-failure' }] },
      once: { run: [{ name: 'once', command: 'exit 6', restart: 'no' }] },
      fine: { run: [{ name: 'fine', command: 'true', restart: 'no' }] },
    };
    const input = JSON.stringify({ lab: other, nodes: programs });
    try {
      const up = await linkloom(['up', '-f', '-', '--json'], { input });
      assert.equal(up.exitCode, 1, up.stderr);
      const { failures, nodes } = JSON.parse(up.stdout);
      assert.deepEqual([nodes.created, nodes.failed], [1, 4]);
      const messages: readonly string[] = failures.map(
        ({ subject, message }: { subject: { name: string }; message: string }) => `${subject.name}: ${message}`,
      );
      const expected = [
        /^forks: its program forks ended with status 0, and is started again; it wrote nothing$/,
        /^lost: its program lost ended with status \d+, and is started again; its last words: .*no-such-program/,
        /^once: its program once ended with status 6; it wrote nothing$/,
        /^over: its program over ended with status 5, and is started again; its last words: no$/,
      ];
      for (const [at, text] of messages.toSorted().entries()) assert.match(text, expected[at] ?? /^$/);
      assert.equal(messages.length, expected.length);
      const status = await linkloom(['status', '-f', '-', '--json', '--detailed-exitcode'], { input });
      assert.equal(status.exitCode, 4);
      const seen = JSON.parse(status.stdout).programs.map(
        (one: { name: string; state: string; restartsAt: string }) => [
          one.name,
          // One that is tried again may be at it now.
          one.state === 'running' ? 'restarting' : one.state,
        ],
      );
      assert.deepEqual(seen, [
        ['lost', 'restarting'],
        ['forks', 'restarting'],
        ['over', 'restarting'],
        ['once', 'failed'],
        ['fine', 'ended'],
      ]);
      const supervisor = readState(other)?.supervisor.pid ?? 0;
      process.kill(supervisor, 'SIGKILL');
      while (identify(supervisor) !== null) await delay(10);
      const orphaned = await linkloom(['status', '-f', '-'], { input });
      assert.match(orphaned.stdout, /^over\/over +failed .*ended with status 5; its supervisor does not run/m);
    } finally {
      await linkloom(['down', '--lab', other]);
    }
  });

  it('restart tells of one that does not stay', async () => {
    const broken = (await readFile(file, 'utf8')).replace('echo begins', 'exit 9; echo begins');
    const up = await linkloom(['up', '-f', file]);
    assert.equal(up.exitCode, 0, up.stderr);
    await writeFile(file, broken);
    const failed = await linkloom(['up', '-f', file]);
    assert.deepEqual(
      [failed.exitCode, /^ERROR: r1: its program count ended with status 9/m.test(failed.stderr)],
      [1, true],
    );
    const again = await linkloom(['restart', '-f', file, 'r1']);
    assert.deepEqual(
      [again.exitCode, /^ERROR: r1: its program count ended with status 9/m.test(again.stderr)],
      [1, true],
    );
    await writeFile(file, broken.replace('exit 9; ', ''));
    const mended = await linkloom(['up', '-f', file]);
    assert.equal(mended.exitCode, 0, mended.stderr);
  });

  it('shell is that of SHELL, else sh', async () => {
    const shell = (SHELL: string) =>
      linkloom(['shell', 'r1', '--lab', lab], { env: { SHELL }, input: 'echo $0; exit 4\n' });
    const own = await shell('/bin/bash');
    assert.deepEqual([own.exitCode, own.stdout], [4, '/bin/bash\n'], own.stderr);
    assert.deepEqual([(await shell('/no/such')).stdout, (await shell('')).stdout], ['sh\n', 'sh\n']);
    const several = await linkloom(['shell', '-f', file, 'r?']);
    assert.deepEqual([several.exitCode, /r\? is 2 nodes: r1, r2/.test(several.stderr)], [2, true]);
  });

  it('cp refuses a namespace, and says whose its files are', async () => {
    const ran = await linkloom(['cp', '-f', file, 'r1:/etc/hosts', 'x']);
    assert.deepEqual([ran.exitCode, /its files are those of this machine/.test(ran.stderr)], [2, true]);
    assert.equal((await linkloom(['cp', 'a', './b:c'])).exitCode, 2);
  });

  it('restart begins them anew beside a daemon, which keeps the lab and its links', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/^All links connected$/m);
    const pidNow = () => programsOf(lab)[0]?.process?.pid;
    const before = pidNow();
    const links = (await linkloom(['status', '-f', file, '--json'])).stdout.match(/"ifindex":\d+/g);
    const ran = await linkloom(['restart', '-f', file, 'r1', '--json']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const { nodes, failures } = JSON.parse(ran.stdout);
    assert.deepEqual([nodes, failures], [['r1'], []]);
    assert.ok(before !== undefined && pidNow() !== undefined && pidNow() !== before);
    const status = await linkloom(['status', '-f', file, '--json', '--detailed-exitcode']);
    assert.equal(status.exitCode, 0, status.stdout + status.stderr);
    assert.ok(links !== null && links.length > 0);
    assert.deepEqual(status.stdout.match(/"ifindex":\d+/g), links);
    // By the lab's name alone: the daemon knows its files. They are all that restart takes.
    const who = new RegExp(`The daemon of lab ${lab} \\(pid ${daemon.child.pid}\\) did this`);
    assert.match(ran.stderr, who);
    const between = pidNow();
    const named = await linkloom(['restart', '--lab', lab, '--all'], { cwd: '/' });
    assert.equal(named.exitCode, 0, named.stderr);
    assert.match(named.stderr, who);
    assert.ok(pidNow() !== undefined && pidNow() !== between);
    const nobody = await linkloom(['restart', '--lab', lab, 'r9'], { cwd: '/' });
    assert.deepEqual([nobody.exitCode, /r9/.test(nobody.stderr)], [1, true], nobody.stderr);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.equal(pidNow(), undefined);
    const without = await linkloom(['restart', '--lab', lab, 'r1'], { cwd: '/' });
    assert.notEqual(without.exitCode, 0);
    assert.match(without.stderr, /no configuration/);
  });
});
