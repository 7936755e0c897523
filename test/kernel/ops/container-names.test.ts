/** Names of containers' namespaces: links to a process's, ours to replace where they are dead or wrong, and no trouble to anything else. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { nameContainers, unnameContainers } from '../../../src/engine/container-names.ts';
import { WorkerPool } from '../../../src/engine/threads/pool.ts';
import type { Event } from '../../../src/events.ts';
import { type NsId, processNs } from '../../../src/net/ns-id.ts';
import type { NamesResult, NamesTask } from '../../../src/wire/task.ts';
import { run } from '../../../workers/link-worker.ts';
import { scan } from '../../../workers/tasks/scan.ts';
import { needs } from '../../support/needs.ts';
import { newNetns, uniqueName } from '../../support/netns.ts';
import { applyJob, GROUP, LAB, veth } from './ops.ts';

const onlyRoot = needs('root', 'program:ip', 'program:unshare');
const NETNS = '/run/netns';

/** A process in a network namespace of its own, as a container has. */
class Process implements AsyncDisposable {
  readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async start(): Promise<Process> {
    const started = new Process(spawn('unshare', ['--net', 'sleep', '1000'], { stdio: 'ignore' }));
    const own = statSync('/proc/self/ns/net').ino;
    while (statSync(`/proc/${started.pid}/ns/net`).ino === own) await delay(5);
    return started;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** A lab of its own, all of whose names are gone at the end. */
function names() {
  const lab = uniqueName('l');
  const ask = (task: Partial<NamesTask>): readonly string[] => {
    const answer = run({ task: 'names', lab, give: [], take: [], ...task }) as { ok: true } & NamesResult;
    assert.equal(answer.ok, true);
    return answer.failures.map(({ call, errnoName, extAck }) => `${call} ${errnoName}: ${extAck}`);
  };
  const path = (node: string): string => `${NETNS}/${lab}.${node}`;
  return {
    lab,
    path,
    name: (node: string): string => `${lab}.${node}`,
    give: (node: string, pid: number) => ask({ give: [{ name: `${lab}.${node}`, pid }] }),
    take: (...nodes: string[]) => ask({ take: nodes.map((node) => `${lab}.${node}`) }),
    takeAll: () => ask({ take: 'all' }),
    left: () => (existsSync(NETNS) ? readdirSync(NETNS) : []).filter((name) => name.startsWith(`${lab}.`)),
    [Symbol.dispose]: () => {
      for (const name of existsSync(NETNS) ? readdirSync(NETNS) : []) {
        if (name.startsWith(`${lab}.`)) rmSync(`${NETNS}/${name}`, { force: true });
      }
    },
  };
}

test('the host’s programs find a container by its name, until it is taken away', onlyRoot, async () => {
  await using container = await Process.start();
  using labs = names();
  assert.deepEqual(labs.give('r1', container.pid), []);
  assert.equal(readlinkSync(labs.path('r1')), `/proc/${container.pid}/ns/net`);
  const { stdout } = await execa('ip', ['netns', 'exec', labs.name('r1'), 'readlink', '/proc/self/ns/net']);
  assert.equal(stdout, readlinkSync(`/proc/${container.pid}/ns/net`));
  assert.deepEqual(labs.give('r1', container.pid), [], 'a second time it is right already');
  assert.deepEqual(labs.take('r1', 'never'), []);
  assert.deepEqual(labs.left(), []);
  assert.ok(!existsSync(`/run/linkloom/.netns/${labs.name('r1')}`));
});

test('a name that leads nowhere, or to another process, is replaced', onlyRoot, async () => {
  await using first = await Process.start();
  await using second = await Process.start();
  using labs = names();
  labs.give('r1', first.pid);
  assert.deepEqual(labs.give('r1', second.pid), []);
  assert.equal(readlinkSync(labs.path('r1')), `/proc/${second.pid}/ns/net`);
  await second[Symbol.asyncDispose]();
  assert.deepEqual(labs.give('r1', first.pid), []);
  assert.equal(readlinkSync(labs.path('r1')), `/proc/${first.pid}/ns/net`);
  labs.takeAll();
});

test('what else has the name stays as it is', onlyRoot, async () => {
  await using container = await Process.start();
  using labs = names();
  const foreign: Readonly<Record<string, () => void>> = {
    file: () => writeFileSync(labs.path('file'), 'mine'),
    empty: () => writeFileSync(labs.path('empty'), ''),
    link: () => symlinkSync('/etc/hostname', labs.path('link')),
    thread: () => symlinkSync('/proc/self/ns/net', labs.path('thread')),
  };
  await using other = await newNetns();
  symlinkSync(`${NETNS}/${other.name}`, labs.path('alias'));
  for (const [node, make] of Object.entries(foreign)) {
    make();
    const [failure] = labs.give(node, container.pid);
    assert.match(failure ?? '', /^open EEXIST: something else has the name/, node);
  }
  assert.match(labs.give('alias', container.pid)[0] ?? '', /EEXIST/);
  assert.deepEqual(labs.take(...Object.keys(foreign), 'alias'), []);
  assert.deepEqual(labs.takeAll(), []);
  assert.deepEqual(labs.left().length, 5);
});

test('all of a lab go, the dead too, and no other’s', onlyRoot, async () => {
  await using container = await Process.start();
  await using dead = await Process.start();
  using labs = names();
  using others = names();
  labs.give('r1', container.pid);
  labs.give('r2', dead.pid);
  others.give('r1', container.pid);
  // Not noted, as by another program, and alive: nobody knows whose it is.
  symlinkSync(`/proc/${container.pid}/ns/net`, labs.path('theirs'));
  await dead[Symbol.asyncDispose]();
  assert.deepEqual(labs.takeAll(), []);
  assert.deepEqual(labs.left(), [labs.name('theirs')]);
  assert.deepEqual(others.left(), [others.name('r1')]);
  others.takeAll();
});

test('a container’s namespace is found once: not again by its name, and never as our own', onlyRoot, async () => {
  await using container = await Process.start();
  await using outer = await newNetns();
  using labs = names();
  const id: NsId = processNs(container.pid);
  assert.deepEqual(applyJob(id, [veth(id, 'eth0', outer.id, 'p0')]), []);
  labs.give('r1', container.pid);
  labs.give('us', process.pid);
  const places = (task: { processes: boolean; except: readonly NsId[] }): readonly string[] =>
    scan({ task: 'scan', group: GROUP.nodeEnd, translationsOf: null, ...task })
      .dumps.map(({ ns }) => ns)
      .filter((ns) => ns !== outer.id);
  assert.deepEqual(places({ processes: true, except: [] }), [id]);
  assert.deepEqual(places({ processes: false, except: [] }), [`netns/${labs.name('r1')}`]);
  assert.deepEqual(places({ processes: false, except: [id] }), []);
  assert.equal(LAB.includes('.'), false);
  labs.takeAll();
});

test('a name that is taken is told as a warning with what to do, and the others are given', onlyRoot, async () => {
  await using container = await Process.start();
  await using pool = await WorkerPool.start(1);
  using labs = names();
  writeFileSync(labs.path('r1'), 'mine');
  const said: Event[] = [];
  const emit = (event: Event): void => void said.push(event);
  const give = ['r1', 'r2'].map((node) => ({ name: labs.name(node), pid: container.pid }));
  await nameContainers(pool, labs.lab, give, emit);
  const [first, ...rest] = said;
  assert.deepEqual(rest, []);
  assert.equal(first?.type === 'diagnostic' && first.diagnostic.code, 'netns-name-taken');
  assert.match(
    first?.type === 'diagnostic' ? first.diagnostic.message : '',
    /r1: something else has the name.*`ip netns`/,
  );
  await unnameContainers(pool, labs.lab, 'all', emit);
  assert.deepEqual(labs.left(), [labs.name('r1')]);
});
