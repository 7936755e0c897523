/** `run`: a lab for one program, which is gone afterwards, however the run ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BIN, linkloom, NEUTRAL, type Ran, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, openNetns, uniqueName } from '../../support/netns.ts';

/** Says that it runs, and goes on until it is told to end, together with a child. */
const LONG = ['sh', '-c', 'echo READY; sleep 300; true'] as const;

describe('run', { timeout: 300_000, ...needs('root', 'program:ip', 'program:ping') }, () => {
  const lab = uniqueName('r');
  let folder: Folder | undefined;
  let file = '';

  /** Namespaces and files of runs, and processes that run in them or for them. */
  const left = async (): Promise<readonly string[]> => [
    ...(await netnsNames()).filter((name) => name.includes(lab)),
    ...readdirSync('/run/linkloom').filter((name) => name.includes(lab)),
    ...processes().map(({ pid, command }) => `${pid} ${command}`),
  ];
  const processes = (): readonly { pid: number; command: string }[] =>
    readdirSync('/proc').flatMap((name) => {
      const [environment, command] = [read(`/proc/${name}/environ`), read(`/proc/${name}/cmdline`)];
      const isOurs = /\0LINKLOOM_(RUN|PROGRAM)=/.test(`\0${environment}`) && environment.includes(lab);
      return isOurs ? [{ pid: Number(name), command: command.replaceAll('\0', ' ') }] : [];
    });
  const run = (...words: readonly string[]): Promise<Ran> => linkloom(['run', '-f', file, ...words]);
  /** A run whose program is running. */
  const running = async (...words: readonly string[]): Promise<ReturnType<typeof startLinkloom>> => {
    const started = startLinkloom(['run', '-f', file, ...words, '--', ...LONG]);
    await started.until(/^READY$/m);
    return started;
  };
  const namesOf = async (): Promise<readonly string[]> =>
    (await netnsNames()).filter((name) => name.startsWith(`linkloom-${lab}-`));

  before(() => {
    folder = temporaryFolder('run');
    file = join(folder.path, 'lab.yaml');
    writeFileSync(
      file,
      `lab: ${lab}\naddressing: {wires: {pool: 10.0.0.0/24}}\nwires: [[a:eth1, b:eth1]]\n` +
        'nodes: {a: , b: {run: [{name: server, command: [sleep, "301"]}]}}\n',
    );
  });
  after(() => folder?.[Symbol.dispose]());

  it('makes a lab under a name of its own, lets linkloom in the program find it, and removes it', async () => {
    const script =
      `echo "lab $LINKLOOM_LAB"; '${process.execPath}' '${BIN}' exec a -- ping -c 1 -w 10 10.0.0.1 && ` +
      `'${process.execPath}' '${BIN}' status --detailed-exitcode --json`;
    const ran = await run('--', 'sh', '-c', script);
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.match(ran.stdout, new RegExp(`^lab ${lab}-[a-z0-9]{6}$`, 'm'));
    assert.match(ran.stdout, /1 packets transmitted, 1 (packets )?received/);
    assert.equal(JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '').settled, true);
    assert.match(ran.stderr, /2 links: 2 ok, 0 at fault/);
    assert.deepEqual(await left(), []);
  });

  it('passes standard input and the status of the program on, also 126, 127 and that of a signal', async () => {
    const ran = await linkloom(['run', '-f', file, '--', 'sh', '-c', 'cat; exit 7'], { input: 'through' });
    assert.deepEqual([ran.exitCode, ran.stdout], [7, 'through'], ran.stderr);
    const statuses = [
      [['sh', '-c', 'kill -KILL $$'], 137],
      [['no-such-program'], 127],
      [[file], 126],
    ] as const;
    for (const [words, status] of statuses) assert.equal((await run('--', ...words)).exitCode, status);
    assert.equal((await linkloom(['run', '-f', file])).exitCode, 2);
    assert.deepEqual(await left(), []);
  });

  it('ends with 125, without the program, where the lab can not be made or is not as it should be', async () => {
    const wrong = join(folder?.path ?? '', 'wrong.yaml');
    writeFileSync(wrong, `lab: ${lab}\nnodes: {a: }\nwires: [[a:eth1, nobody:eth1]]\n`);
    const invalid = await linkloom(['run', '-f', wrong, '--', 'echo', 'RAN']);
    assert.deepEqual([invalid.exitCode, invalid.stdout], [125, ''], invalid.stderr);
    writeFileSync(
      wrong,
      `lab: ${lab}\nnodes: {a: {exec: ["ip link set eth1 down"]}, b: }\nwires: [[a:eth1, b:eth1]]\n`,
    );
    const junit = join(folder?.path ?? '', 'wiring.xml');
    const faulty = await linkloom(['run', '-f', wrong, '--junit', junit, '--', 'echo', 'RAN']);
    assert.deepEqual([faulty.exitCode, faulty.stdout], [125, ''], faulty.stderr);
    assert.match(readFileSync(junit, 'utf8'), /<failure /);
    const unproved = await linkloom(['run', '-f', wrong, '--no-verify', '--', 'echo', 'RAN']);
    assert.deepEqual([unproved.exitCode, unproved.stdout], [0, 'RAN\n'], unproved.stderr);
    assert.deepEqual(await left(), []);
  });

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`passes ${signal} to the program and all that it has started, removes the lab, and exits ${status}`, async () => {
      await using started = await running();
      started.child.kill(signal);
      assert.equal((await started.child).exitCode, status, started.output());
      assert.deepEqual(await left(), []);
    });
  }

  it('kills a program that does not hear, and removes the lab within the ten seconds that CI systems give', async () => {
    const deaf = ['sh', '-c', 'trap "" INT TERM; echo READY; while :; do sleep 1; done'];
    await using started = startLinkloom(['run', '-f', file, '--', ...deaf]);
    await started.until(/^READY$/m);
    started.child.kill('SIGINT');
    await delay(500);
    started.child.kill('SIGTERM');
    assert.equal((await started.child).exitCode, 130, started.output());
    assert.deepEqual(await left(), []);
  });

  it('leaves nothing where its parent is killed', async () => {
    const words = [BIN, 'run', '-f', file, '--', ...LONG].map((word) => `'${word}'`).join(' ');
    // The second command keeps the shell from becoming linkloom itself.
    const shell = execa('sh', ['-c', `'${process.execPath}' ${words}; true`], {
      reject: false,
      env: NEUTRAL,
      stdin: 'ignore',
    });
    await untilTrue(async () => processes().some(({ command }) => command.includes('echo READY')));
    shell.kill('SIGKILL');
    await shell.catch(() => {});
    await untilTrue(async () => (await left()).length === 0);
  });

  it('leaves a lab where it is killed, which the next run removes, and none of another run', async () => {
    await using other = await running();
    const alive = await namesOf();
    await using killed = await running();
    const dead = (await namesOf()).filter((name) => !alive.includes(name));
    assert.equal(dead.length, 1);
    const lo = await openNetns(dead[0] ?? '').link('lo');
    assert.match(lo?.ifalias ?? '', new RegExp(` run=${killed.child.pid}\\.\\d+ `));
    // Its program lives on, and holds its output.
    const exit = once(killed.child, 'exit');
    killed.child.kill('SIGKILL');
    await exit;
    assert.ok((await netnsNames()).includes(dead[0] ?? ''));
    const next = await run('--', 'true');
    assert.equal(next.exitCode, 0, next.stderr);
    assert.match(
      next.stderr,
      new RegExp(`Removed the lab ${dead[0]?.slice('linkloom-'.length)} of a run that was killed`),
    );
    assert.deepEqual(await namesOf(), alive);
    other.child.kill('SIGTERM');
    await other.child;
    assert.deepEqual(await left(), []);
  });

  it('leaves nothing that the next run does not remove, whenever it is killed', async () => {
    for (const afterMs of [150, 500, 700, 900, 1200, 1800]) {
      const started = execa(process.execPath, [BIN, 'run', '-f', file, '--', 'true'], {
        ...{ reject: false, env: NEUTRAL, stdio: 'ignore' },
      });
      await delay(afterMs);
      started.kill('SIGKILL');
      await started;
    }
    assert.equal((await run('--', 'true')).exitCode, 0);
    // The threads of a process that was killed may take a moment to go.
    await untilTrue(async () => (await left()).length === 0);
  });

  it('ends a program that takes longer than --timeout with 125', async () => {
    const ran = await run('--timeout', '4', '--', ...LONG);
    assert.equal(ran.exitCode, 125, ran.stderr);
    assert.match(ran.stderr, /^ERROR: the 4 s of --timeout are over; /m);
    assert.deepEqual(await left(), []);
  });

  it('ends what the program has left in the background', async () => {
    const ran = await run('--', 'sh', '-c', 'sleep 300 > /dev/null 2>&1 & exit 0');
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.deepEqual(await left(), []);
  });

  it('refuses a lab that is there already, and leaves it', async () => {
    const name = `${lab}-up`;
    assert.equal((await linkloom(['up', '-f', file, '--lab', name])).exitCode, 0);
    const ran = await run('--lab', name, '--', 'echo', 'RAN');
    assert.deepEqual([ran.exitCode, ran.stdout], [125, '']);
    assert.match(ran.stderr, /is there already, and a run would take it away/);
    assert.equal((await linkloom(['status', '-f', file, '--lab', name, '--detailed-exitcode'])).exitCode, 0);
    assert.equal((await linkloom(['down', '--lab', name])).exitCode, 0);
    assert.deepEqual(await left(), []);
  });

  it('runs six times at once from one file, each in a lab of its own', async () => {
    const ping = `echo "lab $LINKLOOM_LAB"; sleep 2; ip netns exec "$LINKLOOM_LAB.a" ping -c 1 -w 20 10.0.0.1 > /dev/null`;
    const runs = await Promise.all(Array.from({ length: 6 }, () => run('--', 'sh', '-c', ping)));
    for (const { exitCode, stderr } of runs) assert.equal(exitCode, 0, stderr);
    assert.equal(new Set(runs.map(({ stdout }) => stdout)).size, 6);
    assert.deepEqual(await left(), []);
  });

  it('says clearly that two labs can not have the same names of the host', async () => {
    const shared = join(folder?.path ?? '', 'shared.yaml');
    writeFileSync(shared, `lab: ${lab}\nlinks: [{netns: ${lab}x, bridge: lan, dev: eth0}]\n`);
    await using first = startLinkloom(['run', '-f', shared, '--', ...LONG]);
    await first.until(/^READY$/m);
    const second = await linkloom(['run', '-f', shared, '--', 'echo', 'RAN']);
    assert.deepEqual([second.exitCode, second.stdout], [125, '']);
    assert.match(second.stderr, /names of `netns:` are those of the host.*`nodes:`/);
    first.child.kill('SIGTERM');
    assert.equal((await first.child).exitCode, 143, first.output());
    assert.deepEqual(await left(), []);
  });
});

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function untilTrue(check: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await check()); await delay(50))
    if (Date.now() > deadline) throw new Error('it did not come so far');
}
