/** Verbs for namespaces whose programs are supervised, and what they refuse where there is none. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { programsOf } from '../../../src/supervisor/client.ts';
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
});
