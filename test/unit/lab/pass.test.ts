/** One pass over a lab, or over some nodes of it, on a kernel in memory. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event } from '../../../src/events.ts';
import { type Pass, pass, type Scope, WHOLE_LAB } from '../../../src/lab/pass.ts';
import { reconcile } from '../../../src/lab/pipeline.ts';
import type { Io } from '../../../src/lab/request.ts';
import { Tally } from '../../../src/lab/tally.ts';
import { subjectText } from '../../../src/subject.ts';
import type { Container, LinkSpec } from '../../../src/topology/topology.ts';
import type { Wish } from '../../support/model/link-specs.ts';
import { bridge, container, link, netns, service, topology } from '../topology/specs.ts';
import { type Stage, stageOf, wire } from './sessions.ts';

const SILENT: Io = { emit: () => {}, signal: null };

const THREE = topology([wire(netns('a'), 1), wire(netns('b'), 2), wire(netns('c'), 3, 't')]);
const MIXED = topology([wire(netns('a'), 1), wire(container('x'), 2), wire(container('y'), 3, 't')]);

function over(...containers: readonly Container[]): Scope {
  return { nodes: { containers: new Set(containers.map(({ id }) => id)), netns: new Set() } };
}

function overNetns(...names: readonly string[]): Scope {
  return { nodes: { containers: new Set(), netns: new Set(names) } };
}

function made({ plan }: Pick<Pass, 'plan'>): readonly string[] {
  return plan.links.flatMap(({ link, verdict }) => (verdict === 'unchanged' ? [] : [`${verdict} ${link}`]));
}

async function opsLeft({ session }: Stage): Promise<number> {
  return (await pass(session, WHOLE_LAB, SILENT.emit)).plan.ops.length;
}

describe('a pass over the whole lab', () => {
  test('finds all that is missing, and nothing once it was carried out', async () => {
    const stage = stageOf(THREE);
    const first = await reconcile(stage.session, WHOLE_LAB, SILENT);
    assert.deepEqual(made(first), ['create a:eth0', 'create b:eth0', 'create c:eth0']);
    assert.deepEqual([...first.execution.failed], []);
    assert.equal(await opsLeft(stage), 0);
  });

  test('looks once at each namespace that is there, and changes nothing by itself', async () => {
    const stage = stageOf(THREE);
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    stage.asked();
    await pass(stage.session, WHOLE_LAB, SILENT.emit);
    assert.deepEqual(stage.asked(), ['dump netns/linkloom-lab netns/a netns/b netns/c', 'scan']);
  });

  test('removes what nothing wants any more', async () => {
    const stage = stageOf(THREE);
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    const fewer = { ...THREE, links: THREE.links.slice(0, 2) };
    const { session } = stageOf(fewer);
    const { plan } = await pass(Object.assign(session, { workers: stage.workers }), WHOLE_LAB, SILENT.emit);
    assert.deepEqual(plan.removed, ['c:eth0']);
  });

  test('tells its stages, in order', async () => {
    const stages: string[] = [];
    const emit = (event: Event): void => {
      if (event.type === 'stage') stages.push(`${event.stage} ${event.state}`);
    };
    await reconcile(stageOf(THREE).session, WHOLE_LAB, { ...SILENT, emit });
    assert.deepEqual(stages, [
      ...['observe begin', 'observe end', 'plan begin', 'plan end'],
      ...['apply begin', 'carriers begin', 'carriers end', 'apply end'],
    ]);
  });

  test('counters are read where they are wanted', async () => {
    const stage = stageOf(THREE);
    await pass(stage.session, { ...WHOLE_LAB, counters: true }, SILENT.emit);
    const dumps = stage.workers.sent.flatMap((task) => (task.task === 'dump' ? [task.wants.counters] : []));
    assert.ok(dumps.every((counters) => counters));
  });

  test('refuses a configuration that can’t be, and carries nothing out', async () => {
    const twice = topology([wire(netns('a'), 1), wire(netns('a'), 2)]);
    const stage = stageOf(twice);
    await assert.rejects(reconcile(stage.session, WHOLE_LAB, SILENT), { code: 'E_CLASH' });
    assert.deepEqual(stage.workers.ops, []);
  });
});

describe('why a link is refused', () => {
  const parent = { base: 'host', outerDev: 'up0' } as const;
  const on = (dev: string, more: Wish): LinkSpec => link(container('x'), { dev, ...parent, ...more });
  const faults: Readonly<Record<string, readonly LinkSpec[]>> = {
    'a device twice': [wire(container('x'), 1), wire(container('x'), 2)],
    'a multicast MAC': [link(container('x'), { mac: '01:00:5e:00:00:01' })],
    'an outer end twice': ['x', 'y'].map((name) => link(container(name), { outerDev: 'out0' })),
    'a VLAN id twice': ['eth0', 'eth1'].map((dev) => on(dev, { type: 'vlan', vlanId: 5 })),
    'macvlan and ipvlan': [on('eth0', { type: 'macvlan' }), on('eth1', { type: 'ipvlan' })],
    'two modes': [on('eth0', { type: 'ipvlan', mode: 'l2' }), on('eth1', { type: 'ipvlan', mode: 'l3' })],
    'a parent that is taken whole': [
      on('eth0', { type: 'macvlan' }),
      on('eth1', { type: 'macvlan', mode: 'passthru' }),
    ],
    'a parent of itself': [on('eth0', { type: 'vlan', vlanId: 5, base: 'local', outerDev: 'eth0' })],
  };
  for (const [name, links] of Object.entries(faults)) {
    test(`${name}: its name is said once`, async () => {
      const stage = stageOf(topology(links));
      for (const container of ['x', 'y']) stage.start(container);
      const { failures } = (await pass(stage.session, WHOLE_LAB, SILENT.emit)).plan;
      assert.notEqual(failures.length, 0);
      for (const { subject, message } of failures) {
        assert.ok(!message.includes(subjectText(subject)), `${subjectText(subject)}: ${message}`);
      }
    });
  }
});

describe('a pass over some nodes', () => {
  test('looks at these nodes and their bridges’ namespace alone, and plans nothing else', async () => {
    const stage = stageOf(MIXED);
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    const x = stage.start('x');
    stage.start('y');
    stage.asked();
    const found = await pass(stage.session, over(x), SILENT.emit);
    assert.deepEqual([found.isWhole, made(found)], [false, ['create x:eth0']]);
    assert.deepEqual(stage.asked(), [`dump netns/linkloom-lab pid/${x.pid}`]);
  });

  test('one follows another, and all of them make the lab whole', async () => {
    const stage = stageOf(MIXED);
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    for (const name of ['x', 'y']) await reconcile(stage.session, over(stage.start(name)), SILENT);
    assert.equal(await opsLeft(stage), 0);
  });

  test('is of named namespaces too, and leaves drift elsewhere alone', async () => {
    const stage = stageOf(THREE);
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    for (const name of ['a', 'b'] as const) stage.kernel.deleteDevice(`netns/${name}`, 'eth0');
    assert.deepEqual(made(await reconcile(stage.session, overNetns('a'), SILENT)), ['create a:eth0']);
    assert.deepEqual(made(await pass(stage.session, WHOLE_LAB, SILENT.emit)), ['create b:eth0']);
  });

  test('has the other end of a wire with it', async () => {
    const links = [wire(container('x'), 1, 'w'), wire(container('y'), 2, 'w'), wire(container('z'), 3)];
    const stage = stageOf(topology(links, { bridges: [bridge('w', 'direct'), bridge('s')] }));
    const containers = ['x', 'y', 'z'].map((name) => stage.start(name));
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    stage.kernel.deleteDevice(`pid/${containers[1]?.pid ?? 0}`, 'eth0');
    const found = await pass(stage.session, over(containers[0] as Container), SILENT.emit);
    assert.deepEqual(
      found.plan.links.map(({ link, verdict }) => `${verdict} ${link}`),
      ['create x:eth0', 'create y:eth0'],
    );
  });

  test('is over the whole lab where none was before, and where a part does not show all', async () => {
    const stage = stageOf(MIXED);
    const x = stage.start('x');
    assert.equal((await pass(stage.session, over(x), SILENT.emit)).isWhole, true);
    assert.equal((await pass(stage.session, over(x), SILENT.emit)).isWhole, false);
    const namesake = stage.start('a');
    assert.equal((await pass(stage.session, over(namesake), SILENT.emit)).isWhole, true);
  });

  test('takes away what an ended container left on the switch side, before it is linked anew', async () => {
    const stage = stageOf(MIXED);
    const before = stage.start('x');
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    const port = stage.kernel.dumps().flatMap(({ links }) => links.filter(({ ifname }) => ifname === 'x-eth0'))[0];
    stage.stop(before);
    stage.kernel.addDevice('netns/linkloom-lab', 'x-eth0', port);
    const now = stage.start('x');
    const { plan } = await pass(stage.session, { ...over(now), ended: [before] }, SILENT.emit);
    assert.deepEqual([plan.ops[0]?.op, plan.ops[0]?.cause], ['link.del', 'its node has ended']);
  });

  test('does not ask the engines where the containers are known', async () => {
    const stage = stageOf(MIXED);
    await pass(stage.session, WHOLE_LAB, SILENT.emit);
    const x = stage.start('x');
    stage.engine.goDown();
    assert.deepEqual(made(await pass(stage.session, { ...over(x), containers: [x] }, SILENT.emit)), ['create x:eth0']);
  });
});

test('a pass without looking asks nobody, and plans against an empty kernel', async () => {
  const stage = stageOf(THREE);
  await reconcile(stage.session, WHOLE_LAB, SILENT);
  stage.asked();
  const found = await pass(stage.session, { ...WHOLE_LAB, containers: [], offline: true }, SILENT.emit);
  assert.deepEqual(made(found), ['create a:eth0', 'create b:eth0', 'create c:eth0']);
  assert.deepEqual(stage.asked(), []);
});

describe('a plan that turns on what is not looked at otherwise', () => {
  /** Another MTU may take along what others added: that is looked at only where it may. */
  function changed(): Stage {
    const stage = stageOf(THREE);
    stage.workers.answers.dump = ({ namespaces, wants }) => ({
      dumps: stage.kernel.dumps().flatMap((dump) => {
        if (!namespaces.includes(dump.ns)) return [];
        return [wants.others ? { ...dump, others: [] } : dump];
      }),
    });
    return stage;
  }

  test('is made after a closer look, at the namespaces in doubt alone', async () => {
    const stage = changed();
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    stage.kernel.meddle('netns/b', 'eth0', { mtuBytes: 9000 });
    stage.asked();
    const { plan } = await pass(stage.session, WHOLE_LAB, SILENT.emit);
    assert.equal(plan.doubts, null);
    assert.deepEqual(stage.asked().slice(2), ['dump netns/b']);
  });
});

