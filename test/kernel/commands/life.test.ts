/** Commands in namespaces: nobody waits for one in passing, each is known by what became of it, none is left over. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { eventually } from '../../support/faults/exact.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

interface Told {
  readonly node: string;
  readonly argv: readonly string[];
  readonly state: string;
  readonly pid: number | null;
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: readonly string[];
}

/** Less than any command here would take. */
const SOON_MS = 15_000;

describe('commands', { timeout: 300_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  before(() => {
    folder = temporaryFolder('commands');
  });
  after(() => folder?.[Symbol.dispose]());

  /** A lab of two nodes on a bridge, with commands in the first; taken down at the end of the block. */
  function lab(...commands: readonly (string | readonly string[])[]) {
    const name = uniqueName('c');
    const file = join(folder.path, `${name}.json`);
    const links = ['a', 'b'].map((node) => ({ netns: `${name}${node}`, bridge: 'l1', dev: 'eth1' }));
    const asked = commands.map((command) => ({ netns: `${name}a`, command }));
    writeFileSync(file, JSON.stringify({ lab: name, links, commands: asked }));
    return {
      name,
      file,
      a: openNetns(`${name}a`),
      b: openNetns(`${name}b`),
      told: async (): Promise<readonly Told[]> =>
        JSON.parse((await linkloom(['status', '-f', file, '--json'])).stdout).commands,
      down: () => linkloom(['down', '--lab', name]),
      [Symbol.asyncDispose]: async (): Promise<void> => {
        await linkloom(['down', '--lab', name]);
        assert.equal(existsSync(`/run/linkloom/${name}`), false);
      },
    };
  }

  /** Process 1 of a container may never take note of an end: a zombie has ended. */
  const runs = (pid: number | null | undefined): boolean => {
    try {
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid ?? 'none'}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  const until = async (what: string, check: () => Promise<boolean> | boolean): Promise<void> => {
    assert.deepEqual(await eventually(async () => ((await check()) ? [] : [what]), SOON_MS), []);
  };

  it('a daemon mends drift and says that all is connected while a command runs for ever', async () => {
    await using it = lab('echo serving; sleep 1000; echo ended');
    await using daemon = startLinkloom(['daemon', '-f', it.file]);
    await daemon.until(/^All links connected$/m, SOON_MS);
    await daemon.until(new RegExp(`^ {2}${it.name}a: serving$`, 'm'), SOON_MS);
    await execa('ip', ['-n', it.b.name, 'link', 'del', 'eth1']);
    await daemon.until(/put back$/m, SOON_MS);
    await until('eth1 is back', async () => (await it.b.link('eth1')) !== undefined);
    // Its own node's link too: it is not begun a second time.
    await execa('ip', ['-n', it.a.name, 'link', 'del', 'eth1']);
    await daemon.until(/still runs \(pid \d+\)/, SOON_MS);
    await until('its output is known', async () => (await it.told())[0]?.output.includes('serving') ?? false);
    const [told] = await it.told();
    assert.equal(told?.state, 'running');
    assert.deepEqual(told?.output, ['serving']);
    const { pid } = told ?? {};
    assert.ok(runs(pid));
    const sleeping = (await execa('pgrep', ['-P', String(pid)])).stdout;
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.deepEqual([runs(pid), runs(Number(sleeping))], [false, false]);
    assert.equal(existsSync(`/run/linkloom/${it.name}`), false, 'its record is gone with the lab');
  });

  it('a command of a namespace that goes is begun anew in the new one, and the old one is ended', async () => {
    await using it = lab('sleep 1000');
    await using daemon = startLinkloom(['daemon', '-f', it.file]);
    await daemon.until(/^All links connected$/m, SOON_MS);
    const [before] = await it.told();
    await execa('ip', ['netns', 'del', it.a.name]);
    // The process keeps the namespace, so nothing else would be heard before the periodic check.
    await execa('ip', ['-n', it.b.name, 'link', 'del', 'eth1']);
    await until('begun anew', async () => {
      const [now] = await it.told();
      return now?.state === 'running' && now.pid !== before?.pid;
    });
    await until('the old one has ended', () => !runs(before?.pid));
  });

  it('up returns when the shell has ended though a child holds the pipes; the child lives, and can write, until down', async () => {
    const log = join(folder.path, 'writes');
    await using it = lab(`(while echo still; do date +%s%N > ${log}; sleep 0.1; done; echo broken > ${log}) & echo x`);
    const ran = await linkloom(['up', '-f', it.file, '--json'], { timeoutMs: SOON_MS });
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.match(ran.stderr, new RegExp(`^ {2}${it.name}a: x$`, 'm'));
    const [told] = JSON.parse(ran.stdout).commands as readonly Told[];
    assert.deepEqual([told?.state, told?.status, told?.node], ['ended', 0, it.a.name]);
    let last = readFileSync(log, 'utf8');
    for (let times = 0; times < 5; times++) {
      await until('it writes on', () => readFileSync(log, 'utf8') !== last);
      last = readFileSync(log, 'utf8');
    }
    // The shell empties the file before it writes.
    await until('it writes the time', () => /^\d+$/m.test(readFileSync(log, 'utf8')));
    const pids = (await execa('ip', ['netns', 'pids', it.a.name])).stdout.split('\n');
    assert.ok(pids.length > 0);
    const down = await it.down();
    assert.match(down.stderr, /left running: pids/);
    assert.deepEqual(pids.map(Number).filter(runs), []);
  });

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`${signal} ends the waiting at once, and what still runs is told and goes on`, async () => {
      await using it = lab('echo begun; sleep 1000');
      await using up = startLinkloom(['up', '-f', it.file]);
      await up.until(/begun/, SOON_MS);
      const startedMs = Date.now();
      up.child.kill(signal);
      assert.equal((await up.child).exitCode, status, up.output());
      assert.ok(Date.now() - startedMs < SOON_MS);
      assert.match(up.output(), /interrupted: the links are made; the command in \S+ \(pid \d+\) \[.*\] still runs/);
      const [told] = await it.told();
      assert.equal(told?.state, 'running');
      // Nothing was changed, so nothing is begun a second time.
      assert.equal((await linkloom(['up', '-f', it.file])).exitCode, 0);
      assert.equal((await it.told())[0]?.pid, told?.pid);
      await it.down();
      assert.equal(runs(told?.pid), false);
    });
  }

  it('failures of every kind are in the document and in the exit status, and can be run again', async () => {
    const flag = join(folder.path, 'mended');
    await using it = lab(
      `test -e ${flag} || exit 3`,
      'kill -9 $$$$',
      ['/no/such/program'],
      'printf "\\000\\377\\033[31m\\n"',
      'true',
    );
    const first = await linkloom(['up', '-f', it.file, '--json']);
    assert.equal(first.exitCode, 1, first.stderr);
    const document = JSON.parse(first.stdout);
    const commands = document.commands as readonly Told[];
    assert.deepEqual(
      commands.map(({ state, status, signal }) => [state, status, signal]),
      [
        ['ended', 3, null],
        ['killed', null, 'SIGKILL'],
        ['ended', 1, null],
        ['ended', 0, null],
        ['ended', 0, null],
      ],
    );
    assert.equal(document.failures.length, 3);
    assert.match(first.stderr, /^ERROR: \S+: command \["sh","-c","test.*\] ended with status 3$/m);
    assert.match(first.stderr, /ended by SIGKILL/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the point
    assert.doesNotMatch(first.stderr, /[\u0000\u001b]/);
    assert.deepEqual(
      (await it.told()).map(({ status }) => status),
      [3, null, 1, 0, 0],
    );
    assert.equal((await linkloom(['up', '-f', it.file])).exitCode, 0, 'links that are there run nothing');
    writeFileSync(flag, '');
    const again = JSON.parse((await linkloom(['up', '-f', it.file, '--rerun-commands', '--json'])).stdout);
    assert.equal(again.commands[0].status, 0);
    assert.equal(again.commands.length, 5);
    assert.equal(again.failures.length, 2);
  });

  it('a flood of output takes no memory, is cut aloud, and ends in order', async () => {
    await using it = lab('head -c 300000000 /dev/zero | tr "\\000" x; echo; echo last');
    const limited = await execa(
      process.execPath,
      ['--max-old-space-size=200', join(process.cwd(), 'lib/src/main.js'), 'up', '-f', it.file, '--json'],
      { reject: false },
    );
    assert.equal(limited.exitCode, 0, limited.stderr);
    assert.ok(limited.stderr.length < 3_000_000, String(limited.stderr.length));
    assert.match(limited.stderr, /left out/);
    const [told] = JSON.parse(limited.stdout).commands as readonly Told[];
    assert.equal(told?.output.at(-1), 'last');
    assert.ok(JSON.stringify(told).length < 10_000);
  });
});
