/** Ids of network namespaces: what is written is read back, and each form leads to its file. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  HOST_NS,
  isNamed,
  isNetnsPath,
  type NsId,
  namedNs,
  netnsNameOf,
  netnsPath,
  nsPath,
  OWN_NS,
  parseNsId,
  pidOf,
  processNs,
} from '../../../src/net/ns-id.ts';

/** id, its name, its process. */
const FORMS: readonly (readonly [NsId, string | null, number | null])[] = [
  [namedNs('h1'), 'h1', null],
  [namedNs('self'), 'self', null],
  [namedNs('pid'), 'pid', null],
  [namedNs('1'), '1', null],
  [processNs(4711), null, 4711],
  [HOST_NS, null, 1],
  [OWN_NS, null, null],
];

describe('an id of a namespace', () => {
  for (const [ns, name, pid] of FORMS) {
    it(`${ns} is told apart from the other forms`, () => {
      assert.equal(netnsNameOf(ns), name);
      assert.equal(isNamed(ns), name !== null);
      assert.equal(pidOf(ns), pid);
      assert.equal(parseNsId(ns), ns);
    });
  }

  it('leads to the file that stands for the namespace', () => {
    assert.equal(nsPath(namedNs('h1')), '/run/netns/h1');
    assert.equal(netnsPath('h1'), '/run/netns/h1');
    assert.equal(nsPath(processNs(7)), '/proc/7/ns/net');
    assert.ok(isNetnsPath('/run/netns/h1'));
    assert.ok(!isNetnsPath('/run/netnsx'));
  });

  it('is read from the file of a process too, and from nothing else', () => {
    assert.equal(parseNsId('/proc/7/ns/net'), processNs(7));
    for (const other of ['', 'h1', 'netns/', 'netns/a/b', 'pid/x', 'pid/', 'selfish', '/proc/7/ns/mnt'])
      assert.equal(parseNsId(other), null, other);
  });
});
