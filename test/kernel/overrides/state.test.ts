/** Links that are set down, up, or to another MTU by hand: what the kernel has then, what plans leave alone, and what comes back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import type { Netns } from '../../support/netns.ts';

const NEEDS = needs('root', 'program:ip', 'program:ping');
const MODES = ['linux', 'patch', 'direct'] as const;

/** Two nodes on a bridge, with addresses and routes of both families. */
function pairOf(lab: TestLab, mode: string, more: object = {}) {
  const [a, b] = [lab.node('a').name, lab.node('b').name];
  return {
    bridges: [{ bridge: 'lan', mode }],
    links: [
      {
        ...{ netns: a, bridge: 'lan', dev: 'eth0', ip: ['10.7.0.1/24', 'fd07::1/64'], mtu: 9000 },
        route: ['10.8.0.0/16 via 10.7.0.2', 'fd08::/32 via fd07::2'],
        ...more,
      },
      { netns: b, bridge: 'lan', dev: 'eth0', ip: ['10.7.0.2/24', 'fd07::2/64'], mtu: 9000 },
    ],
  };
}

async function addForeign(node: Netns): Promise<void> {
  await node.exec('ip', 'address', 'add', 'fd99::1/64', 'dev', 'eth0', 'nodad');
  await node.exec('ip', 'route', 'add', '10.99.0.0/16', 'via', '10.7.0.2', 'metric', '7');
  await node.exec('ip', '-6', 'route', 'add', 'fd98::/64', 'via', 'fd07::2');
  // A routing daemon hears that the link comes up, and knows best what leads where then.
  await node.exec('ip', 'route', 'add', '10.97.0.0/16', 'via', '10.7.0.2', 'proto', 'bird');
}

/** Addresses and routes but those that the kernel makes itself. */
async function ipOf(node: Netns): Promise<readonly string[]> {
  const link = await node.link('eth0');
  const addresses = (link?.addr_info ?? []).filter(({ scope }) => scope !== 'link').map(({ local }) => local);
  const routes = [...(await node.routes(4, 'all')), ...(await node.routes(6, 'all'))];
  return [...addresses, ...routes.filter(({ protocol }) => protocol !== 'kernel').map(({ dst }) => dst)].sort();
}

const OURS = ['10.7.0.1', '10.8.0.0/16', 'fd07::1', 'fd08::/32'];
const FOREIGN = ['10.99.0.0/16', 'fd98::/64', 'fd99::1'];

async function pings(node: Netns, address: string, ...more: readonly string[]): Promise<boolean> {
  try {
    await node.exec('ping', '-n', '-c', '1', '-w', '3', '-i', '0.2', ...more, address);
    return true;
  } catch {
    return false;
  }
}

const setTo = (links: readonly string[], settings: object, both = false) => ({ links, settings, both });

