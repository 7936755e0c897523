import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { type ApplyResult, type ApplyTask, BY_ITSELF } from '../../../src/wire/apply.ts';
import { newRunState, RUN_STATE } from '../../../src/wire/shared.ts';
import type { CarriersResult, RtnlResult, Task } from '../../../src/wire/task.ts';
import { run } from '../../../workers/link-worker.ts';
import { needs } from '../../support/needs.ts';
import { type IpLink, newNetns, openNetns, uniqueName } from '../../support/netns.ts';
import { applyJob, dumpOf, GROUP, route, veth } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

test('a dump says what ip(8) says', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const op = veth(node.id, 'eth0', outer.id, 'p0', {
    queues: 2,
    settings: { mac: 'c2:00:00:00:00:01', mtuBytes: 3000, alias: 'ünd so' },
    addresses: ['10.1.0.1/24', 'fd00::1:0:0:1/64', '127.9.0.1/32'],
    routes: [
      route('default via 10.1.0.2'),
      route('10.9.0.0/16 via 10.1.0.2 src 10.1.0.1 metric 7 mtu 1400 advmss 1300 table 500'),
      route('172.16.0.0/12 via 172.31.0.1 onlink'),
      route('fd99::/64 via fd00::2'),
      route('unreachable 10.66.0.0/16'),
    ],
  });
  assert.deepEqual(applyJob(node.id, [op]), []);
  await node.exec('ip', 'link', 'set', 'lo', 'up');
  const dump = dumpOf(node.id);
  assert.equal(dump.inode, statSync(`/run/netns/${node.name}`).ino);
  assert.equal(dump.failure, null);
  const links = await node.links();
  assert.deepEqual(
    dump.links.map((link) => ({
      ifindex: link.ifindex,
      ifname: link.ifname,
      mtu: link.mtuBytes,
      operstate: link.operstate,
      address: link.mac,
      group: link.group === 0 ? 'default' : String(link.group),
      ifalias: link.alias === '' ? undefined : link.alias,
      kind: link.kind === '' ? undefined : link.kind,
      peer: link.peerIndex === 0 ? undefined : link.peerIndex,
      nsid: link.peerNsid === -1 ? undefined : link.peerNsid,
      queues: link.txQueues,
      up: link.up,
    })),
    links.map((link: IpLink) => ({
      ifindex: link.ifindex,
      ifname: link.ifname,
      mtu: link.mtu,
      operstate: link.operstate,
      address: link.address,
      group: link.group,
      ifalias: link.ifalias,
      kind: link.linkinfo?.info_kind,
      peer: link.link_index,
      nsid: link.link_netnsid,
      queues: link.num_tx_queues,
      up: link.flags.includes('UP'),
    })),
  );
  const theirs = (await Promise.all(['lo', 'eth0'].map((dev) => node.link(dev)))).flatMap((link) =>
    (link?.addr_info ?? []).map(({ local, prefixlen, scope }) => `${link?.ifindex} ${local}/${prefixlen} ${scope}`),
  );
  assert.deepEqual(
    dump.addresses.map(({ ifindex, address, scope }) => `${ifindex} ${address} ${scope}`).sort(),
    theirs.sort(),
  );
  const ours = dump.routes.filter(({ protocol }) => protocol === 108);
  const index = dump.links.find(({ ifname }) => ifname === 'eth0')?.ifindex;
  const plain = {
    ifindex: index,
    family: 4,
    type: 'unicast',
    src: null,
    metric: 0,
    table: 254,
    protocol: 108,
    scope: 0,
  };
  const more = { mtuBytes: null, advmssBytes: null, onlink: false };
  assert.deepEqual(
    new Set(ours),
    new Set([
      { ...plain, dst: '0.0.0.0/0', via: '10.1.0.2', ...more },
      {
        ...plain,
        ...more,
        dst: '10.9.0.0/16',
        via: '10.1.0.2',
        src: '10.1.0.1',
        metric: 7,
        table: 500,
        mtuBytes: 1400,
        advmssBytes: 1300,
      },
      { ...plain, dst: '172.16.0.0/12', via: '172.31.0.1', ...more, onlink: true },
      { ...plain, ifindex: null, type: 'unreachable', dst: '10.66.0.0/16', via: null, ...more },
      { ...plain, family: 6, metric: 1024, dst: 'fd99::/64', via: 'fd00::2', ...more },
    ]),
  );
});

