/** What a worker calls a failure is what people read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from '../../../src/engine/failure.ts';
import { OWN_NS } from '../../../src/net/ns-id.ts';
import type { OpFailure } from '../../../src/wire/failure.ts';

const REFUSED: OpFailure = {
  ...{ op: 0, call: 'RTM_NEWLINK', subject: 'eth0', errnoName: 'EEXIST' },
  ...{ extAck: null, code: null, leftBehind: null },
};

/** What the worker says, and the code that comes of it. */
const CODES: readonly (readonly [Partial<OpFailure>, string])[] = [
  [{}, 'E_KERNEL'],
  [{ errnoName: 'EOPNOTSUPP' }, 'E_FEATURE'],
  [{ errnoName: 'EPERM' }, 'E_PRIVILEGE'],
  [{ errnoName: 'ENOENT' }, 'E_KERNEL'],
  [{ op: null, errnoName: 'ENOENT' }, 'E_NODE_MISSING'],
  [{ code: 'E_FOREIGN_DEVICE' }, 'E_FOREIGN_DEVICE'],
  [{ code: 'E_NODE_CHANGED' }, 'E_NODE_CHANGED'],
  [{ code: 'E_TOOL', errnoName: 'ENOENT' }, 'E_TOOL'],
  [{ code: 'E_INTERNAL', errnoName: null }, 'E_INTERNAL'],
];

for (const [more, code] of CODES) {
  test(`${JSON.stringify(more)} is ${code}`, () => {
    assert.equal(describe({ ...REFUSED, ...more }, null, OWN_NS).code, code);
  });
}

test('what nobody said leaves no trace in the message', () => {
  const { message } = describe({ ...REFUSED, errnoName: null }, null, OWN_NS);
  assert.equal(message, 'eth0: RTM_NEWLINK in linkloom’s own namespace');
});

test('a call that is about nothing in particular is told alone', () => {
  const { message } = describe({ ...REFUSED, call: 'epoll_create', subject: '', errnoName: 'EMFILE' }, null, OWN_NS);
  assert.equal(message, 'epoll_create in linkloom’s own namespace: EMFILE');
});
