/** The leak check itself: each kind of thing that a test may leave is seen, and no longer once it is gone. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LeakScope, leaks, RUN_VARIABLE, snapshot } from '../../support/leaks.ts';
import { needs } from '../../support/needs.ts';
import { newNetns, uniqueName } from '../../support/netns.ts';

const tools = needs('root', 'program:ip', 'program:mount');
const DESCRIPTORS = new URL('../../support/descriptors.js', import.meta.url).href;

/** What leaks() says about things that exist only while `body` runs, and after it. */
async function seen(scope: LeakScope, body: (look: () => Promise<readonly string[]>) => Promise<void>): Promise<void> {
  const before = snapshot(scope);
  await body(() => leaks(before, scope, 0));
  assert.deepEqual(await leaks(before, scope), []);
}

test('namespaces, devices, mounts, processes and files that are left are seen', tools, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leaks-'));
  const scope: LeakScope = { run: randomUUID(), tmp: folder, ownNetwork: true };
  await seen(scope, async (look) => {
    await using ns = await newNetns();
    assert.deepEqual(await look(), [`network namespace ${ns.name}`, `mount /run/netns/${ns.name} (nsfs)`]);
  });
  await seen(scope, async (look) => {
    const [a, b] = [uniqueName('a'), uniqueName('b')];
    execFileSync('ip', ['link', 'add', a, 'type', 'veth', 'peer', 'name', b]);
    const left = (await look()).join('\n');
    execFileSync('ip', ['link', 'del', a]);
    assert.match(left, new RegExp(`device ${a}@${b} .*\\n?`));
    assert.match(left, new RegExp(`device ${b}@${a} `));
  });
  await seen(scope, async (look) => {
    const child: ChildProcess = spawn('sleep', ['60'], { env: { ...process.env, [RUN_VARIABLE]: scope.run } });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => child.on('spawn', resolve));
    const left = await look();
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual(left, [`process ${child.pid} sleep 60`]);
  });
  await seen(scope, async (look) => {
    writeFileSync(join(folder, 'forgotten'), '');
    const left = await look();
    rmSync(join(folder, 'forgotten'));
    assert.deepEqual(left, [`file ${folder}/forgotten`]);
  });
  await seen(scope, async (look) => {
    const forgotten = `/run/linkloom/${uniqueName()}.lock`;
    writeFileSync(forgotten, '');
    const left = await look();
    rmSync(forgotten);
    assert.deepEqual(left, [`file ${forgotten}`]);
  });
  rmSync(folder, { recursive: true });
});

test('a suite has an empty run directory of its own, for root alone', tools, () => {
  const { mode, uid } = statSync('/run/linkloom');
  assert.deepEqual([mode & 0o7777, uid], [0o700, 0]);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  for (const place of ['/run/netns', '/run/linkloom']) assert.match(mounts, new RegExp(` ${place} .* tmpfs `));
});

test('on the machine network only devices with a mark of linkloom count', tools, async () => {
  const scope: LeakScope = { run: randomUUID(), tmp: '/nonexistent', ownNetwork: false };
  await seen(scope, async (look) => {
    const [a, b] = [uniqueName('a'), uniqueName('b')];
    execFileSync('ip', ['link', 'add', a, 'type', 'veth', 'peer', 'name', b]);
    execFileSync('ip', ['link', 'set', b, 'group', String(0x4c123454)]);
    const left = await look();
    execFileSync('ip', ['link', 'del', a]);
    assert.equal(left.length, 1);
    assert.match(left[0] ?? '', new RegExp(`^device ${b}@${a} `));
  });
});

test('a test process that leaves a namespace open ends with status 1', tools, async () => {
  await using ns = await newNetns();
  const ends = (script: string): number | null => {
    try {
      execFileSync(process.execPath, ['--import', DESCRIPTORS, '--input-type=module', '-e', script], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      return 0;
    } catch (error) {
      return (error as { status: number | null }).status;
    }
  };
  const open = `import fs from 'node:fs'; const fd = fs.openSync('/run/netns/${ns.name}');`;
  assert.equal(ends(open), 1);
  assert.equal(ends(`${open} fs.closeSync(fd);`), 0);
});
