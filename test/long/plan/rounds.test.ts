/** The order of a plan of many direct wires. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Step, stepsOf } from '../../../src/plan/jobs.ts';
import { peerOf } from '../../../src/wire/make.ts';
import type { Op } from '../../../src/wire/op.ts';
import { bringUp, planOn } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

/** As many wires from each node to others as it says, each impaired at both ends; and one link on a bridge. */
function networkOfWires(nodes: number, wiresEach: number, spread: (node: number, wire: number) => number) {
  const wanted: Wanted[] = [{ node: 'n0', dev: 'lan', bridge: 'lan0' }];
  const modes: Record<string, 'direct'> = {};
  for (let wire = 0; wire < wiresEach; wire++) {
    for (let node = 0; node < nodes; node++) {
      const bridge = `w${node}-${wire}`;
      modes[bridge] = 'direct';
      const other = spread(node, wire) % nodes;
      wanted.push({ node: `n${node}`, dev: `a${wire}`, bridge, netem: 'delay 5ms' });
      wanted.push({ node: `n${other}`, dev: `b${node}-${wire}`, bridge, netem: 'delay 5ms' });
    }
  }
  return networkOf('lab', wanted, modes);
}

function opsOf(steps: readonly Step[]): readonly Op[] {
  return steps.flatMap(([, jobs]) => jobs.flatMap(({ ops }) => ops));
}

/** The most wires of which only one end is up, and whether every namespace is there before something is in it. */
function walk(ops: readonly Op[]): { readonly mostHalfMade: number; readonly namesFirst: boolean } {
  const [half, named] = [new Set<string>(), new Set<string>()];
  let [mostHalfMade, namesFirst] = [0, true];
  for (const op of ops) {
    if (op.op === 'netns.add') named.add(op.ns);
    else namesFirst &&= named.has(op.ns);
    const peer = op.op === 'link.add' ? peerOf(op) : null;
    if (peer) namesFirst &&= named.has(peer.ns);
    if (peer?.link) half.add(peer.link);
    if (op.op === 'link.set' && op.link !== null) half.delete(op.link);
    mostHalfMade = Math.max(mostHalfMade, half.size);
  }
  return { mostHalfMade, namesFirst };
}

const neighbour = (node: number, wire: number): number => node + wire + 1;

describe('many direct wires', () => {
  for (const [name, network] of Object.entries({
    'between neighbours': networkOfWires(300, 5, neighbour),
    'between nodes far from each other': networkOfWires(300, 5, (node, wire) => node * 37 + wire * 101 + 1),
    'into one node': networkOfWires(300, 5, () => 0),
  })) {
    it(`are raised in rounds: ${name}`, () => {
      const { plan, observed } = planOn(network, new ModelKernel());
      const steps = stepsOf(plan.ops, observed);
      const ops = opsOf(steps);
      assert.equal(new Set(ops).size, plan.ops.length);
      assert.equal(ops.length, plan.ops.length);
      assert.deepEqual(walk(ops), { mostHalfMade: 512, namesFirst: true });
      assert.deepEqual(
        steps.map(([phase]) => phase).filter((phase, at, all) => phase === 'impair' && all[at + 1] !== 'impair').length,
        3,
      );
    });
  }

  it('are impaired before they carry', () => {
    const { plan, observed } = planOn(networkOfWires(300, 5, neighbour), new ModelKernel());
    const up = new Set<string>();
    for (const op of opsOf(stepsOf(plan.ops, observed))) {
      if (op.op === 'link.set' && op.link !== null) up.add(op.link);
      if (op.op === 'qdisc.netem') assert.ok(!up.has(op.link ?? ''), `${op.link} is impaired too late`);
    }
  });

  it('become what the network says, whatever there was before', () => {
    const kernel = new ModelKernel();
    bringUp(networkOfWires(60, 2, neighbour), kernel);
    const whole = networkOfWires(60, 10, (node, wire) => node + wire + 2);
    bringUp(whole, kernel);
    assert.deepEqual(planOn(whole, kernel).plan.ops, []);
  });

  it('are one round where they are few', () => {
    const { plan, observed } = planOn(networkOfWires(100, 5, neighbour), new ModelKernel());
    const phases = stepsOf(plan.ops, observed).map(([phase]) => phase);
    assert.deepEqual(phases, [...new Set(phases)]);
  });
});
