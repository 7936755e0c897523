import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressText, unassignable } from '../../../src/net/address.ts';
import { checkIfname } from '../../../src/net/ifname.ts';
import { outerNamer } from '../../../src/topology/names.ts';
import { isFault } from '../../../src/topology/text/fault.ts';
import { parseNetem } from '../../../src/topology/text/netem.ts';
import { printNetem } from '../../../src/topology/text/netem-print.ts';
import { parseRoute, printRoute } from '../../../src/topology/text/route.ts';
import type { Node } from '../../../src/topology/topology.ts';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const percent = fc.integer({ min: 0, max: 100_000 }).map((n) => `${n / 1000}%`);
const time = fc
  .tuple(fc.integer({ min: 1, max: 999_999 }), fc.constantFrom('', 'us', 'ms', 's', 'ns'))
  .map(([n, unit]) => `${n}${unit}`);
const rate = fc
  .tuple(fc.integer({ min: 8, max: 99_999 }), fc.constantFrom('', 'bit', 'kbit', 'Mbit', 'gibit', 'kBps'))
  .map(([n, unit]) => `${n}${unit}`);

/** Words joined by spaces; each word of `optional` only if all before it are there. */
function clause(keyword: string, needed: fc.Arbitrary<string>, ...optional: fc.Arbitrary<string>[]) {
  return fc
    .tuple(fc.tuple(needed, ...optional), fc.nat(optional.length))
    .map(([words, extra]) => [keyword, ...words.slice(0, 1 + extra)].join(' '));
}

const anything = fc.oneof(
  clause('limit', u32.map(String)),
  clause('delay', time, time, percent),
  clause('corrupt', percent, percent),
  clause('duplicate', percent, percent),
  clause(
    'rate',
    rate,
    fc.integer({ min: -99, max: 99 }).map(String),
    u32.map(String),
    fc.integer({ min: -9, max: 9 }).map(String),
  ),
  clause('slot', time),
  clause(
    'slot distribution',
    clause(
      'pareto',
      time.map((t) => `${t} ${t}`),
    ),
    clause('packets', u32.map(String)),
  ),
  clause('seed', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
);
const loss = fc.oneof(
  fc.constant(''),
  clause('loss', percent, percent),
  clause('loss random', percent),
  clause('loss state', percent, percent, percent, percent, percent),
  clause('loss gemodel', percent, percent, percent, percent),
);
const netem = fc
  .tuple(
    fc.array(anything, { maxLength: 8 }),
    loss,
    fc.constantFrom('', 'delay 3ms 1ms reorder 5% 1% gap 4 distribution normal'),
  )
  .map((clauses) => clauses.flat().join(' '));

test('netem: printed and parsed again, nothing has changed', () => {
  fc.assert(
    fc.property(netem, (text) => {
      const parsed = parseNetem(text);
      assert.ok(!isFault(parsed), `${text}: ${JSON.stringify(parsed)}`);
      const printed = printNetem(parsed);
      assert.deepEqual(parseNetem(printed), parsed, printed);
    }),
    { numRuns: 3000 },
  );
});

const address = (family: 4 | 6) =>
  fc.uint8Array({ minLength: family === 4 ? 4 : 16, maxLength: family === 4 ? 4 : 16 }).map((b) => addressText(b));

const route = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc
    .record({
      dst: fc.oneof(address(family), fc.constant('default')),
      via: address(family).filter((text) => unassignable(text) === null),
      more: fc.subarray([
        ...['dev eth9', 'metric 5', 'table 100', 'scope global', 'mtu 1400', 'advmss 1300', 'onlink'],
        ...[family === 4 ? 'src 10.0.0.9' : 'src fd00::9'],
      ]),
    })
    .map(({ dst, via, more }) => [dst, `via ${via}`, ...more].join(' ')),
);

test('routes: printed and parsed again, nothing has changed', () => {
  fc.assert(
    fc.property(route, (text) => {
      const parsed = parseRoute(text);
      assert.ok(!isFault(parsed), `${text}: ${JSON.stringify(parsed)}`);
      const printed = printRoute(parsed);
      assert.deepEqual(parseRoute(printed), { ...parsed, text: printed });
    }),
    { numRuns: 2000 },
  );
});

test('no text makes a parser throw', () => {
  const words = fc.constantFrom(
    ...'default via dev 10.0.0.1 fd00::1/64 5 1% 10ms delay loss state slot rate / - : %'.split(' '),
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(words, fc.string({ maxLength: 6 })), { maxLength: 8 }).map((w) => w.join(' ')),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const result of [parseRoute(input), parseNetem(input)]) {
        if (isFault(result)) assert.notEqual(result.message, '');
      }
    }),
    { numRuns: 3000 },
  );
});

test('outer names fit the kernel, and differ for every container and device', () => {
  const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
  const device = fc.string({ unit: fc.constantFrom(...'abeth01.-'), minLength: 1, maxLength: 15 });
  const containers = fc.uniqueArray(hex, { minLength: 1, maxLength: 8, selector: (id) => id.slice(0, 8) });
  const devices = fc.uniqueArray(
    device.filter((dev) => checkIfname(dev) === null),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(containers, devices, fc.integer({ min: 1, max: 200 }), (ids, devs, firstIndex) => {
      const outerName = outerNamer();
      const names = ids.flatMap((id, i) => {
        const index = firstIndex + i;
        const node: Node = {
          kind: 'container',
          name: `p_service_${index}`,
          ns: 'pid/1',
          id,
          service: 'service',
          index,
        };
        return devs.map((dev) => outerName({ kind: 'service', name: 'service' }, node, dev));
      });
      for (const name of names) assert.equal(checkIfname(name), null, name);
      assert.equal(new Set(names).size, names.length);
    }),
    { numRuns: 500 },
  );
});
