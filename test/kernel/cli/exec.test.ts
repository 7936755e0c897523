/** `exec` in many namespaces at once: which they are, what is printed of whom, and the status. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

describe('exec in many nodes', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('x');
  const [a, b, c] = [`${lab}a`, `${lab}b`, `${lab}c`];
  let folder: Folder | undefined;
  let file = '';
  before(async () => {
    folder = temporaryFolder('exec');
    file = join(folder.path, 'lab.yaml');
    const links = [a, b, c].map((node, at) => `  - {netns: ${node}, dev: eth0, bridge: lan, ip: 10.9.0.${at + 1}/24}`);
    await writeFile(file, `lab: ${lab}\nlinks:\n${links.join('\n')}\n`);
    const up = await linkloom(['up', '-f', file]);
    assert.equal(up.exitCode, 0, up.stderr);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  const hasFirst = ['sh', '-c', 'echo out; echo err >&2; ip addr show dev eth0 | grep -q "10.9.0.1/"'];

  it('runs in all, prefixes both streams, tells who failed and exits with the first status that is not 0', async () => {
    const ran = await linkloom(['exec', '-f', file, '--all', '--', ...hasFirst]);
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.deepEqual(ran.stdout.split('\n').sort(), ['', `${a} | out`, `${b} | out`, `${c} | out`]);
    const [told, table = ''] = ran.stderr.split('failed in ');
    assert.deepEqual(told?.split('\n').sort(), ['', `${a} | err`, `${b} | err`, `${c} | err`]);
    assert.match(table, new RegExp(`^2 of 3 nodes:\nNODE +STATUS +WHY\n${b} +1\n${c} +1\n$`));
    const mixed = await linkloom(['exec', '--lab', lab, '--parallel', '1', `${lab}?`, '--', 'sh', '-c', 'exit 5']);
    assert.equal(mixed.exitCode, 5);
  });

  it('takes several names, without file and lab too, and globs of the lab', async () => {
    const named = await linkloom(['exec', b, a, '--', 'true'], { cwd: '/' });
    assert.deepEqual([named.exitCode, named.stdout, named.stderr], [0, '', '']);
    const glob = await linkloom(['exec', '--lab', lab, '*b', '--', 'pwd'], { cwd: '/' });
    assert.deepEqual([glob.exitCode, glob.stdout], [0, `${b} | /\n`], glob.stderr);
    const none = await linkloom(['exec', '--lab', lab, 'q*', '--', 'pwd']);
    assert.deepEqual([none.exitCode, none.stdout], [1, '']);
    assert.match(none.stderr, /no node of lab \w+ matches q\*/);
  });

  it('gives lines of JSON: output, ends, and the sum', async () => {
    const ran = await linkloom(['exec', '-f', file, '--all', '--json', '--', ...hasFirst]);
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(lines.every(({ schemaVersion }) => schemaVersion === 1));
    const { nodes, failed } = lines.at(-1);
    assert.deepEqual([failed, nodes.map(({ status }: { status: number }) => status)], [2, [0, 1, 1]]);
    assert.equal(lines.filter(({ type, stream }) => type === 'output' && stream === 'stderr').length, 3);
    assert.deepEqual(ran.stderr, '');
  });

  it('loses nothing of much output, and waits for no child that keeps the pipe', async () => {
    const script = 'sleep 1000 & seq 1 200000; kill $!';
    const much = await linkloom(['exec', a, b, '--', 'sh', '-c', script]);
    assert.equal(much.stdout.split('\n').length, 400_001);
    const kept = await linkloom(['exec', a, b, '--', 'sh', '-c', 'sleep 5 & echo done']);
    assert.deepEqual(kept.stdout.split('\n').sort(), ['', `${a} | done`, `${b} | done`]);
  });

  it('ends the programs when it is interrupted', async () => {
    const words = ['exec', '-f', file, '--all', '--', 'sh', '-c', 'echo begun; sleep 1000; echo over'];
    await using running = startLinkloom(words);
    await running.until(/(begun[\s\S]*){3}/);
    running.child.kill('SIGINT');
    assert.equal((await running.child).exitCode, 130, running.output());
    assert.doesNotMatch(running.output(), /over/);
    assert.match(running.output(), /interrupted: the program has ended in 3 of 3 nodes/);
  });
});