test('counters come only when asked for, and count', onlyRoot, async () => {
  await using node = await newNetns();
  await node.exec('ip', 'link', 'set', 'lo', 'up');
  await node.exec('ping', '-c3', '-i0.2', '-q', '127.0.0.1');
  assert.equal(dumpOf(node.id).links[0]?.counters, null);
  const counters = dumpOf(node.id, { counters: true }).links[0]?.counters;
  assert.equal(counters?.rxPackets, 6);
  assert.equal(counters?.txBytes, 6 * 84);
});

test('what is not there has no inode and no failure; our own namespace needs no entering', onlyRoot, () => {
  for (const ns of ['netns/no-such-thing', 'pid/99999999'] as const) {
    assert.deepEqual(dumpOf(ns), {
      ns,
      inode: null,
      madeBy: null,
      failure: null,
      links: [],
      addresses: [],
      routes: [],
      translations: [],
    });
  }
  const own = dumpOf('self');
  assert.equal(own.inode, statSync('/proc/thread-self/ns/net').ino);
  assert.equal(own.links[0]?.ifname, 'lo');
});

test(
  'a name without a namespace, left by something that was killed, counts as none and is no obstacle',
  onlyRoot,
  async () => {
    await using node = openNetns(uniqueName(), true);
    writeFileSync(`/run/netns/${node.name}`, '');
    assert.deepEqual(dumpOf(node.id), {
      ns: node.id,
      inode: null,
      madeBy: null,
      failure: null,
      links: [],
      addresses: [],
      routes: [],
      translations: [],
    });
    const job = applyJob(node.id, [veth(node.id, 'eth0', node.id, 'eth1')]);
    assert.deepEqual([job[0]?.op, job[0]?.call, job[0]?.errnoName], [null, 'open', 'ENOENT']);
    const add = {
      op: 'netns.add',
      ns: node.id,
      link: null,
      cause: 'test',
      role: 'node',
      alias: 'x',
      lab: 'x',
    } as const;
    assert.deepEqual(applyJob(node.id, [add]), []);
    assert.equal((await node.link('lo'))?.ifalias, 'x');
  },
);

