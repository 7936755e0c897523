/** Wires that the configuration impairs: probes wait for them and are repeated. Where the kernel has no netem, such links are missing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { faultsOf, proofOf } from '../../support/proof/read.ts';
import { kernelHasNetem } from '../traffic/impaired.ts';

describe('impaired wires', { timeout: 240_000, ...needs('root', 'program:ip', 'program:tc') }, () => {
  const lab = testLab('netns', 'i');
  const link = (letter: string, dev: string, bridge: string, more: object = {}) => ({
    ...{ netns: lab.node(letter).name, dev, bridge, mtu: 9000 },
    ...more,
  });
  const configuration = {
    bridges: ['slow', 'lossy', 'narrow', 'dead'].map((bridge) => ({ bridge, mode: 'direct' })),
    links: [
      ...[link('a', 'slow', 'slow', { impair: { delay: '120ms', jitter: '10ms' } }), link('b', 'slow', 'slow')],
      ...[link('a', 'lossy', 'lossy', { impair: { loss: '40%', corrupt: '10%' } }), link('b', 'lossy', 'lossy')],
      ...[link('a', 'narrow', 'narrow', { impair: { rate: '100kbit' } }), link('b', 'narrow', 'narrow')],
      ...[link('a', 'dead', 'dead', { impair: { loss: '100%' } }), link('b', 'dead', 'dead')],
    ],
  };
  before(() => lab.up(configuration));
  after(() => lab.down());

  it('are proved in spite of delay, loss, damage and a rate', async () => {
    const proof = await lab.verify(configuration);
    if (!kernelHasNetem()) {
      assert.equal(faultsOf(proof)['a:slow'], 'missing');
      return;
    }
    assert.deepEqual(
      faultsOf(proof),
      { 'a:dead': 'not-proved', 'b:dead': 'not-proved' },
      JSON.stringify(proof, null, 1),
    );
    const { latencyNs } = proofOf(proof, 'a:slow');
    assert.ok((latencyNs.out ?? 0) > 60e6 && (latencyNs.in ?? 0) < 60e6, JSON.stringify(latencyNs));
    assert.equal(proofOf(proof, 'a:lossy').mtuBytes, 9000);
    assert.deepEqual([proofOf(proof, 'a:narrow').mtuBytes, proofOf(proof, 'b:narrow').mtuBytes], [null, 9000]);
    assert.match(proofOf(proof, 'b:dead').message ?? '', /a:dead, which it is tied to, is not probed/);
  });

  it('are found at fault where nothing passes', async () => {
    if (!kernelHasNetem()) {
      assert.equal(faultsOf(await lab.verify(configuration))['a:lossy'], 'missing');
      return;
    }
    await lab.node('b').exec('tc', 'qdisc', 'add', 'dev', 'lossy', 'ingress');
    await lab
      .node('b')
      .exec(
        ...(['tc', 'filter', 'add', 'dev', 'lossy', 'parent', 'ffff:', 'protocol', 'all', 'u32'] as const),
        ...(['match', 'u32', '0', '0', 'action', 'drop'] as const),
      );
    const faults = faultsOf(await lab.verify(configuration));
    assert.deepEqual([faults['a:lossy'], faults['b:lossy']], ['one-way', 'one-way']);
  });
});
