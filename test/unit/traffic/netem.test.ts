import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isHandleOfHand, TBF_HANDLE } from '../../../src/net/netem-qdisc.ts';
import { isFault } from '../../../src/topology/text/fault.ts';
import { parseNetem } from '../../../src/topology/text/netem.ts';
import type { Netem } from '../../../src/topology/values.ts';
import { eachAttribute } from '../../../workers/netlink/attributes.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { MATCH_ALL_KINDS, readFilter, redirectAll } from '../../../workers/rtnl/filter.ts';
import { distributionTable } from '../../../workers/rtnl/netem-tables.ts';
import { createIngress, readQdisc, setNetem } from '../../../workers/rtnl/qdisc.ts';

/** What iproute2's tc sent for `lo` (index 1), by its arguments; captured with strace. */
function captured(name: string): readonly (readonly [string, Buffer])[] {
  const text = readFileSync(new URL(`../../../../test/fixtures/netlink/${name}.txt`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [args = '', hex = ''] = line.split(' = ');
      return [args, Buffer.from(hex, 'hex')] as const;
    });
}

function netem(text: string): Netem {
  const parsed = parseNetem(text);
  if (isFault(parsed)) throw new Error(parsed.message);
  return parsed;
}

function messageOf(write: (batch: MessageBatch) => void): Buffer {
  const batch = new MessageBatch();
  write(batch);
  return Buffer.from(batch.slice(0, 1));
}

/** Attributes by number, values as hex, in a range of bytes. */
function attributes(bytes: Buffer, start: number): Record<number, string> {
  const found: Record<number, string> = {};
  eachAttribute(bytes, start, bytes.length, (type, at, length) => {
    found[type] = bytes.toString('hex', at + 4, at + length);
  });
  return found;
}

const HEADER = 16;
const TCMSG = HEADER + 20;
const QOPT = 24;

/** A netem message in parts: its struct tc_netem_qopt, and the attributes behind it. */
function parts(message: Buffer): {
  readonly header: string;
  readonly qopt: string;
  readonly more: Record<number, string>;
} {
  const { 2: options = '' } = attributes(message, TCMSG);
  const bytes = Buffer.from(options, 'hex');
  return {
    // Type, interface, parent; sequence numbers, flags and the handle differ.
    header: [
      message.toString('hex', 4, 6),
      message.toString('hex', HEADER, HEADER + 8),
      message.toString('hex', HEADER + 12, TCMSG),
    ].join(' '),
    qopt: bytes.toString('hex', 0, QOPT),
    more: attributes(bytes, QOPT),
  };
}

function withoutZeros(more: Record<number, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(more).filter(([, hex]) => !/^0*$/.test(hex)));
}

describe('netem', () => {
  for (const [args, theirs] of captured('tc-netem')) {
    test(`'${args}' is sent as tc sends it`, () => {
      const ours = parts(messageOf((batch) => setNetem(batch, 1, netem(args), 'configuration')));
      const expected = parts(theirs);
      assert.equal(ours.header, expected.header);
      assert.equal(ours.qopt, expected.qopt);
      // Nanoseconds as well: tc leaves them out where ticks say the same. What is not asked for is zero, and mostly not in tc's.
      const { 10: _latency, 11: _jitter, ...ownMore } = ours.more;
      const { 10: _theirLatency, 11: _theirJitter, ...theirMore } = expected.more;
      assert.deepEqual(withoutZeros(ownMore), withoutZeros(theirMore));
    });
  }

  test('the correlation of duplicates is sent, which tc of iproute2 6.1 forgets', () => {
    const { more } = parts(messageOf((batch) => setNetem(batch, 1, netem('duplicate 1% 50%'), 'configuration')));
    assert.equal(more[1], '000000000000000000000080');
  });

  test('times are exact to the nanosecond', () => {
    const { more } = parts(messageOf((batch) => setNetem(batch, 1, netem('delay 1.000001ms 3ns'), 'configuration')));
    assert.equal(Buffer.from(more[10] ?? '', 'hex').readBigInt64LE(), 1_000_001n);
    assert.equal(Buffer.from(more[11] ?? '', 'hex').readBigInt64LE(), 3n);
  });

  test('a distribution is sent as its table, `uniform` as none, and an unknown one is refused', () => {
    const text = 'delay 10ms 2ms distribution';
    const { more } = parts(messageOf((batch) => setNetem(batch, 1, netem(`${text} pareto`), 'configuration')));
    assert.equal(more[2], distributionTable('pareto')?.toString('hex'));
    const plain = parts(messageOf((batch) => setNetem(batch, 1, netem(`${text} uniform`), 'configuration')));
    assert.equal(plain.more[2], undefined);
    assert.throws(() => distributionTable('lognormal'), RangeError);
  });

  test('all that a change would leave as it was is sent, whatever is asked for', () => {
    const { more } = parts(messageOf((batch) => setNetem(batch, 1, netem('delay 1ms'), 'configuration')));
    // Correlations, reorder, corrupt, rate, ecn and slot; not the loss model, which is reset by being absent.
    assert.deepEqual(Object.keys(more).map(Number), [1, 3, 4, 6, 7, 10, 12]);
  });

  test('distributions ride in the handle', () => {
    const handle = (text: string) =>
      messageOf((batch) => setNetem(batch, 1, netem(text), 'configuration'))
        .readUInt32LE(HEADER + 8)
        .toString(16);
    assert.equal(handle('delay 1ms'), '4c000000');
    assert.equal(handle('delay 9ms 1ms distribution uniform'), '4c000000');
    assert.equal(handle('delay 9ms 1ms distribution normal'), '4c010000');
    assert.equal(handle('delay 9ms 1ms distribution paretonormal'), '4c030000');
    assert.equal(handle('slot distribution pareto 1ms 1us'), '4c200000');
  });

  test('what was set by hand has a handle of its own kind', () => {
    const message = messageOf((batch) => setNetem(batch, 1, netem('delay 9ms 1ms distribution normal'), 'hand'));
    assert.equal(message.readUInt32LE(HEADER + 8).toString(16), '4d010000');
    assert.equal(TBF_HANDLE.toString(16), '4d000000');
    assert.deepEqual([0x4d010000, 0x4d000000, 0x4c010000, 0x4d010001, 0x80010000].map(isHandleOfHand), [
      ...[true, true, false, false, false],
    ]);
  });

  test('a seed of 64 bits is sent whole', () => {
    const { more } = parts(
      messageOf((batch) => setNetem(batch, 1, netem('seed 18446744073709551615'), 'configuration')),
    );
    assert.equal(more[14], 'ff'.repeat(8));
  });

  test('what is cut off is read as far as it goes, and never beyond', () => {
    const message = messageOf((batch) =>
      setNetem(
        batch,
        1,
        netem('delay 5ms loss gemodel 1% 2% slot 1ms 2ms packets 3 rate 1mbit corrupt 1%'),
        'configuration',
      ),
    );
    for (let end = HEADER; end <= message.length; end++) {
      const bytes = Buffer.from(message.subarray(0, end));
      const read = readQdisc(bytes, HEADER, end);
      assert.equal(read === null, end < TCMSG);
    }
  });
});

