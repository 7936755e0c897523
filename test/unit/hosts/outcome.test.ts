/** How far a host is with a lab, by what it tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recorded } from '../../../src/cluster/records.ts';
import type { LabState } from '../../../src/cluster/state.ts';
import { bytesOf, readHosts, stateKey } from '../../../src/cluster/states.ts';
import { type HostOutcome, outcomesOf } from '../../../src/hosts/verbs/outcome.ts';
import { carryOut } from '../../../src/hosts/verbs/up.ts';
import { FakeHosts, labOf } from '../../support/cluster/fake-hosts.ts';

const STATE: Omit<LabState, 'epoch' | 'rev'> = {
  ...{ phase: 'whole', deleted: false, desired: 2, created: 2, changed: 0, removed: 0, failed: 0 },
  ...{ failures: [], containers: [], held: null, ms: 1, at: '2026-01-01T00:00:00Z' },
};

const LAB = labOf('x', [['a1', 'a2']], { h1: { nodes: ['a*'] } });

/** The lab, which its only host has carried out and tells this of. */
async function telling(told: Partial<LabState>): Promise<{ readonly hosts: FakeHosts; readonly recorded: Recorded }> {
  const hosts = new FakeHosts();
  await hosts.live('h1');
  const recorded = await hosts.up(LAB);
  const { epoch, revision: rev } = recorded.identity;
  await hosts.store.write('state', stateKey('h1', 'x'), bytesOf({ ...STATE, epoch, rev, ...told }), 'any');
  return { hosts, recorded };
}

async function outcomeWith(told: Partial<LabState>): Promise<HostOutcome | undefined> {
  const { hosts, recorded } = await telling(told);
  using _hosts = hosts;
  return outcomesOf(recorded, await readHosts(hosts.store))[0];
}

test('a host whose links wait is not whole: nobody takes that for a success', async () => {
  const waiting = await outcomeWith({ pending: 2, waits: ['db: no container db runs', 'web: no container web runs'] });
  assert.deepEqual([waiting?.progress, waiting?.why], ['waits', '2 links wait; db: no container db runs']);
  assert.equal((await outcomeWith({ pending: 0, waits: [] }))?.progress, 'whole');
});

test('an older agent does not say whether links wait', async () => {
  assert.equal((await outcomeWith({}))?.progress, 'whole');
});

test('what has failed is said before what waits', async () => {
  const failures = [{ link: 'a1', code: 'E_ENGINE', message: 'no such image' }];
  const failed = await outcomeWith({ failures, pending: 1 });
  assert.deepEqual([failed?.progress, failed?.why], ['failed', 'no such image']);
});

test('up again writes the same once more where something has failed, so that the host tries again', async () => {
  for (const failed of [0, 1]) {
    const { hosts, recorded } = await telling({ failed });
    using _hosts = hosts;
    const again = await carryOut(await hosts.plan(LAB), 0, hosts.io);
    assert.equal(again.isWritten, failed > 0);
    assert.equal(again.revision > recorded.identity.revision, failed > 0);
  }
});
