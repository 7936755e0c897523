/** What is in its pause is left as it is, with what can't be made without it; all else of a plan is carried out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { postpone } from '../../../src/daemon/drift/postpone.ts';
import { diff } from '../../../src/plan/diff.ts';
import { NOTHING_OBSERVED } from '../../../src/plan/observed.ts';
import { place } from '../../../src/plan/switch/placement.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { networkOf } from '../../support/networks.ts';

function postponedOf(network: Network, ...paused: readonly string[]) {
  const placement = place(network.lab, 'netns', network.bridges, network.links, NOTHING_OBSERVED);
  const plan = diff(network, NOTHING_OBSERVED, placement, { prune: false });
  const now = postpone(network, plan, new Set(paused));
  const made = now.plan.ops.flatMap((op) => (op.op === 'link.add' ? [op.link] : []));
  const blocked = now.plan.links.flatMap(({ link, verdict }) => (verdict === 'blocked' ? [link] : []));
  return {
    made,
    blocked,
    postponed: [...now.postponed].sort(),
    touched: new Set(now.plan.ops.map(({ link }) => link)),
  };
}

describe('postpone', () => {
  const lan = networkOf('l', [
    { node: 'a', dev: 'eth0', bridge: 's' },
    { node: 'b', dev: 'eth0', bridge: 's' },
    { node: 'b', dev: 'eth1', bridge: 't' },
  ]);

  it('leaves a plan alone where nothing is paused, or what is has nothing to do', () => {
    assert.deepEqual(postponedOf(lan).postponed, []);
    assert.deepEqual(postponedOf(lan, 'x:eth0', 'bridge x').made, ['a:eth0', 'b:eth0', 'b:eth1']);
  });

  it('leaves out a link with all its operations', () => {
    const { made, blocked, touched } = postponedOf(lan, 'a:eth0');
    assert.deepEqual([made, blocked], [['b:eth0', 'b:eth1'], ['a:eth0']]);
    assert.ok(!touched.has('a:eth0'));
  });

  it('leaves out the other end of a wire', () => {
    const wire = networkOf(
      'l',
      [
        { node: 'a', dev: 'eth0', bridge: 'w' },
        { node: 'b', dev: 'eth0', bridge: 'w' },
      ],
      { w: 'direct' },
    );
    for (const end of ['a:eth0', 'b:eth0']) {
      const { made, postponed: left, touched } = postponedOf(wire, end);
      assert.deepEqual([made, left], [[], ['a:eth0', 'b:eth0']]);
      assert.deepEqual([...touched], [null], 'the namespaces alone');
    }
  });

  it('leaves out what is on a bridge or in a namespace that is not made now', () => {
    assert.deepEqual(postponedOf(lan, 'bridge s').made, ['b:eth1']);
    assert.deepEqual(postponedOf(lan, 'netns b').made, ['a:eth0']);
    assert.deepEqual(postponedOf(lan, 'netns b').postponed, ['b:eth0', 'b:eth1', 'netns b']);
  });
});
