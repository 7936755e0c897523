/** What is told of each link by passes over a lab, and by the daemon's, on a kernel in memory. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LabReconciler } from '../../../src/daemon/lab-reconciler.ts';
import { CommandRuns } from '../../../src/lab/commands/runs.ts';
import { WHOLE_LAB } from '../../../src/lab/pass.ts';
import { reconcile } from '../../../src/lab/pipeline.ts';
import { linkText } from '../../../src/report/links.ts';
import type { Container } from '../../../src/topology/topology.ts';
import { LinkMachine } from '../../support/model/link-machine.ts';
import { container, netns, topology } from '../topology/specs.ts';
import { type Stage, stageOf, wire } from './sessions.ts';

const THREE = topology([wire(netns('a'), 1), wire(netns('b'), 2), wire(netns('c'), 3, 't')]);
const MIXED = topology([wire(netns('a'), 1), wire(container('x'), 2), wire(container('y'), 3, 't')]);

function each(links: readonly string[], steps: string): Readonly<Record<string, string>> {
  return Object.fromEntries(links.map((link) => [link, steps]));
}

describe('a pass', () => {
  test('tells each link that it wants once, those of nodes that do not run too', async () => {
    const { session, start } = stageOf(MIXED);
    start('x');
    const links = new LinkMachine();
    await reconcile(session, WHOLE_LAB, { emit: () => {}, signal: null, links });
    assert.deepEqual(links.endOfPass(), {
      ...each(['a:eth0', 'x:eth0'], 'wanted begun made'),
      'y:eth0': 'wanted waits',
    });
    await reconcile(session, WHOLE_LAB, { emit: () => {}, signal: null, links });
    assert.deepEqual(links.endOfPass(), { ...each(['a:eth0', 'x:eth0'], 'wanted'), 'y:eth0': 'wanted waits' });
  });

  test('tells why, and by which reading of the configuration', async () => {
    const links = new LinkMachine();
    await reconcile(stageOf(THREE).session, WHOLE_LAB, { emit: () => {}, signal: null, links });
    const made = links.events.filter(({ type }) => type === 'made');
    assert.deepEqual(
      made.map(({ subject, cause, revision }) => [subject, cause, revision]),
      ['a', 'b', 'c'].map((node) => [{ kind: 'link', node, dev: 'eth0' }, 'missing', 1]),
    );
  });

  test('tells that a link which does not carry has failed, after it was made', async () => {
    const { session, workers } = stageOf(THREE);
    workers.answers.carriers = ({ ends }) => ({
      down: ends.flatMap(({ ns, devs }) => devs.map((dev) => ({ ns, dev }))),
    });
    const stop = new AbortController();
    workers.beforeTask = ({ task }) => {
      if (task === 'carriers') stop.abort();
      return undefined;
    };
    const links = new LinkMachine();
    const { execution } = await reconcile(session, WHOLE_LAB, { emit: () => {}, signal: stop.signal, links });
    assert.deepEqual([...execution.failed].sort(), ['a:eth0', 'b:eth0', 'c:eth0']);
    assert.deepEqual(links.endOfPass(), each(['a:eth0', 'b:eth0', 'c:eth0'], 'wanted begun made failed'));
  });
});

describe('the daemon', () => {
  interface Daemon {
    readonly stage: Stage;
    readonly links: LinkMachine;
    /** A pass; what was told of each link in it. */
    reconcile(containers: readonly Container[], gone?: readonly Container[]): Promise<Readonly<Record<string, string>>>;
  }

  async function withDaemon(wanted: Parameters<typeof stageOf>[0], work: (daemon: Daemon) => Promise<void>) {
    const stage = stageOf(wanted);
    const links = new LinkMachine();
    await using runs = await CommandRuns.open({ emit: () => {}, lab: null, tell: 'warning' });
    const options = { emit: () => {}, links, runs, rerunCommands: false, remove: async () => {} };
    await using reconciler = new LabReconciler(stage.session, options);
    const { signal } = new AbortController();
    const onePass: Daemon['reconcile'] = async (containers, gone = []) => {
      await reconciler.reconcile({ scope: 'all', containers, gone, paused: new Set(), signal });
      return links.endOfPass();
    };
    await work({ stage, links, reconcile: onePass });
  }

  test('tells drift before it mends it, and that it is mended after it was changed', async () => {
    await withDaemon(THREE, async ({ stage, reconcile }) => {
      assert.deepEqual(await reconcile([]), each(['a:eth0', 'b:eth0', 'c:eth0'], 'wanted begun made'));
      stage.kernel.meddle('netns/b', 'eth0', { mtuBytes: 1300 });
      assert.deepEqual(await reconcile([]), {
        ...each(['a:eth0', 'c:eth0'], 'wanted'),
        'b:eth0': 'wanted drifted begun changed mended',
      });
    });
  });

  test('tells drift that it can’t mend as failed, and as mended once it can', async () => {
    await withDaemon(THREE, async ({ stage, reconcile }) => {
      await reconcile([]);
      stage.kernel.meddle('netns/b', 'eth0', { mtuBytes: 1300 });
      stage.workers.beforeOp = () => ({ call: 'RTM_NEWLINK', errnoName: 'EPERM' });
      assert.equal((await reconcile([]))['b:eth0'], 'wanted drifted begun failed');
      stage.workers.beforeOp = () => undefined;
      assert.equal((await reconcile([]))['b:eth0'], 'wanted begun changed mended');
      assert.equal((await reconcile([]))['b:eth0'], 'wanted');
    });
  });

  test('tells of a container that ends that its link is gone, and of the next that it is made', async () => {
    await withDaemon(MIXED, async ({ stage, links, reconcile }) => {
      const first = stage.start('x');
      await reconcile([first]);
      stage.stop(first);
      const second = stage.start('x');
      const said: string[] = [];
      const told = links.events;
      const { push } = told;
      told.push = (...events) => {
        said.push(...events.map(linkText).filter((text) => text !== ''));
        return push.apply(told, events);
      };
      assert.equal((await reconcile([second], [first]))['x:eth0'], 'removed wanted begun made');
      assert.deepEqual(said, [
        'Deleting veth link x:eth0 (IP 10.0.0.2/24) <-> x-eth0 (bridge s)\n',
        'Creating veth link x:eth0 (IP 10.0.0.2/24) <-> x-eth0 (bridge s)\n',
      ]);
    });
  });
});
