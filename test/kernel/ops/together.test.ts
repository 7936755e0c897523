/** Jobs that only set devices are carried out together: what is sent, when, and what a refusal changes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import { BY_ITSELF } from '../../../src/wire/apply.ts';
import type { Op } from '../../../src/wire/op.ts';
import { newRunState, RUN_STATE } from '../../../src/wire/shared.ts';
import { apply } from '../../../workers/apply.ts';
import { NetlinkSocket } from '../../../workers/netlink/socket.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { change, descriptors } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

/** Makes `d0`, `d1`… with the indexes 100, 101… */
async function addDevices(node: Netns, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const words = ['index', `${100 + at}`, 'type', 'veth', 'peer', 'name', `p${at}`];
    await node.exec('ip', 'link', 'add', `d${at}`, ...words);
  }
}

const mtu = (ns: NsId, at: number, mtuBytes = 1400): Op =>
  change(ns, `d${at}`, { ifindex: 100 + at, settings: { mtuBytes, up: true } });

const unlimited = (ns: NsId, at: number): Op => ({
  ...{ op: 'qdisc.netem', ns, link: `node:d${at}`, cause: 'test', dev: `d${at}`, ifindex: 100 + at },
  ...{ netem: null, by: 'hand', handle: null, undo: false, stacked: false },
});

/** Carries out jobs, and notes how many descriptors are open at each send. */
function carryOut(jobs: readonly { readonly ns: NsId; readonly inode: number | null; readonly ops: readonly Op[] }[]) {
  const opened: number[] = [];
  NetlinkSocket.onSend = () => opened.push(descriptors());
  try {
    const results = apply({ ...BY_ITSELF, task: 'apply', jobs }).jobs;
    return { opened, failures: results.map(({ failures }) => failures), results };
  } finally {
    NetlinkSocket.onSend = null;
  }
}

test('each namespace has one send, and all are entered before the first', onlyRoot, async () => {
  await using a = await newNetns();
  await addDevices(a, 4);
  await using b = await newNetns();
  await addDevices(b, 4);
  await using c = await newNetns();
  await addDevices(c, 4);
  const nodes = [a, b, c];
  const before = descriptors();
  const jobs = nodes.map(({ id: ns }) => ({ ns, inode: null, ops: [0, 1, 2, 3].map((at) => mtu(ns, at)) }));
  const { opened, failures, results } = carryOut(jobs);
  assert.deepEqual(failures, [[], [], []]);
  // A descriptor of the namespace and a socket, of each.
  assert.deepEqual(opened, [before + 6, before + 6, before + 6]);
  assert.equal(descriptors(), before);
  for (const node of nodes) {
    for (let at = 0; at < 4; at++) {
      const link = await node.link(`d${at}`);
      assert.equal(link?.mtu, 1400);
      assert.ok(link.flags.includes('UP'));
    }
  }
  const times = results.flatMap(({ startedMs, endedMs }) => [startedMs, endedMs]);
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
});

test('more messages than fit into one send go in several', onlyRoot, async () => {
  await using node = await newNetns();
  await addDevices(node, 1);
  const ops = Array.from({ length: 130 }, (_, at) => mtu(node.id, 0, 1400 + at));
  const { opened, failures } = carryOut([{ ns: node.id, inode: null, ops }]);
  assert.deepEqual(failures, [[]]);
  assert.equal(opened.length, 3);
  assert.equal((await node.link('d0'))?.mtu, 1529);
});

test(
  'what is refused is told of its op, and the rest is carried out, in this namespace and in others',
  onlyRoot,
  async () => {
    await using a = await newNetns();
    await addDevices(a, 3);
    await using b = await newNetns();
    await addDevices(b, 1);
    const jobs = [
      { ns: 'netns/no-such-thing' as const, inode: null, ops: [mtu('netns/no-such-thing', 0)] },
      {
        ns: a.id,
        inode: null,
        ops: [mtu(a.id, 0), mtu(a.id, 7), mtu(a.id, 2), unlimited(a.id, 2), unlimited(a.id, 9)],
      },
      { ns: b.id, inode: 1, ops: [mtu(b.id, 0)] },
      { ns: b.id, inode: null, ops: [mtu(b.id, 0, 1300), mtu(b.id, 0, 2)] },
    ];
    const { opened, failures } = carryOut(jobs);
    assert.equal(opened.length, 2);
    const told = failures.map((own) => own.map(({ op, call, code, errnoName }) => [op, call, code ?? errnoName]));
    assert.deepEqual(told, [
      [[null, 'open', 'ENOENT']],
      [
        [1, 'RTM_NEWLINK', 'ENODEV'],
        [4, 'RTM_DELQDISC', 'ENODEV'],
      ],
      [[null, 'stat', 'E_NODE_CHANGED']],
      [[1, 'RTM_NEWLINK', 'EINVAL']],
    ]);
    assert.equal((await a.link('d0'))?.mtu, 1400);
    assert.equal((await a.link('d2'))?.mtu, 1400);
    assert.equal((await b.link('d0'))?.mtu, 1300);
  },
);

