/** Commands of an entry of `nodes:` run one after another; those of other nodes side by side. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

const onlyRoot = needs('root', 'program:ip');

test('each is begun once the one before has ended, whatever became of it', onlyRoot, async () => {
  using folder = temporaryFolder('order');
  const [lab, said, file] = [uniqueName('o'), join(folder.path, 'said'), join(folder.path, 'lab.json')];
  const exec = [`sleep 0.5; echo one >> ${said}; exit 3`, `sleep 0.2; echo two >> ${said}`, `echo three >> ${said}`];
  writeFileSync(file, JSON.stringify({ lab, nodes: { a: { exec }, b: {} }, wires: [['a:eth0', 'b:eth0']] }));
  try {
    const up = await linkloom(['up', '-f', file]);
    assert.equal(up.exitCode, 1, 'the first has failed');
    assert.equal(readFileSync(said, 'utf8'), 'one\ntwo\nthree\n');
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});

test('what had not begun when linkloom ended is told, and runs the next time', onlyRoot, async () => {
  using folder = temporaryFolder('order');
  const [lab, said, file] = [uniqueName('o'), join(folder.path, 'said'), join(folder.path, 'lab.json')];
  const exec = [`echo one >> ${said}; exec sleep 60`, `echo two >> ${said}`];
  writeFileSync(file, JSON.stringify({ lab, nodes: { a: { exec }, b: {} }, wires: [['a:eth0', 'b:eth0']] }));
  try {
    {
      await using up = startLinkloom(['up', '-f', file]);
      await up.until(/lab \S+ up: /);
      up.child.kill('SIGINT');
      await once(up.child, 'close');
    }
    assert.equal(readFileSync(said, 'utf8'), 'one\n');
    const status = await linkloom(['status', '-f', file, '--json']);
    const states = JSON.parse(status.stdout).commands.map(({ state }: { readonly state: string }) => state);
    assert.deepEqual(states, ['running', 'failed']);
    assert.equal((await linkloom(['up', '-f', file])).exitCode, 0);
    assert.equal(readFileSync(said, 'utf8'), 'one\ntwo\n');
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});
