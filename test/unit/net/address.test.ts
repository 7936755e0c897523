import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressBytes,
  addressText,
  parseAddress,
  parsePrefix,
  prefixBytes,
  unassignable,
} from '../../../src/net/address.ts';
import { parseDestination } from '../../../src/net/destination.ts';
import { addToPrefix, contains, networkOf, overlap, rangeOf } from '../../../src/net/offset.ts';

const textOf = (parsed: { readonly text: string } | string): string =>
  typeof parsed === 'string' ? `fault: ${parsed}` : parsed.text;

test('addresses become canonical text', () => {
  const table: readonly (readonly [string, string])[] = [
    ['10.0.0.1', '10.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fe80:0000:0000:0000:0204:61ff:fe9d:f156', 'fe80::204:61ff:fe9d:f156'],
    ['::ffff:c000:0280', '::ffff:192.0.2.128'],
    ['::ffff:192.0.2.128', '::ffff:192.0.2.128'],
    ['::1.2.3.4', '::1.2.3.4'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1::', '1::'],
  ];
  for (const [text, canonical] of table) assert.equal(textOf(parseAddress(text)), canonical, text);
});

test('what is no address is said to be none, and why', () => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['', /is not an IP address/],
    ['10.0.0', /is not an IP address/],
    ['10.0.0.0.1', /is not an IP address/],
    ['10.0.0.256', /each part goes from 0 to 255/],
    ['999.0.0.1', /each part goes from 0 to 255/],
    ['10.0.0.01', /leading zero means octal/],
    ['10.0.0.1 ', /is not an IP address/],
    ['0x0a000001', /is not an IP address/],
    ['1::2::3', /is not an IPv6 address/],
    ['1:2:3:4:5:6:7:8:9', /is not an IPv6 address/],
    ['12345::', /is not an IPv6 address/],
    ['::1.2.3', /is not an IPv6 address/],
    ['::1.2.3.04', /is not an IPv6 address/],
    ['fe80::1%eth0', /has a zone/],
    [':', /is not an IPv6 address/],
  ];
  for (const [text, fault] of table) assert.match(textOf(parseAddress(text)), fault, text);
});

test('prefixes keep their host bits and name impossible lengths', () => {
  assert.deepEqual(parsePrefix('10.0.0.1/30'), {
    family: 4,
    address: '10.0.0.1',
    prefixLength: 30,
    text: '10.0.0.1/30',
  });
  assert.equal(textOf(parsePrefix('FD00::1/064')), 'fd00::1/64');
  assert.match(textOf(parsePrefix('10.0.0.1')), /has no prefix length: write 10\.0\.0\.1\/24/);
  assert.match(textOf(parsePrefix('fd00::1')), /has no prefix length: write fd00::1\/64/);
  assert.match(textOf(parsePrefix('10.0.0.1/33')), /IPv4 takes 0 to 32/);
  assert.match(textOf(parsePrefix('10.0.0.1/')), /IPv4 takes 0 to 32/);
  assert.match(textOf(parsePrefix('10.0.0.1/-1')), /IPv4 takes 0 to 32/);
  assert.match(textOf(parsePrefix('fd00::1/129')), /IPv6 takes 0 to 128/);
  assert.match(textOf(parsePrefix('999.0.0.1/99')), /each part goes from 0 to 255/);
});

test('bytes are in network order and come back as text', () => {
  assert.deepEqual([...addressBytes('10.1.2.255')], [10, 1, 2, 255]);
  const v6 = addressBytes('2001:db8::ff');
  assert.deepEqual([...v6], [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff]);
  assert.equal(addressText(v6), '2001:db8::ff');
  assert.equal(addressText(Uint8Array.of(9, 9, 10, 0, 0, 1, 9), 2, 4), '10.0.0.1');
  const { family, prefixLength } = prefixBytes('10.0.0.1/8');
  assert.deepEqual([family, prefixLength], [4, 8]);
  assert.throws(() => addressBytes('nonsense'), RangeError);
  assert.throws(() => prefixBytes('10.0.0.1'), RangeError);
});

