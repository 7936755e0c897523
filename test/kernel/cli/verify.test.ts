/** `verify` as a user calls it, and `up --verify`: what they print, write and exit with. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('verify', { timeout: 120_000, ...needs('root', 'program:ip', 'program:tc') }, () => {
  const lab = uniqueName('v');
  let folder: Folder | undefined;
  let file = '';
  const path = (name: string): string => join(folder?.path ?? '', name);
  before(async () => {
    folder = temporaryFolder('verify');
    file = path('lab.yaml');
    const link = (letter: string, dev: string, bridge: string): string =>
      `  - {netns: ${lab}${letter}, dev: ${dev}, bridge: ${bridge}}\n`;
    const bridges = ['lan', 'wire', 'cord'].map(
      (bridge, n) => `  - {bridge: ${bridge}, mode: ${['linux', 'patch', 'direct'][n]}}\n`,
    );
    const links = ['a', 'b'].flatMap((letter) => [
      link(letter, 'eth0', 'lan'),
      link(letter, 'w0', 'wire'),
      link(letter, 'c0', 'cord'),
    ]);
    await writeFile(
      file,
      `lab: ${lab}\nbridges:\n${bridges.join('')}links:\n${links.join('')}${link('c', 'eth0', 'lan')}`,
    );
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });
  const quiet = ['--progress', 'quiet'];

  it('before there is a lab, every link is at fault, and it says what to do', async () => {
    const ran = await linkloom(['verify', '-f', file, ...quiet]);
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.match(ran.stdout, new RegExp(`^FAULT: ${lab}a:eth0: not-running: ${lab}a does not run\n  hint: `, 'm'));
    assert.match(ran.stdout, /7 links: 0 ok, 7 at fault, 0 not proved\n$/);
  });

  it('up --verify proves what it made, in its own document and in one for CI', async () => {
    const ran = await linkloom(['up', '-f', file, '--verify', '--json', '--junit', path('up.xml'), ...quiet]);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const { links, verify } = JSON.parse(ran.stdout);
    assert.equal(links.created, 7);
    assert.deepEqual([verify.proved, verify.counts], [true, { links: 7, ok: 7, faults: 0, notProved: 0 }]);
    assert.match(readFileSync(path('up.xml'), 'utf8'), /<testsuite name="wiring of \S+" tests="7" failures="0"/);
  });

  it('needs no configuration to prove that what is there carries', async () => {
    const ran = await linkloom(['verify', '--lab', lab, '--json', ...quiet], { cwd: '/' });
    assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout).counts, { links: 7, ok: 7, faults: 0, notProved: 0 });
    const none = await linkloom(['verify', '--lab', `${lab}x`, ...quiet], { cwd: '/' });
    assert.equal(none.exitCode, 1);
    assert.match(none.stderr, /nothing of a lab \S+ is there/);
  });

  it('names the links at fault, those that were asked for, and exits 1', async () => {
    await openNetns(`${lab}b`).exec('ip', 'link', 'set', 'c0', 'down');
    const args = ['--junit', path('wiring.xml'), ...quiet];
    const ran = await linkloom(['verify', '-f', file, ...args]);
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.match(ran.stdout, new RegExp(`^FAULT: ${lab}b:c0: down: its device c0 is down$`, 'm'));
    assert.match(ran.stdout, new RegExp(`^FAULT: ${lab}a:c0: nothing: `, 'm'));
    assert.match(ran.stdout, /7 links: 5 ok, 2 at fault, 0 not proved\n$/);
    const xml = readFileSync(path('wiring.xml'), 'utf8');
    assert.match(xml, new RegExp(`<testcase name="${lab}b:c0" classname="${lab}.cord">\n +<failure type="down" `));
    assert.equal((await linkloom(['verify', '--lab', lab, ...quiet], { cwd: '/' })).exitCode, 1);
    const some = await linkloom(['verify', '-f', file, `${lab}*:eth0`, 'bridge/wire', '-v', ...quiet]);
    assert.equal(some.exitCode, 0, some.stdout + some.stderr);
    assert.match(some.stdout, new RegExp(`^${lab}c:eth0 +ok +lan +65535 +\\d`, 'm'));
    assert.match(some.stdout, /5 links: 5 ok/);
    const again = await linkloom(['up', '-f', file, '--verify', ...quiet]);
    assert.deepEqual([again.exitCode, again.stdout], [0, `lab ${lab}: 7 links: 7 ok, 0 at fault, 0 not proved\n`]);
  });

  it('says what it does not know, or can not do', async () => {
    const none = await linkloom(['verify', '-f', file, `${lab}a:eth9`, ...quiet]);
    assert.equal(none.exitCode, 1);
    assert.match(none.stderr, /^ERROR: lab \S+ has no link \S+a:eth9\n {2}hint: did you mean \S+a:eth0\?/m);
    const watching = await linkloom(['up', '-f', file, '--watch', '--verify', ...quiet]);
    assert.equal(watching.exitCode, 2);
    const alone = await linkloom(['up', '-f', file, '--junit', path('x.xml'), ...quiet]);
    assert.deepEqual([alone.exitCode, /--junit writes what --verify and --check find/.test(alone.stderr)], [2, true]);
  });
});
