/** How ops find their devices, and what that decides. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jobsOf, type Phase } from '../../../src/plan/jobs.ts';
import { NOTHING_OBSERVED } from '../../../src/plan/observed.ts';
import { type DeviceRef, MADE } from '../../../src/wire/device-ref.ts';
import type { Op } from '../../../src/wire/op.ts';
import type { LinkSet } from '../../../src/wire/ops/links.ts';
import { bringUp } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const UNCHANGED = { mac: null, mtuBytes: null, up: null, alias: null, group: null, numbers: {}, txChecksumOff: false };

function phaseOf(op: Op): Phase | undefined {
  return [...jobsOf([op], NOTHING_OBSERVED).keys()][0];
}

function set(ifindex: DeviceRef): LinkSet {
  return {
    ...{ op: 'link.set', ns: 'netns/a', link: 'a:eth0', cause: 'test', dev: 'eth0', ifindex, settings: UNCHANGED },
    ...{ addAddresses: [], addRoutes: [], data: null },
  };
}

const WANTED: readonly Wanted[] = [
  { node: 'a', dev: 'eth0', bridge: 's0', netem: 'delay 5ms', routes: ['10.9.0.0/16 dev eth1'] },
  { node: 'a', dev: 'eth1', bridge: 'd0', addresses: ['10.0.0.1/24'] },
  { node: 'b', dev: 'eth1', bridge: 'd0', addresses: ['10.0.0.2/24'] },
];

function planned(kernel: ModelKernel, mtuBytes: number): readonly string[] {
  const network = networkOf(
    'lab',
    WANTED.map((one) => ({ ...one, mtuBytes })),
    { d0: 'direct' },
  );
  const { ops } = bringUp(network, kernel);
  return ops.flatMap((op) =>
    'ifindex' in op && !op.op.endsWith('.add') ? [`${op.op} ${describeRef(op.ifindex)}`] : [],
  );
}

function describeRef(ifindex: DeviceRef | null): string {
  return typeof ifindex === 'number' && ifindex > 0 ? 'seen' : String(ifindex);
}

describe('the device of an op', () => {
  it('is changed with the links if it was seen, and after all of them if the plan makes it', () => {
    assert.equal(phaseOf(set(7)), 'links');
    assert.equal(phaseOf(set(MADE)), 'finish');
  });

  it('is made by the plan the first time, and was seen the second time', () => {
    const kernel = new ModelKernel();
    assert.deepEqual(
      new Set(planned(kernel, 9000)),
      new Set(['port.attach made', 'link.set made', 'qdisc.netem made']),
    );
    assert.deepEqual(new Set(planned(kernel, 1500)), new Set(['link.set seen', 'port.attach seen']));
  });
});