test('a scan reaches namespaces that only processes hold, and pids says who they are', onlyRoot, async () => {
  await using outer = await newNetns();
  const child = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' });
  try {
    const pid = child.pid ?? 0;
    const own = statSync('/proc/self/ns/net').ino;
    while (statSync(`/proc/${pid}/ns/net`).ino === own) await new Promise((resolve) => setTimeout(resolve, 10));
    const ns = `pid/${pid}` as const;
    assert.deepEqual(applyJob(ns, [veth(ns, 'eth0', outer.id, 'p0')]), []);
    const found = run({ task: 'scan', group: GROUP.bridge, processes: true, except: [], translationsOf: null });
    assert.ok('dumps' in found);
    assert.deepEqual(new Set(found.dumps.map((dump) => dump.ns)), new Set([outer.id, ns]));
    const { pids } = run({ task: 'pids', namespaces: [ns, outer.id, 'netns/no-such-thing'] }) as { pids: unknown };
    assert.deepEqual(pids, [
      { ns, pids: [pid] },
      { ns: outer.id, pids: [] },
      { ns: 'netns/no-such-thing', pids: [] },
    ]);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('a cancelled task says from which op on nothing was begun', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const state = new Int32Array(newRunState());
  const jobs = [{ ns: node.id, inode: null, ops: [veth(node.id, 'eth0', outer.id, 'p0')] }];
  const task: ApplyTask = { ...BY_ITSELF, task: 'apply', jobs, run: state.buffer, isCancellable: true };
  const first = run(task) as ApplyResult;
  assert.equal(first.jobs[0]?.cancelledAt, null);
  state[RUN_STATE.cancelled] = 1;
  const more = [{ ns: node.id, inode: null, ops: [veth(node.id, 'eth1', outer.id, 'p1')] }];
  assert.equal((run({ ...task, jobs: more }) as ApplyResult).jobs[0]?.cancelledAt, 0);
  assert.equal(await node.link('eth1'), undefined);
  assert.equal((run({ ...task, jobs: more, turn: 1 }) as ApplyResult).isDeclined, true);
  assert.equal((run({ ...task, jobs: more, isCancellable: false }) as ApplyResult).jobs[0]?.cancelledAt, null);
  assert.ok(await node.link('eth1'));
});

test('what was sent ahead is declined out of turn, and once something has failed', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const shared = { ...BY_ITSELF, run: newRunState() };
  const send = (dev: string, turn: number | null): ApplyResult => {
    const jobs = [{ ns: node.id, inode: null, ops: [veth(node.id, dev, outer.id, `p-${dev}`)] }];
    return run({ task: 'apply', jobs, ...shared, turn }) as ApplyResult;
  };
  assert.deepEqual(send('eth1', 1), { ok: true, thread: 0, isDeclined: true, jobs: [] });
  assert.deepEqual([send('eth0', 0).isDeclined, send('eth1', 1).isDeclined], [false, false]);
  assert.equal(send('eth1', 2).jobs[0]?.failures[0]?.errnoName, 'EEXIST');
  assert.deepEqual(send('eth2', 3), { ok: true, thread: 0, isDeclined: true, jobs: [] });
  assert.equal(await node.link('eth2'), undefined);
  assert.equal(send('eth2', null).jobs[0]?.failures.length, 0);
  assert.equal(send('eth3', 3).isDeclined, true, 'a run does not become whole again');
});

test('after settling, what was given up is gone', onlyRoot, async () => {
  const name = uniqueName();
  {
    await using node = await newNetns();
    const link = veth(node.id, 'eth0', 'self', name);
    assert.deepEqual(applyJob(node.id, [link]), []);
    assert.ok(dumpOf('self').links.some(({ ifname }) => ifname === name));
  }
  assert.deepEqual(run({ task: 'settle', timeoutMs: 20_000 }), { ok: true, settled: true });
  assert.ok(!dumpOf('self').links.some(({ ifname }) => ifname === name));
});

test('a change of nothing tells how long it waited for the lock, and changes nothing', onlyRoot, async () => {
  const { stdout: before } = await execa('ip', ['-json', 'link', 'show', 'lo']);
  const { waitMs } = run({ task: 'rtnl' }) as RtnlResult;
  assert.ok(waitMs !== null && waitMs > 0);
  assert.equal((await execa('ip', ['-json', 'link', 'show', 'lo'])).stdout, before);
});

for (const asksWatcher of [true, false]) {
  test(
    `of many devices raised at once all carry; one whose other end is down does not (asksWatcher: ${asksWatcher})`,
    onlyRoot,
    async () => {
      await using node = await newNetns();
      await using outer = await newNetns();
      // More than the kernel's link watcher takes in one go (MAX_DO_DEV_WORK).
      const devs = Array.from({ length: 150 }, (_, at) => `eth${at}`);
      const ops = devs.map((dev, at) => veth(node.id, dev, outer.id, `p${at}`));
      assert.deepEqual(applyJob(node.id, ops), []);
      const ask = (): CarriersResult['down'] => {
        const ends = [{ ns: node.id, devs }];
        return (run({ task: 'carriers', ends, asksWatcher }) as CarriersResult).down;
      };
      assert.equal(ask().length, devs.length);
      for (const at of devs.keys()) if (at > 0) await outer.exec('ip', 'link', 'set', `p${at}`, 'up');
      while (ask().length > 1) await delay(20);
      assert.deepEqual(ask(), [{ ns: node.id, dev: 'eth0' }]);
      const states = (await node.links()).map(({ operstate, ifname }) => `${ifname} ${operstate}`);
      assert.equal(states.filter((state) => /^eth\d+ UP$/.test(state)).length, devs.length - 1);
      await outer.exec('ip', 'link', 'del', 'p0');
      assert.deepEqual(ask(), []);
    },
  );
}

test('with no descriptor left a task fails and says so: it does not answer that there is nothing', onlyRoot, () => {
  const tasks: readonly Task[] = [
    { task: 'nat' },
    { task: 'ovs', instances: [], probeKernel: true },
    { task: 'pids', namespaces: ['self'] },
    { task: 'carriers', ends: [{ ns: 'self', devs: ['lo'] }], asksWatcher: false },
    { task: 'settle', timeoutMs: 100 },
    { task: 'rtnl' },
    { task: 'scan', group: null, processes: true, except: [], translationsOf: null },
  ];
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE');
    for (const task of tasks) {
      const answer = run(task);
      assert.ok(!answer.ok, task.task);
      assert.equal(answer.failure.errnoName, 'EMFILE', task.task);
    }
  } finally {
    for (const fd of taken) closeSync(fd);
  }
  for (const task of tasks) assert.ok(run(task).ok, task.task);
});
