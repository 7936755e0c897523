import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pending } from '../../../src/events.ts';
import { notLookedFor, notRunning, pendingOf } from '../../../src/plan/pending/pending.ts';
import { pendingFailures, waitingFor } from '../../../src/plan/pending/text.ts';
import { linkSubject, subjectText } from '../../../src/subject.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { bringUp, opLines, planOn } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const A: Wanted = { node: 'a', dev: 'eth0', bridge: 'w' };
const B: Wanted = { node: 'b', dev: 'eth0', bridge: 'w' };
const VLAN: Wanted = { node: 'a', dev: 'v5', type: 'vlan', vlanId: 5, parent: { dev: 'eth0', base: 'local' } };

const direct = (...links: readonly Wanted[]): Network => networkOf(LAB, links, { w: 'direct' });
const patch = (...links: readonly Wanted[]): Network => networkOf(LAB, links, { w: 'patch' });

/** The same network where the node of the last link does not run. */
function withoutLast(network: Network): Network {
  const missing = network.links.at(-1);
  if (missing === undefined) throw new Error('no link');
  const selector = { kind: 'service', name: missing.node.name } as const;
  return {
    ...network,
    nodes: network.nodes.filter((node) => node !== missing.node),
    links: network.links.slice(0, -1),
    pending: [{ selector, links: [missing.spec] }],
  };
}

function verdicts(network: Network, kernel = new ModelKernel()): string[] {
  return planOn(network, kernel).plan.links.map(({ link, verdict, cause }) =>
    [link, verdict, cause ?? []].flat().join(' '),
  );
}

describe('a link that waits', () => {
  it('names the other end of its wire that is described, and says where none is', () => {
    for (const wire of [direct, patch]) {
      assert.deepEqual(verdicts(wire(A)), ['a:eth0 waits waits for its other end: no other link is tied to bridge w']);
      assert.deepEqual(verdicts(withoutLast(wire(A, B))), ['a:eth0 waits waits for its other end b:eth0']);
    }
  });

  it('waits still when all is made that can be, and no more once the other end is there', () => {
    for (const wire of [direct, patch]) {
      const kernel = new ModelKernel();
      bringUp(wire(A), kernel);
      const again = planOn(wire(A), kernel).plan;
      assert.deepEqual(again.ops, []);
      assert.deepEqual(
        again.links.map(({ verdict }) => verdict),
        ['waits'],
      );
      bringUp(wire(A, B), kernel);
      assert.deepEqual(verdicts(wire(A, B), kernel), ['a:eth0 unchanged', 'b:eth0 unchanged']);
    }
  });

  it('of mode patch is made, and its other differences are told', () => {
    const kernel = new ModelKernel();
    bringUp(patch(A), kernel);
    const wider = patch({ ...A, mtuBytes: 1400 });
    assert.match(verdicts(wider, kernel)[0] ?? '', /^a:eth0 waits mtu .*1400.*, waits for its other end/);
    assert.ok(opLines(planOn(wider, kernel).plan.ops).some((line) => line.startsWith('link.set netns/a eth0')));
  });

  it('waits for its parent, however high the stack', () => {
    const upper: Wanted = { ...VLAN, dev: 'v6', vlanId: 6, parent: { dev: 'v5', base: 'local' } };
    assert.deepEqual(verdicts(direct(A, VLAN, upper)).slice(1), [
      'a:v5 waits waits for its parent a:eth0',
      'a:v6 waits waits for its parent a:v5',
    ]);
    assert.deepEqual(
      verdicts(patch(A, VLAN))[0],
      'a:eth0 waits waits for its other end: no other link is tied to bridge w',
    );
    assert.match(verdicts(patch(A, VLAN))[1] ?? '', /^a:v5 create/);
  });

  it('does not wait where a foreign device has its name: that is a failure', () => {
    const kernel = new ModelKernel();
    kernel.makeNamespace('netns/a');
    kernel.apply([{ ...firstAdd(direct(A, B)), settings: { ...firstAdd(direct(A, B)).settings, group: 0 } }]);
    const { plan } = planOn(direct(A), kernel);
    assert.deepEqual(
      plan.links.map(({ verdict }) => verdict),
      ['blocked'],
    );
    assert.deepEqual(
      plan.failures.map(({ code }) => code),
      ['E_FOREIGN_DEVICE'],
    );
  });
});

function firstAdd(network: Network) {
  const add = planOn(network, new ModelKernel()).plan.ops.find(({ op }) => op === 'link.add');
  if (add?.op !== 'link.add') throw new Error('no link.add');
  return { ...add, make: { type: 'dummy' as const } };
}

describe('what is pending', () => {
  const network = withoutLast(direct(A, B));
  const { plan } = planOn(network, new ModelKernel());

  it('is each node that does not run, with its links, and each link that waits', () => {
    assert.deepEqual(pendingOf(network, plan, notRunning({ project: 'shop', workingDir: null })), [
      {
        subject: { kind: 'node', name: 'b' },
        links: ['b:eth0'],
        why: 'no container of service b runs in the compose project shop',
      },
      { subject: linkSubject('a:eth0'), links: ['a:eth0'], why: 'waits for its other end b:eth0' },
    ]);
    const [offline] = pendingOf(network, plan, notLookedFor);
    assert.equal(offline?.why, 'service b is left out: without an engine only network namespaces are planned');
  });

  it('is not what failed', () => {
    const pending = pendingOf(network, plan, notRunning(null), new Set(['a:eth0']));
    assert.deepEqual(
      pending.map(({ subject }) => subjectText(subject)),
      ['b'],
    );
  });

  it('is told in a line each, the last with what to do, and past a hundred counted', () => {
    const node = (name: string, ...links: string[]): Pending => ({
      subject: { kind: 'node', name },
      links,
      why: 'it is off',
    });
    const failures = pendingFailures([node('a', 'a:eth0'), node('b', 'b:eth0', 'b:eth1'), node('c')]);
    assert.deepEqual(
      failures.map(({ subject, message }) => `${subjectText(subject)}: ${message}`),
      ['a: it is off; 1 link waits: a:eth0', 'b: it is off; 2 links wait: b:eth0, b:eth1', 'c: it is off'],
    );
    assert.deepEqual(
      failures.map(({ hint }) => hint !== undefined),
      [false, false, true],
    );
    const many = pendingFailures(Array.from({ length: 150 }, (_, at) => node(`n${at}`)));
    assert.equal(many.length, 100);
    assert.match(many.at(-1)?.message ?? '', /; and 50 more$/);
    const line = waitingFor([
      node('a'),
      { subject: linkSubject('d:eth0'), links: ['d:eth0'], why: 'waits for its parent d:x' },
    ]);
    assert.equal(line, 'waiting for a, d:eth0 (it waits for its parent d:x)');
  });
});
