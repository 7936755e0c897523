import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { autoMac } from '../../../src/net/mac.ts';
import { aliasOf, groupOf, ROLE, type Role } from '../../../src/net/mark.ts';
import type { NsId } from '../../../src/net/ns-id.ts';
import { Ownership } from '../../../src/plan/ownership.ts';
import { netnsAlias, shardName } from '../../../src/plan/switch/placement.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { NAMESAKES } from '../../support/faults/namesakes.ts';
import { ModelKernel } from '../../support/model-kernel.ts';

const [A, B] = NAMESAKES;
const NODE: NsId = 'netns/n';
const group = (role: Role): number => groupOf(A, role);

function kernel(): ModelKernel {
  const made = new ModelKernel();
  made.makeNamespace(NODE);
  made.makeNamespace(shardName(A, 0), netnsAlias(A, `linkloom-${A}`));
  made.makeNamespace(shardName(B, 0), netnsAlias(B, `linkloom-${B}`));
  return made;
}

/** Whether A owns the device, and whether it takes it for another lab's. */
function judged(on: ModelKernel, ns: NsId, dev: string): { readonly owns: boolean; readonly isOthers: boolean } {
  const dumps = on.dumps();
  const link = dumps.find((dump) => dump.ns === ns)?.links.find(({ ifname }) => ifname === dev);
  assert.ok(link);
  const ownership = new Ownership(A, dumps);
  return { owns: ownership.owns(ns, link), isOthers: ownership.isOthers(link) };
}

const OURS = { owns: true, isOthers: false };
const THEIRS = { owns: false, isOthers: true };
const NOBODYS = { owns: false, isOthers: false };

describe('ownership', () => {
  it('of a device without another end goes by its alias', () => {
    const on = kernel();
    const other = group(ROLE.other);
    on.addDevice(NODE, 'd0', { kind: 'dummy', group: other, alias: aliasOf(A, 'n', 'd0') });
    on.addDevice(NODE, 'd1', { kind: 'dummy', group: other, alias: aliasOf(B, 'n', 'd1') });
    on.addDevice(NODE, 'd2', { kind: 'dummy', group: other });
    on.addDevice(NODE, 'd3', { kind: 'dummy', group: other, mac: autoMac(A, 'n', 'd3') });
    on.addDevice(NODE, 'd4', { kind: 'dummy', alias: aliasOf(A, 'n', 'd4') });
    assert.deepEqual(
      ['d0', 'd1', 'd2', 'd3', 'd4'].map((dev) => judged(on, NODE, dev)),
      [OURS, THEIRS, NOBODYS, OURS, NOBODYS],
    );
  });

  const veths = (ns: NsId, port: Partial<LinkDump>, end: Partial<LinkDump>): ModelKernel => {
    const on = kernel();
    const far = { kind: 'veth', peerNsid: 0 };
    on.addDevice(NODE, 'eth0', { ...far, group: group(ROLE.nodeEnd), ifindex: 7, peerIndex: 9, ...end });
    on.addDevice(ns, 'p0', { ...far, group: group(ROLE.port), ifindex: 9, peerIndex: 7, ...port });
    return on;
  };

  it('of a veth goes by its other end', () => {
    const mine = { alias: aliasOf(A, 'n', 'eth0') };
    const theirs = { alias: aliasOf(B, 'n', 'eth0') };
    const end = (on: ModelKernel) => judged(on, NODE, 'eth0');
    assert.deepEqual(end(veths(shardName(A, 0), mine, {})), OURS);
    assert.deepEqual(end(veths(shardName(A, 0), {}, {})), OURS, 'cut off before its mark');
    assert.deepEqual(end(veths(shardName(B, 0), theirs, {})), THEIRS);
    assert.deepEqual(end(veths(shardName(B, 0), theirs, mine)), NOBODYS, 'a forged mark on another lab’s');
    assert.deepEqual(end(veths(NODE, { group: 0 }, mine)), NOBODYS, 'a forged mark on a stranger’s');
    assert.deepEqual(
      end(veths(shardName(B, 0), { group: 0 }, { peerIndex: 7 })),
      NOBODYS,
      'it is not its own other end',
    );
  });

  it('down takes nothing of a lab of the same number, and not the namespace it is in', () => {
    const theirs = { alias: aliasOf(B, 'n', 'eth0') };
    const on = veths(shardName(B, 0), theirs, {});
    const { ops, shared } = planTeardown(A, on.dumps());
    assert.deepEqual(
      ops.map((op) => [op.op, op.ns]),
      [['netns.del', shardName(A, 0)]],
    );
    assert.deepEqual(shared, []);
  });
});