describe('a link that is set by hand', NEEDS, () => {
  for (const mode of MODES) {
    it(`goes down and up on a bridge of mode ${mode}, and has all of its addresses and routes again`, async () => {
      await using lab = testLab('netns', 'sd');
      const lan = pairOf(lab, mode);
      const [a, b] = [lab.node('a'), lab.node('b')];
      const link = `${a.name}:eth0`;
      await lab.up(lan);
      await addForeign(a);
      const before = await ipOf(a);
      assert.deepEqual(before, [...OURS, ...FOREIGN, '10.97.0.0/16'].sort());
      const report = await lab.set(lan, setTo([link], { state: 'down' }));
      assert.deepEqual(report.failures, []);
      assert.deepEqual(report.ends, [
        {
          ...{ link, end: 'node', changes: ['state up → down'], hasFailed: false },
          overrides: [{ end: 'node', setting: 'state', wanted: 'up', actual: 'down' }],
        },
      ]);
      const down = await a.link('eth0');
      assert.ok(down && !down.flags.includes('UP'));
      assert.match(down.ifalias ?? '', / set=state$/);
      assert.equal(await pings(b, '10.7.0.1'), false);
      const { ops, overrides } = await lab.plan(lan);
      assert.deepEqual(ops, []);
      assert.deepEqual(overrides, [{ link, end: 'node', setting: 'state', wanted: 'up', actual: 'down' }]);
      // `up` leaves it, too.
      assert.deepEqual((await lab.up(lan)).links.changed, 0);
      assert.ok(!(await a.link('eth0'))?.flags.includes('UP'));
      const [shown] = (await lab.status(lan)).links;
      assert.deepEqual(shown?.drift, []);
      assert.deepEqual([shown?.desired, shown?.overrides[0]?.actual], ['up', 'down']);
      await lab.set(lan, setTo([link], { state: 'up' }));
      assert.deepEqual(await ipOf(a), [...OURS, ...FOREIGN].sort());
      assert.deepEqual((await lab.plan(lan)).overrides, []);
      assert.deepEqual((await lab.plan(lan)).ops, []);
      await Promise.all([a.untilUp('eth0'), b.untilUp('eth0')]);
      // The ping while the link was down has left a neighbour whose questions may be over any moment.
      await b.exec('ip', 'neighbour', 'flush', 'dev', 'eth0');
      assert.equal(await pings(b, '10.7.0.1'), true);
      assert.equal((await a.link('eth0'))?.ifalias?.includes('set=') ?? false, false);
    });
  }

  it('keeps a small MTU, loses IPv6 with it, and has all of it again by reset', async () => {
    await using lab = testLab('netns', 'sm');
    const lan = pairOf(lab, 'linux');
    const [a, b] = [lab.node('a'), lab.node('b')];
    await lab.up(lan);
    await addForeign(a);
    const full = ['-M', 'do', '-s', '8000'];
    assert.equal(await pings(a, '10.7.0.2', ...full), true);
    await lab.set(lan, setTo([`${a.name}:*`], { mtuBytes: 1000 }));
    assert.equal((await a.link('eth0'))?.mtu, 1000);
    assert.equal(await pings(a, '10.7.0.2', ...full), false);
    assert.equal(await pings(b, '10.7.0.1', ...full), false);
    assert.equal(await pings(a, '10.7.0.2', '-M', 'do', '-s', '900'), true);
    assert.deepEqual(
      (await ipOf(a)).filter((text) => text.includes(':')),
      [],
    );
    assert.deepEqual((await lab.plan(lan)).ops, []);
    assert.deepEqual((await lab.up(lan)).failures, []);
    assert.equal((await a.link('eth0'))?.mtu, 1000);
    const { failures, ends } = await lab.reset(lan);
    assert.deepEqual(failures, []);
    assert.deepEqual(
      ends.map(({ changes }) => changes.length),
      [1, 0],
    );
    assert.equal((await a.link('eth0'))?.mtu, 9000);
    assert.deepEqual(await ipOf(a), [...OURS, ...FOREIGN, '10.97.0.0/16'].sort());
    assert.deepEqual((await lab.plan(lan)).ops, []);
    assert.equal(await pings(a, '10.7.0.2', ...full), true);
    assert.equal(await pings(b, 'fd07::1'), true);
  });

  for (const mode of MODES) {
    it(`is set and reset in parts where they are many, on a bridge of mode ${mode}`, async () => {
      await using lab = testLab('netns', 'sp');
      const lan = pairOf(lab, mode);
      const [a, b] = [lab.node('a'), lab.node('b')];
      const ids = [a, b].map(({ name }) => `${name}:eth0`);
      await lab.up(lan);
      await addForeign(a);
      const before = await ipOf(a);
      const changes = ['state up → down', 'mtu 9000 → 1400'];
      const set = await lab.set(lan, { ...setTo(['*'], { state: 'down', mtuBytes: 1400 }), mostAtATime: 1 });
      assert.deepEqual([set.failures, set.missing], [[], []]);
      assert.deepEqual(
        set.ends.map(({ link, changes: told, overrides }) => [link, told, overrides.length]),
        ids.map((id) => [id, changes, 2]),
      );
      for (const node of [a, b]) {
        const device = await node.link('eth0');
        assert.deepEqual([device?.flags.includes('UP'), device?.mtu], [false, 1400]);
      }
      const reset = await lab.reset(lan, [], 1);
      assert.deepEqual([reset.failures, reset.missing], [[], []]);
      assert.deepEqual(
        reset.ends.map(({ link, changes: told }) => [link, told.join().startsWith('mtu 1400 → 9000, state down → up')]),
        ids.map((id) => [id, true]),
      );
      assert.deepEqual(
        await ipOf(a),
        before.filter((dst) => dst !== '10.97.0.0/16'),
      );
      assert.ok(await pings(a, '10.7.0.2'));
      assert.deepEqual((await lab.plan(lan)).ops, []);
    });
  }

  it('is set at its port too with `both`, on a direct wire at the other node’s end', async () => {
    for (const mode of MODES) {
      await using lab = testLab('netns', 'sb');
      const lan = pairOf(lab, mode);
      const [a, b] = [lab.node('a'), lab.node('b')];
      await lab.up(lan);
      const { ends } = await lab.set(lan, setTo([`${a.name}:eth0`], { mtuBytes: 1400, state: 'down' }, true));
      const other = mode === 'direct' ? [`${b.name}:eth0`, 'node'] : [`${a.name}:eth0`, 'port'];
      assert.deepEqual(
        ends.map(({ link, end }) => [link, end]),
        [[`${a.name}:eth0`, 'node'], other],
      );
      const device =
        mode === 'direct'
          ? await b.link('eth0')
          : (await lab.switches.links()).find(({ ifalias }) => ifalias?.includes(`${a.name} eth0`));
      assert.deepEqual([device?.mtu, device?.flags.includes('UP')], [1400, false]);
      assert.match(device?.ifalias ?? '', / set=state,mtu$/);
      assert.deepEqual((await lab.plan(lan)).ops, []);
      // A change to the port itself leaves what was set by hand.
      assert.deepEqual((await lab.up(lan)).links.changed, 0);
      assert.deepEqual((await lab.reset(lan)).failures, []);
      assert.deepEqual([(await lab.plan(lan)).ops, (await lab.plan(lan)).overrides], [[], []]);
      await Promise.all([a.untilUp('eth0'), b.untilUp('eth0')]);
      assert.equal(await pings(a, '10.7.0.2'), true);
    }
  });

  it('stays down under a vlan on it, which is no drift; both come up by reset', async () => {
    await using lab = testLab('netns', 'sv');
    const a = lab.node('a');
    const lan = pairOf(lab, 'linux');
    const vlan = {
      netns: a.name,
      type: 'vlan',
      base: 'local',
      'outer-dev': 'eth0',
      vlanid: 5,
      dev: 'v5',
      ip: '10.5.0.1/24',
      route: '10.6.0.0/16 via 10.5.0.2',
    };
    const stacked = { ...lan, links: [...lan.links, vlan] };
    const made = await lab.up(stacked);
    if (made.failures.length > 0) {
      assert.match(made.failures[0]?.message ?? '', /Unknown device type|EOPNOTSUPP|ENODEV/);
      return;
    }
    await lab.set(stacked, setTo([`${a.name}:eth0`], { state: 'down' }));
    assert.ok(!(await a.link('v5'))?.flags.includes('UP'));
    assert.deepEqual((await lab.plan(stacked)).ops, []);
    assert.deepEqual((await lab.up(stacked)).failures, []);
    assert.deepEqual((await lab.reset(stacked)).failures, []);
    assert.ok((await a.link('v5'))?.flags.includes('UP'));
    assert.ok((await a.routes(4)).some(({ dst }) => dst === '10.6.0.0/16'));
    assert.deepEqual((await lab.plan(stacked)).ops, []);
  });

  it('gets its configured routes when it is raised, though it is configured down', async () => {
    await using lab = testLab('netns', 'su');
    const lan = pairOf(lab, 'linux', { state: 'down' });
    const a = lab.node('a');
    await lab.up(lan);
    await lab.set(lan, setTo([`${a.name}:eth0`], { state: 'up' }));
    assert.deepEqual(await ipOf(a), OURS);
    assert.deepEqual((await lab.plan(lan)).ops, []);
    await lab.reset(lan);
    assert.ok(!(await a.link('eth0'))?.flags.includes('UP'));
    assert.deepEqual((await lab.plan(lan)).ops, []);
  });

  it('is as configured again by `up --reset`, and where its device is made anew', async () => {
    await using lab = testLab('netns', 'sr');
    const lan = pairOf(lab, 'linux');
    const a = lab.node('a');
    await lab.up(lan);
    await addForeign(a);
    await lab.set(lan, setTo([`${a.name}:eth0`], { state: 'down', mtuBytes: 1400 }));
    assert.equal((await lab.up(lan, true)).links.changed, 1);
    assert.deepEqual(await ipOf(a), [...OURS, ...FOREIGN].sort());
    await lab.set(lan, setTo([`${a.name}:eth0`], { state: 'down', mtuBytes: 1400 }));
    const anew = pairOf(lab, 'linux', { queues: 2 });
    await lab.up(anew);
    const device = await a.link('eth0');
    assert.deepEqual([device?.mtu, device?.flags.includes('UP'), device?.ifalias], [9000, true, undefined]);
    assert.deepEqual((await lab.plan(anew)).ops, []);
    assert.ok((await ipOf(a)).includes('10.8.0.0/16'));
  });

  it('of others is never touched, nor what is not named', async () => {
    await using lab = testLab('netns', 'sn');
    const lan = pairOf(lab, 'linux');
    const a = lab.node('a');
    await lab.up(lan);
    // Drift of another kind, on both links.
    for (const letter of ['a', 'b']) await lab.node(letter).exec('ip', 'link', 'set', 'eth0', 'mtu', '5000');
    await lab.set(lan, setTo([`${a.name}:eth0`], { state: 'down' }));
    assert.equal((await lab.node('b').link('eth0'))?.mtu, 5000);
    assert.equal((await a.link('eth0'))?.mtu, 5000);
    await a.exec('ip', 'link', 'add', 'own0', 'type', 'veth', 'peer', 'name', 'own1');
    await assert.rejects(lab.set(lan, setTo([`${a.name}:own0`], { state: 'down' })), { code: 'E_NODE_MISSING' });
    await lab.reset(lan, [`${a.name}:eth0`]);
    assert.equal((await lab.node('b').link('eth0'))?.mtu, 5000);
  });
});
