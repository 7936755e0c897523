/** A process id that passes to a stranger after its namespace was looked at: nothing is done there. */
import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import { BY_ITSELF } from '../../../src/wire/apply.ts';
import { apply } from '../../../workers/apply.ts';
import { stranger } from '../../support/faults/stranger.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';
import { applyJob, bridge, veth } from '../ops/ops.ts';

test('neither as the place of a job nor as that of a veth’s other end', {
  timeout: 60_000,
  ...needs('root', 'program:unshare', 'program:nsenter'),
}, async () => {
  await using node = await newNetns();
  const first = await stranger();
  const ns: NsId = `pid/${first.pid}`;
  // Kept open: the number of a namespace that is gone may be given to the next one.
  const fd = openSync(`/proc/${first.pid}/ns/net`, 'r');
  try {
    const inode = fstatSync(fd).ino;
    await first[Symbol.asyncDispose]();
    await using second = await stranger(first.pid);
    const before = await second.state();

    const [failure, ...more] = applyJob(ns, [bridge(ns, 'lan')], inode);
    assert.deepEqual([failure?.op, failure?.code, more], [null, 'E_NODE_CHANGED', []]);

    const job = { ns: node.id, inode: null, peerInodes: { [ns]: inode }, ops: [veth(node.id, 'eth0', ns, 'eth0')] };
    const [result] = apply({ task: 'apply', jobs: [job], ...BY_ITSELF }).jobs;
    assert.deepEqual(
      result?.failures.map(({ op, code }) => [op, code]),
      [[0, 'E_NODE_CHANGED']],
    );
    assert.equal(await node.link('eth0'), undefined);
    assert.equal(await second.state(), before);

    assert.deepEqual(applyJob(ns, [bridge(ns, 'lan')]), [], 'one that was looked at is worked in');
    assert.notEqual(await second.state(), before);
  } finally {
    closeSync(fd);
  }
});
