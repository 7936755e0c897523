/** What the kernel refuses comes back with the item that it was written for, however many messages an item has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRNO } from '../../../workers/netlink/errors.ts';
import { sendEach, sendOne } from '../../../workers/netlink/send-each.ts';
import { NetlinkSocket } from '../../../workers/netlink/socket.ts';
import { enterNew } from '../../../workers/netns.ts';
import { lookUp } from '../../../workers/rtnl/dump.ts';
import { changeLink, deleteLink, UNCHANGED } from '../../../workers/rtnl/link.ts';
import { needs } from '../../support/needs.ts';

/** No namespace begins with a device of such an index; `lo` has 1. */
const NOBODY = 5000;
const LO = 1;

test('a refusal comes with its item, in sends of 64 messages as in the first', needs('root'), () => {
  using socket = enterNew('test', () => new NetlinkSocket());
  const items = Array.from({ length: 200 }, (_, n) => ({ ifindex: n % 7 === 3 ? NOBODY + n : LO, messages: n % 3 }));
  const refused = sendEach(socket, items, (batch, { ifindex, messages }) => {
    for (let n = 0; n < messages; n++) changeLink(batch, { ifindex }, { ...UNCHANGED, mtuBytes: 1400 + n });
  });
  const expected = items.flatMap((item) => (item.ifindex === LO ? [] : Array<typeof item>(item.messages).fill(item)));
  assert.ok(expected.length > 20);
  assert.deepEqual(
    refused.map(({ item }) => item),
    expected,
  );
  assert.ok(refused.every(({ nack }) => nack.errno === ERRNO.ENODEV));
  assert.equal(lookUp(socket, { ifindex: LO })?.mtuBytes, 1401);
});

test('nothing is sent without messages, and what writes may itself send', needs('root'), () => {
  using socket = enterNew('test', () => new NetlinkSocket());
  assert.deepEqual(
    sendEach(socket, [], () => assert.fail('no item')),
    [],
  );
  const refused = sendEach(socket, [LO, NOBODY], (batch, ifindex) => {
    changeLink(batch, { ifindex }, { ...UNCHANGED, mtuBytes: 1300 });
    assert.equal(sendOne(socket, (other) => deleteLink(other, { ifindex: NOBODY + 1 }))?.errno, ERRNO.ENODEV);
  });
  assert.deepEqual(
    refused.map(({ item, nack }) => [item, nack.index]),
    [[NOBODY, 1]],
  );
  assert.equal(lookUp(socket, { ifindex: LO })?.mtuBytes, 1300);
});
