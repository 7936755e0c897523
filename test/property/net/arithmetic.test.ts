import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { addressBytes, addressText, parseAddress, parsePrefix } from '../../../src/net/address.ts';
import { addToMac, autoMac, isMulticast, macBytes, macText } from '../../../src/net/mac.ts';
import { addToPrefix, contains, networkOf, overlap } from '../../../src/net/offset.ts';

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const prefix4 = fc.tuple(bytes(4), fc.nat(32)).map(([b, n]) => `${addressText(b)}/${n}`);
const prefix6 = fc.tuple(bytes(16), fc.nat(128)).map(([b, n]) => `${addressText(b)}/${n}`);
const prefix = fc.oneof(prefix4, prefix6);
/** Alphabet of addresses, so that near misses come up. */
const nearly = fc.string({ unit: fc.constantFrom(...'0123456789abcfF.:'), maxLength: 20 });

/** Bytes by ipaddr.js, which reads `::1.2.3.4` as `::ffff:1.2.3.4`: so the URL parser takes dotted tails away first. */
function oracleBytes(address: string): number[] {
  const pure = address.includes(':') ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
  return ipaddr.parse(pure).toByteArray();
}

function integerOf(address: string): bigint {
  return BigInt(`0x${Buffer.from(oracleBytes(address)).toString('hex')}`);
}

function split(text: string): [string, number] {
  const [address = '', length = ''] = text.split('/');
  return [address, Number(length)];
}

test('addresses are those of node:net, and bytes those of ipaddr.js', () => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6, nearly), (text) => {
      const parsed = parseAddress(text);
      assert.equal(typeof parsed === 'string' ? 0 : parsed.family, isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0);
      if (typeof parsed === 'string') return;
      assert.deepEqual([...addressBytes(text)], oracleBytes(text));
    }),
    { numRuns: 2000 },
  );
});

test('bytes → text → bytes is the identity, and text is canonical', () => {
  fc.assert(
    fc.property(fc.oneof(bytes(4), bytes(16), sparse()), (b) => {
      const text = addressText(b);
      assert.deepEqual(addressBytes(text), b);
      const parsed = parseAddress(text);
      assert.ok(typeof parsed !== 'string');
      assert.equal(parsed.text, text);
    }),
    { numRuns: 2000 },
  );
});

/** IPv6 addresses with many zeros, as people write them. */
function sparse() {
  return fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 }).map((b) => Uint8Array.from(b));
}

test('sums are those of big integers', () => {
  fc.assert(
    fc.property(prefix, fc.nat(1_000_000), (text, n) => {
      const [address, length] = split(text);
      const bits = address.includes(':') ? 128 : 32;
      const sum = addToPrefix(text, n);
      const expected = integerOf(address) + BigInt(n);
      assert.equal(sum.wraps, expected >> BigInt(bits) !== 0n);
      if (sum.wraps) return;
      const [after, lengthAfter] = split(sum.text);
      assert.equal(integerOf(after), expected);
      assert.equal(lengthAfter, length);
      assert.equal(sum.leavesPrefix, length !== bits && !contains(text, after));
      assert.equal(typeof parsePrefix(sum.text), 'object');
    }),
    { numRuns: 2000 },
  );
});

test('networks and containment are those of ipaddr.js', () => {
  fc.assert(
    fc.property(prefix, fc.oneof(ipv4, ipv6), (text, other) => {
      const [address, length] = split(text);
      const parsed = ipaddr.parse(address);
      const family = parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
      const network = family.networkAddressFromCIDR(text);
      assert.deepEqual([...addressBytes(split(networkOf(text))[0])], network.toByteArray());
      const candidate = ipaddr.fromByteArray(oracleBytes(other));
      const inside = candidate.kind() === parsed.kind() && candidate.match([parsed, length] as never);
      assert.equal(contains(text, other), inside);
    }),
    { numRuns: 2000 },
  );
});

test('prefixes overlap exactly when one holds the network of the other', () => {
  fc.assert(
    fc.property(prefix, prefix, (a, b) => {
      const holds = (outer: string, inner: string): boolean => contains(outer, split(networkOf(inner))[0]);
      const expected = a.includes(':') === b.includes(':') && (holds(a, b) || holds(b, a));
      assert.equal(overlap(a, b), expected);
      assert.equal(overlap(b, a), expected);
    }),
    { numRuns: 2000 },
  );
});

test('MACs: bytes and back, sums of 48 bits, chosen ones always unicast', () => {
  fc.assert(
    fc.property(bytes(6), fc.nat(), fc.string(), fc.nat(5000), (b, n, name, offset) => {
      const text = macText(b);
      assert.deepEqual(macBytes(text), b);
      const expected = BigInt(`0x${Buffer.from(b).toString('hex')}`) + BigInt(n);
      const sum = addToMac(text, n);
      assert.equal(sum === null, expected >> 48n !== 0n);
      if (sum !== null) assert.equal(BigInt(`0x${sum.replaceAll(':', '')}`), expected);
      const chosen = autoMac('lab', name, 'eth0', offset);
      assert.ok(chosen.startsWith('c2:') && chosen.length === 17 && !isMulticast(chosen));
    }),
    { numRuns: 1000 },
  );
});
