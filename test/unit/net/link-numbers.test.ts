import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linkNumberAt, numberDifferences, numbersOf, numberWords } from '../../../src/net/link-numbers.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { changeLink, UNCHANGED } from '../../../workers/rtnl/link.ts';
import { readLink } from '../../../workers/rtnl/link-dump.ts';

describe('numbers of a link', () => {
  it('are those that are given, zero too', () => {
    assert.deepEqual(numbersOf({ txqueuelen: 0 }), { txqueuelen: 0 });
    assert.deepEqual(numbersOf({}), {});
    assert.equal(linkNumberAt(13), 'txqueuelen');
    assert.equal(linkNumberAt(4), undefined);
  });

  it('differ where they are wanted, and only those are told and set', () => {
    assert.deepEqual(numberDifferences({}, { txqueuelen: 1000 }), { causes: [], numbers: {} });
    assert.deepEqual(numberDifferences({ txqueuelen: 1000 }, { txqueuelen: 1000 }), { causes: [], numbers: {} });
    assert.deepEqual(numberDifferences({ txqueuelen: 0 }, { txqueuelen: 1000 }), {
      causes: ['txqueuelen 1000 → 0'],
      numbers: { txqueuelen: 0 },
    });
    assert.deepEqual(numberWords({ txqueuelen: 0 }), ['txqueuelen', '0']);
  });

  it('go to the kernel and come back as 32 bits', () => {
    for (const txqueuelen of [0, 1, 2 ** 31 - 1]) {
      const batch = new MessageBatch();
      changeLink(batch, { ifindex: 5 }, { ...UNCHANGED, numbers: { txqueuelen } });
      const bytes = Buffer.from(batch.slice(0, 1));
      assert.equal(bytes.length, 16 + 16 + 8);
      // linux/if_link.h: IFLA_TXQLEN is 13.
      assert.deepEqual([bytes.readUInt16LE(32), bytes.readUInt16LE(34), bytes.readUInt32LE(36)], [8, 13, txqueuelen]);
      assert.deepEqual(readLink(bytes, 16, bytes.length, false)?.numbers, { txqueuelen });
    }
  });
});