test('jobs of one namespace each have their own refusals, also of many messages', onlyRoot, async () => {
  await using a = await newNetns();
  await addDevices(a, 2);
  await using b = await newNetns();
  await addDevices(b, 1);
  const many = Array.from({ length: 130 }, (_, at) => mtu(b.id, at === 3 || at === 128 ? 9 : 0, 1400 + at));
  const jobs = [
    { ns: a.id, inode: null, ops: [mtu(a.id, 7), mtu(a.id, 0)] },
    { ns: b.id, inode: null, ops: many },
    { ns: a.id, inode: null, ops: [mtu(a.id, 1), mtu(a.id, 8)] },
  ];
  const { failures } = carryOut(jobs);
  const told = failures.map((own) => own.map(({ op, errnoName }) => [op, errnoName]));
  assert.deepEqual(told, [
    [[0, 'ENODEV']],
    [
      [3, 'ENODEV'],
      [128, 'ENODEV'],
    ],
    [[1, 'ENODEV']],
  ]);
  assert.deepEqual([(await a.link('d0'))?.mtu, (await a.link('d1'))?.mtu], [1400, 1400]);
  assert.equal((await b.link('d0'))?.mtu, 1529);
});

test('a run that is cancelled sends nothing any more, and says so of each job', onlyRoot, async () => {
  await using a = await newNetns();
  await addDevices(a, 1);
  await using b = await newNetns();
  await addDevices(b, 1);
  const run = newRunState();
  NetlinkSocket.onSend = () => Atomics.store(new Int32Array(run), RUN_STATE.cancelled, 1);
  try {
    const jobs = [a, b].map(({ id: ns }) => ({ ns, inode: null, ops: [mtu(ns, 0)] }));
    const { jobs: results } = apply({ ...BY_ITSELF, task: 'apply', jobs, run, isCancellable: true });
    assert.deepEqual(
      results.map(({ failures, cancelledAt }) => [failures, cancelledAt]),
      [
        [[], null],
        [[], 0],
      ],
    );
  } finally {
    NetlinkSocket.onSend = null;
  }
  assert.equal((await a.link('d0'))?.mtu, 1400);
  assert.equal((await b.link('d0'))?.mtu, 1500);
});

test(
  'the ends of a wire are set down one after the other, each by a send of its own; refusals are told of their ops',
  onlyRoot,
  async () => {
    await using a = await newNetns();
    await using b = await newNetns();
    for (const node of [a, b]) {
      await addDevices(node, 2);
      for (const dev of ['d0', 'd1', 'p0', 'p1']) await node.exec('ip', 'link', 'set', dev, 'up');
    }
    const down = (ns: NsId, at: number, wire: string): Op =>
      change(ns, `d${at}`, { ifindex: 100 + at, settings: { up: false }, wire });
    const jobs = [
      { ns: a.id, inode: null, ops: [down(a.id, 0, 'one'), down(a.id, 8, 'none'), down(a.id, 1, 'two')] },
      { ns: b.id, inode: null, ops: [down(b.id, 0, 'two'), down(b.id, 9, 'none'), down(b.id, 1, 'one')] },
    ];
    const isUp = ({ name }: Netns, dev: string): boolean =>
      execFileSync('ip', ['-n', name, 'link', 'show', dev, 'up'], { encoding: 'utf8' }) !== '';
    const before: string[] = [];
    NetlinkSocket.onSend = () => {
      const up = [a, b].flatMap((node, at) => ['d0', 'd1'].map((dev) => isUp(node, dev) && `${'ab'[at]}:${dev}`));
      before.push(up.filter((text) => text !== false).join(' '));
    };
    try {
      const { jobs: results } = apply({ ...BY_ITSELF, task: 'apply', jobs });
      const told = results.map(({ failures }) => failures.map(({ op, errnoName }) => [op, errnoName]));
      assert.deepEqual(told, [[[1, 'ENODEV']], [[1, 'ENODEV']]]);
    } finally {
      NetlinkSocket.onSend = null;
    }
    assert.deepEqual(before, ['a:d0 a:d1 b:d0 b:d1', 'a:d1 b:d0 b:d1', 'a:d1 b:d0', 'a:d1 b:d0', 'a:d1 b:d0', 'b:d0']);
    assert.ok(!isUp(b, 'd0'));
  },
);
