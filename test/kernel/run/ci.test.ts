/** What the program writes where a CI system runs it, and `up` as the gate of a job. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, type Ran } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('in CI', { timeout: 180_000, ...needs('root', 'program:ip', 'program:ping') }, () => {
  const lab = uniqueName('i');
  let folder: Folder;
  const path = (name: string): string => join(folder.path, name);
  const wire = `lab: ${lab}\naddressing: {wires: {pool: 10.0.0.0/24}}\nwires:\n  - [a:eth1, b:eth1]\n`;
  const faulty = `${wire}nodes: {a: {exec: ["ip link set eth1 down"]}, b: }\n`;
  const github = (...words: readonly string[]): Promise<Ran> =>
    linkloom(words, {
      cwd: folder.path,
      env: { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: path('summary.md'), GITHUB_WORKSPACE: undefined },
    });

  before(() => {
    folder = temporaryFolder('ci');
    writeFileSync(path('lab.yaml'), `${wire}nodes: {a: , b: }\nchecks: [{from: a, to: b, within: 10s}]\n`);
    writeFileSync(path('faulty.yaml'), faulty);
    writeFileSync(path('w,rong.yaml'), `lab: ${lab}\nnodes: {a: }\nwires:\n  - [a:eth1, "10%:eth1"]\n`);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  it('GitHub is shown a fault of the configuration at its place, and has it in the summary', async () => {
    const ran = await github('up', '-f', 'w,rong.yaml');
    assert.deepEqual([ran.exitCode, ran.stdout], [1, '']);
    const [annotation = '', ...more] = ran.stderr.split('\n').filter((line) => line.startsWith('::error'));
    assert.deepEqual(more, []);
    assert.match(
      annotation,
      /^::error file=w%2Crong\.yaml,line=4,endLine=4,col=14,endColumn=\d+,title=linkloom%3A [\w-]+::.*10%25.*%0Ahint: /,
    );
    assertGroups(ran.stderr);
    assert.match(readFileSync(path('summary.md'), 'utf8'), /^\| w,rong\.yaml:4:14 \| .*10%/m);
  });

  it('GitHub is shown a wire at fault, groups that end, and a table; the program is not run', async () => {
    writeFileSync(path('summary.md'), 'of an earlier step\n');
    const ran = await github('run', '-f', 'faulty.yaml', '--', 'echo', 'RAN');
    assert.deepEqual([ran.exitCode, ran.stdout], [125, '']);
    assert.match(
      ran.stderr,
      /^::error file=faulty\.yaml,line=4,endLine=4,col=5,endColumn=\d+,title=a%3Aeth1%3A down::its device eth1 is down%0A/m,
    );
    assert.ok(assertGroups(ran.stderr) >= 5, ran.stderr);
    const summary = readFileSync(path('summary.md'), 'utf8');
    assert.match(summary, /^of an earlier step\n### linkloom\n\n\| \| \|\n\| --- \| --- \|\n/);
    assert.match(summary, /^\| Wires \| 0 proved, 2 at fault, 0 not proved \|$/m);
    assert.match(summary, /^\| a:eth1 \| down: its device eth1 is down \|$/m);
  });

  it('GitLab has a section around each stage, each with a name of its own and an end, also where the lab is at fault', async () => {
    const ran = await linkloom(['run', '-f', path('faulty.yaml'), '--', 'true'], { env: { GITLAB_CI: 'true' } });
    assert.equal(ran.exitCode, 125);
    const text = ran.stderr.replaceAll('\x1b[0K', '').replaceAll('\r', ' ');
    const sections = [...text.matchAll(/^section_(start|end):\d+:(\w+)(?:\[collapsed=true\])? /gm)];
    const starts = sections.filter(([, what]) => what === 'start').map(([, , name]) => name);
    assert.ok(starts.length >= 5, ran.stderr);
    assert.equal(new Set(starts).size, starts.length);
    assert.deepEqual(
      sections.map(([, what, name]) => `${what} ${name}`),
      starts.flatMap((name) => [`start ${name}`, `end ${name}`]),
    );
  });

  it('--no-ci says nothing of it', async () => {
    writeFileSync(path('summary.md'), '');
    const ran = await github('up', '-f', 'w,rong.yaml', '--no-ci');
    assert.doesNotMatch(ran.stderr, /^::/m);
    assert.equal(readFileSync(path('summary.md'), 'utf8'), '');
  });

  it('one command is the gate of a job, two runs of it write the same but for times', async () => {
    const gate = async (): Promise<string> => {
      const files = ['--junit', path('out.xml'), '--trace', path('trace.json')];
      const up = await github('up', '-f', 'lab.yaml', '--wait', '5', '--verify', '--check', ...files);
      assert.equal(up.exitCode, 0, up.stderr);
      const down = await github('down', '--lab', lab);
      assert.equal(down.exitCode, 0, down.stderr);
      return `${up.stderr}${up.stdout}${down.stderr}`.replaceAll(/\b\d+(\.\d+)? m?s\b/g, 'TIME');
    };
    const first = await gate();
    const junit = readFileSync(path('out.xml'), 'utf8');
    assert.match(junit, /<testsuite name="wiring of \w+" tests="2" failures="0"/);
    assert.match(junit, /<testsuite name="checks of \w+" tests="1" failures="0"/);
    assert.ok(JSON.parse(readFileSync(path('trace.json'), 'utf8')).traceEvents.length > 0);
    assert.match(first, /2 links: 2 ok, 0 at fault[\s\S]*1 check: 1 ok, 0 failed/);
    assert.equal(await gate(), first);
  });

  it('the gate fails with the wire and the check that do, and has them in the JUnit file', async () => {
    writeFileSync(path('both.yaml'), `${faulty}checks: [{from: a, to: b, within: 100ms}]\n`);
    const files = ['--junit', path('failed.xml')];
    const ran = await github('up', '-f', 'both.yaml', '--wait', '5', '--verify', '--check', ...files);
    assert.equal(ran.exitCode, 1, ran.stderr);
    const junit = readFileSync(path('failed.xml'), 'utf8');
    assert.match(junit, /<testsuite name="wiring of \w+" tests="2" failures="2"/);
    assert.match(junit, /<testsuite name="checks of \w+" tests="1" failures="1"/);
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
  });

  it('--timeout ends what waits with 1, names what did not come, and what is made is whole', async () => {
    const links = [
      { node: 'a', bridge: 'straight', dev: 'eth1', ip: '10.0.0.1/24' },
      { node: 'a', bridge: 'lan', dev: 'eth2', ip: '10.0.1.1/24' },
      { node: 'b', bridge: 'lan', dev: 'eth2', ip: '10.0.1.2/24' },
    ];
    const bridges = [{ bridge: 'straight', mode: 'direct' }];
    writeFileSync(path('late.yaml'), JSON.stringify({ lab, nodes: { a: {}, b: {} }, bridges, links }));
    const ran = await linkloom([
      'up',
      '-f',
      path('late.yaml'),
      '--wait',
      '60',
      '--timeout',
      '3',
      '--trace',
      path('late.json'),
    ]);
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.match(ran.stderr, /the 3 s of --timeout are over/);
    assert.match(ran.stderr, /a:eth1: waits for its other end/);
    assert.ok(existsSync(path('late.json')));
    const names = (await openNetns(`${lab}.a`).links()).map(({ ifname }) => ifname).sort();
    assert.deepEqual(names, ['eth2', 'lo']);
    const status = JSON.parse((await linkloom(['status', '-f', path('late.yaml'), '--json'])).stdout);
    const states = status.links.map(({ link, state }: { link: string; state: string }) => `${link} ${state}`);
    assert.deepEqual(states.sort(), ['a:eth1 waits', 'a:eth2 ok', 'b:eth2 ok']);
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
  });
});

/** Each group ends before the next one begins, and the last one ends. Returns how many there are. */
function assertGroups(text: string): number {
  const marks = [...text.matchAll(/^::(group|endgroup)::/gm)].map(([, mark]) => mark);
  const count = marks.length / 2;
  assert.deepEqual(marks, Array.from({ length: count }, () => ['group', 'endgroup']).flat());
  return count;
}
