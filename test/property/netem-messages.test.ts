import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Netem } from '../../src/topology/values.ts';
import { MessageBatch } from '../../workers/netlink/message.ts';
import { readQdisc, setNetem } from '../../workers/rtnl/qdisc.ts';

const HEADER = 16;

/** Zero and null mean the same to the kernel: only what is told apart is made here. */
const timeUs = fc.option(fc.integer({ min: 1, max: 10_000_000_000 }).map((ns) => ns / 1000));
const share = fc.integer({ min: 1, max: 100_000_000 }).map((millionth) => millionth / 100_000_000);
const some = fc.option(share);
const count = fc.option(fc.integer({ min: 1, max: 2 ** 31 - 2 }));
const signed = fc.option(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }).filter((value) => value !== 0));

const slots = fc
  .option(
    fc.record(
      {
        minUs: fc.integer({ min: 0, max: 10_000_000 }),
        maxUs: fc.integer({ min: 0, max: 10_000_000 }),
        distribution: fc.constant(null),
        delayUs: timeUs,
        jitterUs: timeUs,
        packets: count,
        bytes: count,
      },
      { noNullPrototype: true },
    ),
  )
  .filter((slot) => slot === null || slot.minUs > 0 || slot.maxUs > 0 || slot.jitterUs !== null);

const models = fc.oneof(
  fc.record({ loss: some, lossState: fc.constant(null), lossGemodel: fc.constant(null) }),
  fc.record({
    loss: fc.constant(null),
    lossState: fc.array(share, { minLength: 5, maxLength: 5 }),
    lossGemodel: fc.constant(null),
  }),
  fc.record({
    loss: fc.constant(null),
    lossState: fc.constant(null),
    lossGemodel: fc.array(share, { minLength: 4, maxLength: 4 }),
  }),
);

const netems: fc.Arbitrary<Netem> = fc
  .tuple(
    fc.record({
      delayUs: timeUs,
      jitterUs: timeUs,
      delayCorrelation: some,
      distribution: fc.constant(null),
      limitPackets: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      lossCorrelation: some,
      ecn: fc.boolean(),
      duplicate: some,
      duplicateCorrelation: some,
      gap: fc.option(fc.integer({ min: 2, max: 2 ** 32 - 1 })),
      rateBitsPerSec: fc.option(fc.integer({ min: 1, max: 2 ** 40 }).map((bytes) => bytes * 8)),
      slot: slots,
      seed: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
    }),
    models,
    // A second part without its first is never sent.
    fc.oneof(
      fc.record({ corrupt: share, corruptCorrelation: some }),
      fc.constant({ corrupt: null, corruptCorrelation: null }),
    ),
    fc.oneof(
      fc.record({ reorder: share, reorderCorrelation: some }),
      fc.constant({ reorder: null, reorderCorrelation: null }),
    ),
    fc.record({ ratePacketOverheadBytes: signed, rateCellSizeBytes: count, rateCellOverheadBytes: signed }),
  )
  .map(([fields, model, corrupt, reorder, cells]) => ({
    ...fields,
    ...model,
    ...corrupt,
    ...reorder,
    ...(fields.rateBitsPerSec === null
      ? { ratePacketOverheadBytes: null, rateCellSizeBytes: null, rateCellOverheadBytes: null }
      : cells),
  }));

test('a netem comes out of its own message as it went in', () => {
  const batch = new MessageBatch();
  fc.assert(
    fc.property(netems, (netem) => {
      batch.reset();
      setNetem(batch, 3, netem, 'configuration');
      const message = batch.slice(0, 1);
      const read = readQdisc(message, HEADER, message.length);
      assert.equal(read?.kind, 'netem');
      assert.deepEqual(read.netem, netem);
    }),
    { numRuns: 2000 },
  );
});