describe('distribution tables', () => {
  /** Mean and standard deviation, in standard deviations of the table. */
  function moments(name: string): readonly [number, number] {
    const table = distributionTable(name) ?? Buffer.alloc(0);
    const values = Array.from({ length: table.length / 2 }, (_, index) => table.readInt16LE(index * 2) / 8192);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return [mean, Math.sqrt(square)];
  }

  // The tail of Pareto's is cut off where 16 bits end, at four deviations: it loses mean and width there.
  const expected = { normal: [0, 1], pareto: [-0.04, 0.82], paretonormal: [-0.02, 0.84] } as const;
  for (const [name, [mean, deviation]] of Object.entries(expected)) {
    test(`${name} has the mean and the width that it should`, () => {
      const [ownMean, ownDeviation] = moments(name);
      assert.ok(Math.abs(ownMean - mean) < 0.03, `mean ${ownMean}`);
      assert.ok(Math.abs(ownDeviation - deviation) < 0.05, `deviation ${ownDeviation}`);
    });
  }
});

describe('patch', () => {
  const [ingress, filter] = captured('tc-mirred');

  test('an ingress qdisc is asked for as tc does', () => {
    const ours = messageOf((batch) => createIngress(batch, 1));
    assert.ok(ingress);
    assert.equal(ours.toString('hex', HEADER), ingress[1].toString('hex', HEADER));
  });

  test('a filter that redirects everything has what that of tc has', () => {
    const ours = messageOf((batch) => redirectAll(batch, 1, 1, 'u32'));
    assert.ok(filter);
    const theirs = filter[1];
    assert.equal(ours.toString('hex', HEADER, TCMSG), theirs.toString('hex', HEADER, TCMSG));
    const inside = (message: Buffer): Record<number, string> =>
      attributes(Buffer.from(attributes(message, TCMSG)[2] ?? '', 'hex'), 0);
    // tc leaves the flag for nesting out, and the kernel takes it either way.
    const plain = (hex: string | undefined): string => (hex ?? '').replaceAll('0280', '0200').replace('0180', '0100');
    assert.equal(inside(ours)[5], inside(theirs)[5]);
    assert.equal(plain(inside(ours)[7]), plain(inside(theirs)[7]));
  });

  for (const kind of MATCH_ALL_KINDS) {
    test(`with ${kind} is read back`, () => {
      const ours = messageOf((batch) => redirectAll(batch, 7, 300, kind));
      const expected = { ifindex: 7, kind, priority: 1, redirectsTo: 300, program: null };
      assert.deepEqual(readFilter(ours, HEADER, ours.length), expected);
      for (let end = HEADER; end < ours.length; end++) {
        const cut = Buffer.from(ours.subarray(0, end));
        assert.equal(readFilter(cut, HEADER, end)?.redirectsTo ?? null, null);
      }
    });
  }
});
