/** A device that somebody renamed or moved is told and left; neither it nor its other end is deleted and made anew. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { execa } from 'execa';
import { subjectText } from '../../../src/subject.ts';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';

const onlyRoot = needs('root', 'program:ip');

test('renamed in place or moved away, at either end, of every kind', onlyRoot, async () => {
  await using lab = testLab('netns', 'mo');
  await using elsewhere = await newNetns('mo');
  const a = lab.node('a').name;
  const b = lab.node('b').name;
  const configuration = {
    links: [
      { netns: a, dev: 'eth0', bridge: 's' },
      { netns: a, dev: 'eth1', bridge: 's', 'outer-dev': 'given' },
      { netns: a, dev: 'eth2', bridge: 'wire' },
      { netns: b, dev: 'eth2', bridge: 'wire' },
      { netns: a, dev: 'eth3', bridge: 's' },
      { netns: a, dev: 'm0', type: 'macvlan', base: 'local', 'outer-dev': 'eth3' },
    ],
    bridges: [
      { bridge: 's', mode: 'linux' },
      { bridge: 'wire', mode: 'direct' },
    ],
  };
  assert.deepEqual((await lab.up(configuration)).failures, []);
  const port =
    `${a}-eth0`.length > 15
      ? ((await lab.switches.links()).find(({ ifname }) => /-eth0$/.test(ifname))?.ifname ?? '')
      : `${a}-eth0`;
  const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
    [a, 'eth0', '', [`${a}:eth0`]],
    [a, 'eth0', elsewhere.name, [`${a}:eth0`]],
    [a, 'eth0', b, [`${a}:eth0`]],
    [lab.switches.name, port, '', [`${a}:eth0`]],
    [lab.switches.name, port, elsewhere.name, [`${a}:eth0`]],
    [lab.switches.name, 'given', '', [`${a}:eth1`]],
    [lab.switches.name, 'given', b, [`${a}:eth1`]],
    [a, 'eth2', '', [`${a}:eth2`, `${b}:eth2`]],
    [b, 'eth2', elsewhere.name, [`${a}:eth2`, `${b}:eth2`]],
    [a, 'm0', '', [`${a}:m0`]],
    [a, 'm0', b, [`${a}:m0`]],
  ];
  for (const [ns, dev, to, links] of cases) {
    const told = `${ns}:${dev} → ${to}`;
    const ip = (where: string, ...args: readonly string[]) => execa('ip', ['-n', where, 'link', 'set', ...args]);
    const away = to === '' ? ns : to;
    await ip(ns, dev, ...(to === '' ? ['name', 'other0'] : ['name', 'other0', 'netns', to]));
    const before = await execa('ip', ['-n', away, '-json', 'link', 'show', 'other0']);
    const { failures, links: counts } = await lab.up(configuration);
    assert.deepEqual(failures.map(({ subject }) => subjectText(subject)).sort(), [...links].sort(), told);
    assert.match(failures[0]?.message ?? '', /renamed (or moved|to)/, told);
    assert.equal(counts.created + counts.changed + counts.removed, 0, told);
    const after = await execa('ip', ['-n', away, '-json', 'link', 'show', 'other0']);
    assert.equal(JSON.parse(after.stdout)[0].ifindex, JSON.parse(before.stdout)[0].ifindex, told);
    await ip(away, 'other0', ...(to === '' ? ['name', dev] : ['name', dev, 'netns', ns]));
    await execa('ip', ['-n', ns, 'link', 'set', dev, 'up']);
    assert.deepEqual((await lab.up(configuration)).failures, [], told);
  }
});

test('an edit of `outer-dev` is no renaming', onlyRoot, async () => {
  await using lab = testLab('netns', 'mo');
  const link = (more: object) => ({ links: [{ netns: lab.node('a').name, dev: 'eth0', bridge: 's', ...more }] });
  for (const more of [{}, { 'outer-dev': 'x0' }, { 'outer-dev': 'x1' }, {}]) {
    assert.deepEqual((await lab.up(link(more))).failures, [], JSON.stringify(more));
    assert.deepEqual((await lab.plan(link(more))).ops, []);
  }
});

test('a node or a switch namespace made anew while a process keeps the old one is linked anew', onlyRoot, async () => {
  await using lab = testLab('netns', 'mo');
  const [a, b] = [lab.node('a').name, lab.node('b').name];
  const ends = [
    [a, 'eth0', 's'],
    [a, 'eth1', 'wire'],
    [b, 'eth1', 'wire'],
  ] as const;
  const configuration = {
    links: ends.map(([netns, dev, bridge]) => ({ netns, dev, bridge })),
    bridges: [
      { bridge: 's', mode: 'linux' },
      { bridge: 'wire', mode: 'direct' },
    ],
  };
  assert.deepEqual((await lab.up(configuration)).failures, []);
  for (const name of [a, lab.switches.name]) {
    const keeper = execa('ip', ['netns', 'exec', name, 'sh', '-c', 'echo in; exec sleep 1000'], { reject: false });
    try {
      await once(keeper.stdout, 'data');
      await execa('ip', ['netns', 'del', name]);
      assert.deepEqual((await lab.up(configuration)).failures, [], name);
      for (const [ns, dev] of ends) {
        const { stdout } = await execa('ip', ['-n', ns, '-json', 'link', 'show', dev]);
        assert.equal(JSON.parse(stdout)[0].operstate, 'UP', `${ns}:${dev}`);
      }
      assert.deepEqual((await lab.plan(configuration)).ops, [], name);
    } finally {
      keeper.kill('SIGKILL');
      await keeper;
    }
  }
});