describe('a pass that is made again', () => {
  test('after a worker has died: all counts as made by this run', async () => {
    const stage = stageOf(THREE);
    let tasks = 0;
    stage.workers.beforeTask = ({ task }) => {
      if (task === 'apply' && ++tasks === 3) throw new Error('worker exited');
      return undefined;
    };
    const told: string[] = [];
    const emit = (event: Event): void => {
      if (event.type === 'diagnostic') told.push(event.diagnostic.message);
    };
    const tally = new Tally(stage.session);
    tally.add(await reconcile(stage.session, WHOLE_LAB, { ...SILENT, emit }));
    const { created, failed, unchanged } = tally.summary.links;
    assert.deepEqual([created, failed, unchanged], [3, 0, 0]);
    assert.deepEqual(told, ['a worker died (worker exited): looking and planning again']);
    assert.equal(await opsLeft(stage), 0);
  });

  test('looks at its own nodes alone', async () => {
    const stage = stageOf(MIXED);
    await reconcile(stage.session, WHOLE_LAB, SILENT);
    const x = stage.start('x');
    stage.workers.beforeTask = ({ task }) => {
      if (task !== 'apply') return undefined;
      stage.workers.beforeTask = () => undefined;
      throw new Error('worker exited');
    };
    stage.asked();
    await reconcile(stage.session, over(x), SILENT);
    const looks = stage.asked().filter((task) => task.startsWith('dump'));
    assert.deepEqual(looks, [`dump netns/linkloom-lab pid/${x.pid}`, `dump netns/linkloom-lab pid/${x.pid}`]);
    assert.equal(await opsLeft(stage), 0);
  });
});

