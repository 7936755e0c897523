/** What counts as drift, whom it concerns, and how soon it is repaired again. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DriftBackoff } from '../../../src/daemon/drift/backoff.ts';
import { DriftDetector } from '../../../src/daemon/drift/detector.ts';
import { concernOf, namespacesToHear } from '../../../src/daemon/drift/listening.ts';
import type { Execution } from '../../../src/engine/run.ts';
import type { Event, LinkEvent, LinkListener } from '../../../src/events.ts';
import { type NsId, namedNs } from '../../../src/net/ns-id.ts';
import type { Plan, PlannedLink, Verdict } from '../../../src/plan/plan.ts';
import { subjectText } from '../../../src/subject.ts';
import type { Container, Node } from '../../../src/topology/topology.ts';
import { until } from '../../support/daemon/fake-lab.ts';
import { networkOf } from '../../support/networks.ts';

const DONE: Execution = {
  failures: [],
  failed: new Set(),
  skipped: new Set(),
  failedNodes: new Set(),
  crashes: [],
  changed: [],
  applyMs: 0,
};

function planOf(verdicts: Readonly<Record<string, Verdict>>): Plan {
  const links = Object.entries(verdicts).map(
    ([link, verdict]): PlannedLink =>
      verdict === 'unchanged' ? { link, verdict, cause: null } : { link, verdict, cause: 'mtu 1 → 2' },
  );
  return { lab: 'l', ops: [], links, removed: [], orphans: [], failures: [], notes: [], overrides: [], doubts: null };
}

function collect(): { readonly emit: (event: Event) => void; readonly said: string[] } {
  const said: string[] = [];
  return { said, emit: (event) => void (event.type === 'contested' && said.push(event.what)) };
}

/** Hears of drift: the step, what it is about, and why. */
function listen(): { readonly listener: LinkListener; readonly heard: string[] } {
  const heard: string[] = [];
  const tell = ({ type, subject, cause }: LinkEvent): void => {
    heard.push(`${type} ${subjectText(subject)}: ${cause}`);
  };
  return { heard, listener: { hears: new Set(['drifted', 'mended']), tell } };
}

describe('DriftDetector', () => {
  const network = networkOf('l', [
    { node: 'a', dev: 'eth0', bridge: 's' },
    { node: 'b', dev: 'eth0', bridge: 's' },
  ]);

  it('tells what had been in order, and not what is made for the first time', () => {
    const { listener, heard } = listen();
    const detector = new DriftDetector(listener, 1);
    assert.equal(detector.record(network, planOf({ 'a:eth0': 'create', 'b:eth0': 'create' }), DONE).size, 0);
    const plan = planOf({ 'a:eth0': 'change', 'b:eth0': 'unchanged' });
    detector.foresee(network, plan);
    const drifted = detector.record(network, plan, DONE);
    assert.deepEqual([...drifted], [['a:eth0', null]]);
    assert.deepEqual(heard, ['drifted a:eth0: mtu 1 → 2', 'mended a:eth0: mtu 1 → 2']);
  });

  it('leaves what failed or is blocked to the failures, and forgets that it was in order', () => {
    const { listener, heard } = listen();
    const detector = new DriftDetector(listener, 1);
    detector.record(network, planOf({ 'a:eth0': 'create', 'b:eth0': 'create' }), DONE);
    const failed = { ...DONE, failed: new Set(['a:eth0']) };
    detector.record(network, planOf({ 'a:eth0': 'change', 'b:eth0': 'blocked' }), failed);
    assert.deepEqual(heard, []);
    const again = planOf({ 'a:eth0': 'change', 'b:eth0': 'change' });
    detector.foresee(network, again);
    assert.deepEqual(heard, []);
    assert.equal(detector.record(network, again, DONE).size, 0);
    assert.deepEqual(heard, ['mended a:eth0: mtu 1 → 2']);
  });

  it('takes no link for drifted whose node is another now', () => {
    const { listener, heard } = listen();
    const detector = new DriftDetector(listener, 1);
    detector.record(network, planOf({ 'a:eth0': 'create', 'b:eth0': 'create' }), DONE);
    const moved = network.links.map((link) => ({
      ...link,
      node: {
        kind: 'netns' as const,
        name: link.node.name,
        ns: namedNs('other'),
        id: null,
        service: null,
        index: 1 as const,
      },
    }));
    detector.record({ ...network, links: moved }, planOf({ 'a:eth0': 'create', 'b:eth0': 'create' }), DONE);
    assert.deepEqual(heard, []);
  });
});