test('destinations take the forms of ip(8)', () => {
  const table: readonly (readonly [string, string])[] = [
    ['10.0.0.1', '10.0.0.1/32'],
    ['fd00::1', 'fd00::1/128'],
    ['10/8', '10.0.0.0/8'],
    ['10.1/16', '10.1.0.0/16'],
    ['192.168.4/22', '192.168.4.0/22'],
    ['10.0.0.0/255.0.0.0', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['fd00::1/64', 'fd00::/64'],
  ];
  for (const [text, canonical] of table) assert.equal(textOf(parseDestination(text)), canonical, text);
  assert.match(textOf(parseDestination('10.0.0.1/8')), /write 10\.0\.0\.0\/8/);
  assert.match(textOf(parseDestination('10.0.0.0/255.0.255.0')), /impossible prefix length/);
  assert.match(textOf(parseDestination('10.1')), /is not an IP address/);
  assert.match(textOf(parseDestination('10..1/16')), /is not an IP address/);
});

test('sums carry over octets, say when they leave the prefix, and never wrap', () => {
  assert.deepEqual(addToPrefix('10.0.1.254/16', 3), { text: '10.0.2.1/16', wraps: false, leavesPrefix: false });
  assert.deepEqual(addToPrefix('10.0.1.254/24', 2), { text: '10.0.2.0/24', wraps: false, leavesPrefix: true });
  assert.deepEqual(addToPrefix('10.0.1.254/24', 1), { text: '10.0.1.255/24', wraps: false, leavesPrefix: false });
  assert.deepEqual(addToPrefix('10.0.0.1/32', 5), { text: '10.0.0.6/32', wraps: false, leavesPrefix: false });
  assert.deepEqual(addToPrefix('fd00::1/128', 1), { text: 'fd00::2/128', wraps: false, leavesPrefix: false });
  assert.deepEqual(addToPrefix('fd00::ffff:ffff/64', 1), { text: 'fd00::1:0:0/64', wraps: false, leavesPrefix: false });
  assert.deepEqual(addToPrefix('fd00::ff/120', 1), { text: 'fd00::100/120', wraps: false, leavesPrefix: true });
  assert.equal(addToPrefix('255.255.255.254/24', 2).wraps, true);
  assert.equal(addToPrefix('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/64', 1).wraps, true);
});

test('networks, ranges, containment and overlap', () => {
  assert.equal(networkOf('10.0.0.7/30'), '10.0.0.4/30');
  assert.equal(networkOf('10.200.0.7/9'), '10.128.0.0/9');
  assert.equal(networkOf('255.1.1.1/0'), '0.0.0.0/0');
  assert.equal(networkOf('fd00:1:2:3:4::1/65'), 'fd00:1:2:3::/65');
  assert.deepEqual(rangeOf('10.0.0.7/30'), { family: 4, first: 0x0a000004, last: 0x0a000007 });
  assert.equal(contains('10.0.0.0/8', '10.255.255.255'), true);
  assert.equal(contains('10.0.0.0/8', '11.0.0.0'), false);
  assert.equal(contains('0.0.0.0/0', '::1'), false);
  assert.equal(overlap('10.0.0.1/24', '10.0.0.200/25'), true);
  assert.equal(overlap('10.0.0.1/25', '10.0.0.200/25'), false);
  assert.equal(overlap('::/0', '0.0.0.0/0'), false);
});

test('what no device can have is said, and why', () => {
  for (const [address, why] of [
    ['0.0.0.0', /stands for none/],
    ['::', /stands for none/],
    ['::1', /loopback/],
    ['ff02::1', /multicast/],
    ['ff00::', /multicast/],
  ] as const)
    assert.match(unassignable(address) ?? '', why, address);
  for (const address of ['0.1.2.3', '10.0.0.0', '127.0.0.1', '::2', '::ffff:1.2.3.4', 'fe80::1', 'fd00::', 'ff::1'])
    assert.equal(unassignable(address), null, address);
});