describe('the sum of several passes', () => {
  test('counts each link once, as made by whichever pass made it', async () => {
    const stage = stageOf(MIXED);
    const tally = new Tally(stage.session);
    tally.add(await reconcile(stage.session, WHOLE_LAB, SILENT));
    assert.deepEqual(
      tally.pending.map(({ subject }) => subjectText(subject)),
      ['x', 'y'],
    );
    for (const name of ['x', 'y']) tally.add(await reconcile(stage.session, over(stage.start(name)), SILENT));
    tally.add(await reconcile(stage.session, WHOLE_LAB, SILENT));
    const { desired, created, unchanged, pending, failed } = tally.summary.links;
    assert.deepEqual([desired, created, unchanged, pending, failed], [3, 3, 0, 0, 0]);
  });

  test('counts what failed until a later pass has made it', async () => {
    const stage = stageOf(topology([wire(netns('a'), 1), wire(service('web'), 2)]));
    const tally = new Tally(stage.session);
    stage.workers.beforeOp = (op) => (op.op === 'link.add' ? { call: 'RTM_NEWLINK', errnoName: 'EPERM' } : undefined);
    tally.add(await reconcile(stage.session, WHOLE_LAB, SILENT));
    assert.deepEqual([tally.summary.links.failed, tally.summary.failures.length], [1, 1]);
    assert.deepEqual(
      [
        tally.summary.links.desired,
        tally.summary.links.pending,
        tally.pending.map(({ subject }) => subjectText(subject)),
      ],
      [2, 1, ['web']],
    );
    stage.workers.beforeOp = () => undefined;
    tally.add(await reconcile(stage.session, overNetns('a'), SILENT));
    assert.deepEqual([tally.summary.links.created, tally.summary.links.failed, tally.summary.failures], [1, 0, []]);
  });
});