describe('concernOf', () => {
  const container = (name: string, pid: number): Container => ({
    ...{
      id: `${name}-id`,
      name,
      pid,
      service: null,
      index: 1,
      project: null,
      workingDir: null,
      isOneOff: false,
      isPaused: false,
    },
  });
  const running = [container('c1', 11), container('c2', 12)];
  const shard: NsId = 'netns/linkloom-l';
  const namespace: Node = { kind: 'netns', name: 'n1', ns: 'netns/n1', id: null, service: null, index: 1 };
  const concern = (ns: NsId, alias = '') => {
    const scope = concernOf([{ ns, what: 'device', alias }], running, [namespace], [shard]);
    return scope === 'all' ? scope : [...scope];
  };

  it('finds the container by its namespace, or by the mark of its port', () => {
    assert.deepEqual(concern('pid/12'), ['c2-id']);
    assert.deepEqual(concern(shard, 'linkloom/1 l c1 eth0'), ['c1-id']);
  });

  it('looks at everything for a bridge, an unmarked port, a namespace; at nothing for containers that have ended', () => {
    assert.equal(concern(shard, 'linkloom/1 l %23bridge s'), 'all');
    assert.equal(concern(shard), 'all');
    assert.equal(concern('netns/n1'), 'all');
    assert.equal(concern(shard, 'linkloom/1 l n1 eth0'), 'all');
    assert.deepEqual(concern('pid/99'), []);
    assert.deepEqual(concern(shard, 'linkloom/1 l c9 eth0'), []);
  });

  it('listens to every namespace once, as a node where it is both', () => {
    assert.deepEqual(namespacesToHear(['pid/11', 'pid/11', 'self'], ['self']), [
      { ns: 'self', role: 'node' },
      { ns: 'pid/11', role: 'node' },
    ]);
  });
});

describe('DriftBackoff', () => {
  const drifted = new Map([['a:eth0', 'a-id']]);

  it('looks at once, until the same thing is repaired again and again; that one waits, and is looked at then', async () => {
    const looks: unknown[] = [];
    const { emit, said } = collect();
    using backoff = new DriftBackoff(
      { driftDelayMs: 0, retryMinMs: 40, retryMaxMs: 80 },
      (scope) => void looks.push(scope),
      emit,
    );
    backoff.noticed(new Set(['a-id']));
    backoff.repaired(drifted);
    assert.equal(backoff.paused().size, 0);
    backoff.noticed(new Set(['a-id']));
    assert.equal(looks.length, 2);
    backoff.repaired(drifted);
    assert.deepEqual([...backoff.paused()], ['a:eth0']);
    backoff.noticed(new Set(['a-id', 'b-id']));
    assert.deepEqual(looks.slice(2), [new Set(['b-id'])], 'another container does not wait');
    assert.equal(said.length, 1);
    backoff.postponed(backoff.paused());
    await until('looked', () => looks.length >= 5);
    assert.deepEqual(looks.slice(3), [new Set(['a-id']), new Set(['a-id'])]);
    assert.equal(backoff.paused().size, 0);
  });

  it('looks less often at whose links wait for another reason, and forgets what ended', async () => {
    const looks: unknown[] = [];
    const { emit } = collect();
    const timing = { driftDelayMs: 0, retryMinMs: 40, retryMaxMs: 80 };
    using backoff = new DriftBackoff(
      timing,
      (scope) => void looks.push(scope),
      emit,
      (owner) => owner === null,
    );
    for (let n = 0; n < 5; n++) backoff.noticed('all');
    assert.deepEqual(looks, []);
    await until('looked', () => looks.length > 0);
    assert.deepEqual(looks, ['all']);
    backoff.repaired(drifted);
    backoff.repaired(drifted);
    assert.equal(backoff.paused().size, 1);
    backoff.forget([
      {
        id: 'a-id',
        name: 'a',
        pid: 1,
        service: null,
        index: 1,
        project: null,
        workingDir: null,
        isOneOff: false,
        isPaused: false,
      },
    ]);
    assert.equal(backoff.paused().size, 0);
  });
});
