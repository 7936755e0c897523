/** What is told of each link while passes are carried out, whatever becomes of them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execute } from '../../../src/engine/execute.ts';
import { LinkEvents } from '../../../src/engine/links/link-events.ts';
import type { LinkStep } from '../../../src/events.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { LinkMachine } from '../../support/model/link-machine.ts';
import { planOn } from '../../support/model/planning.ts';
import type { MemoryWorkers } from '../../support/model/workers.ts';
import { networkOf } from '../../support/networks.ts';
import { assertWhole, DIRECT, newWorkers, THREE } from './running.ts';

const NOTHING: Network = networkOf('lab', []);
const ABSENT = (): string => 'it does not run';

/** A pass as `lab/` makes it: after a crash, or after changes by others, planned once more. */
async function pass(workers: MemoryWorkers, network: Network, machine: LinkMachine, signal: AbortSignal | null = null) {
  const links = new LinkEvents(machine, network, 1);
  links.wanted();
  for (let tries = 1; ; tries++) {
    const { plan, observed } = planOn(network, workers.kernel);
    links.planned(plan);
    const onTrouble = tries === 1 ? 'leave' : 'fail';
    const options = { emit: () => {}, signal, links, onCrash: onTrouble, onChange: onTrouble } as const;
    const execution = await execute(plan, observed, workers, options);
    if (tries === 1 && execution.crashes.length + execution.changed.length > 0) continue;
    links.settled(plan, { ...execution, failures: [...plan.failures, ...execution.failures] }, ABSENT);
    return { execution, steps: machine.endOfPass() };
  }
}

function each(links: readonly string[], steps: string): Readonly<Record<string, string>> {
  return Object.fromEntries(links.map((link) => [link, steps]));
}

const OF_THREE = ['a:eth0', 'b:eth0', 'c:eth0'];

for (const size of [1, 2]) {
  describe(`with ${size} workers`, () => {
    for (const [name, network, links] of [
      ['links on a bridge', THREE, OF_THREE],
      ['a direct link', DIRECT, ['a:eth0', 'b:eth0']],
    ] as const) {
      test(`${name}: made, then nothing but wanted, then changed, then removed`, async () => {
        const workers = newWorkers(size);
        const machine = new LinkMachine();
        assert.deepEqual((await pass(workers, network, machine)).steps, each(links, 'wanted begun made'));
        assert.deepEqual((await pass(workers, network, machine)).steps, each(links, 'wanted'));
        const other = { ...network, links: network.links.map((link) => ({ ...link, addresses: ['10.7.0.1/24'] })) };
        assert.deepEqual((await pass(workers, other, machine)).steps, each(links, 'wanted begun changed'));
        assert.deepEqual(
          (await pass(workers, { ...NOTHING, lab: network.lab }, machine)).steps,
          each(links, 'begun removed'),
        );
      });
    }

    test('a refused operation, of each kind and of each link, is the end of that link alone', async () => {
      for (const kind of ['link.add', 'port.attach', 'link.set', 'netns.add', 'route.set', 'ip.add']) {
        for (const [network, node] of [THREE, DIRECT].flatMap((one) => [[one, 'a'] as const, [one, 'b'] as const])) {
          const workers = newWorkers(size);
          workers.beforeOp = (op) =>
            op.op === kind && (op.link === `${node}:eth0` || op.ns === `netns/${node}`) && op.cause !== 'undo'
              ? { call: 'RTM_NEWLINK', errnoName: 'EPERM', errno: 1 }
              : undefined;
          const { execution, steps } = await pass(workers, network, new LinkMachine());
          for (const [link, way] of Object.entries(steps)) {
            const end = execution.failed.has(link) ? 'failed' : 'made';
            assert.match(way, new RegExp(`^wanted (?:begun )?${end}$`), `${kind} ${link}`);
          }
        }
      }
    });

    for (const at of [0, 1, 2, 3]) {
      test(`a worker that dies over task ${at} costs no link an event, and none has one twice`, async () => {
        const workers = newWorkers(size);
        let number = 0;
        workers.beforeTask = ({ task }) => {
          if (task === 'apply' && number++ === at) throw new Error('worker exited');
          return undefined;
        };
        assert.deepEqual((await pass(workers, THREE, new LinkMachine())).steps, each(OF_THREE, 'wanted begun made'));
        assertWhole(workers, THREE);
      });
    }

    test('workers that die again and again are the end of what was begun', async () => {
      const workers = newWorkers(size);
      workers.beforeTask = ({ task }) => {
        if (task === 'apply') throw new Error('worker exited');
        return undefined;
      };
      const { steps } = await pass(workers, THREE, new LinkMachine());
      for (const link of OF_THREE) assert.match(steps[link] ?? '', /^wanted (?:begun )?failed$/);
    });

    test('an interruption, at each operation: what was made is told as made, and the rest waits', async () => {
      const whole = newWorkers(size);
      await pass(whole, THREE, new LinkMachine());
      for (let at = 0; at < whole.ops.length; at++) {
        const workers = newWorkers(size);
        const stop = new AbortController();
        workers.beforeOp = () => {
          if (workers.ops.length === at) stop.abort();
          return undefined;
        };
        const { execution, steps } = await pass(workers, THREE, new LinkMachine(), stop.signal);
        for (const link of OF_THREE) {
          const end = execution.skipped.has(link) ? 'waits' : 'made';
          assert.match(steps[link] ?? '', new RegExp(`^wanted (?:begun )?${end}$`), `at ${at}`);
        }
      }
    });
  });
}

test('a link whose other end is not there waits for it, and one of a node that does not run for that', async () => {
  const lone = { ...DIRECT, links: DIRECT.links.slice(0, 1) };
  const [first] = DIRECT.links;
  assert.ok(first);
  const pending = [{ selector: { kind: 'container', name: 'b' } as const, links: [first.spec] }];
  const machine = new LinkMachine();
  assert.deepEqual((await pass(newWorkers(), { ...lone, pending }, machine)).steps, {
    'a:eth0': 'wanted waits',
    'b:eth0': 'wanted waits',
  });
});

test('a device that can’t be deleted is not told as removed', async () => {
  const workers = newWorkers();
  await pass(workers, THREE, new LinkMachine());
  workers.beforeOp = ({ op }) =>
    op === 'netns.del' || op === 'link.del' ? { call: 'unlink', errnoName: 'EBUSY' } : undefined;
  const { steps } = await pass(workers, { ...NOTHING, lab: 'lab' }, new LinkMachine());
  assert.deepEqual(steps, each(OF_THREE, 'begun failed'));
});

test('a step that nobody hears is not made, and the others are the same', async () => {
  const heard: string[] = [];
  const hears: ReadonlySet<LinkStep> = new Set(['made']);
  const links = new LinkEvents({ hears, tell: ({ type }) => heard.push(type) }, THREE, null);
  const workers = newWorkers();
  const { plan, observed } = planOn(THREE, workers.kernel);
  links.wanted();
  links.planned(plan);
  const execution = await execute(plan, observed, workers, { emit: () => {}, signal: null, links });
  links.settled(plan, execution, ABSENT);
  assert.deepEqual(heard, ['made', 'made', 'made']);
});
