import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../../../src/topology/text/fault.ts';
import { parseRoute, printRoute } from '../../../src/topology/text/route.ts';

test('routes as ip(8) takes them', () => {
  const table: readonly (readonly [string, string])[] = [
    ['default via 10.0.0.1', 'default via 10.0.0.1'],
    ['via 10.0.0.1', 'default via 10.0.0.1'],
    ['any via 10.0.0.1', 'default via 10.0.0.1'],
    ['0.0.0.0/0 via 10.0.0.1', 'default via 10.0.0.1'],
    ['default', 'default'],
    ['default via fe80::1', 'default via fe80::1'],
    ['default via inet6 fe80::1', 'default via fe80::1'],
    ['-6 default', '::/0'],
    ['default src fd00::1', '::/0 src fd00::1'],
    ['10.0.0.1', '10.0.0.1/32'],
    ['to 10.1/16 via inet 10.0.0.1', '10.1.0.0/16 via 10.0.0.1'],
    ['  10.1.0.0/16\tvia  10.0.0.1 ', '10.1.0.0/16 via 10.0.0.1'],
    ['10.2.0.0/16 dev eth1', '10.2.0.0/16 dev eth1'],
    ['10.2.0.0/16 priority 0x10 table main', '10.2.0.0/16 metric 16 table 254'],
    ['10.2.0.0/16 table 4294967295 preference 0', '10.2.0.0/16 metric 0 table 4294967295'],
    [
      'onlink mtu 1400 advmss 1360 scope global src 10.0.0.9 metric 5 table 100 dev eth2 via 10.0.0.1 unicast 10.3.0.0/16',
      '10.3.0.0/16 via 10.0.0.1 dev eth2 src 10.0.0.9 metric 5 table 100 scope global mtu 1400 advmss 1360 onlink',
    ],
    ['blackhole 10.9.0.0/16', 'blackhole 10.9.0.0/16'],
    ['unreachable default metric 4278198272', 'unreachable default metric 4278198272'],
    ['prohibit fd00:9::/48', 'prohibit fd00:9::/48'],
    ['throw 10.9.0.0/16 table default', 'throw 10.9.0.0/16 table 253'],
    ['10.2.0.0/16 table 0', '10.2.0.0/16 table 254'],
    ['10.2.0.0/16 mtu 65520 advmss 65495', '10.2.0.0/16 mtu 65520 advmss 65495'],
    ['8.8.8.8/32 dev lo scope 254', '8.8.8.8/32 dev lo scope host'],
  ];
  for (const [text, canonical] of table) {
    const route = parseRoute(text);
    assert.ok(!isFault(route), `${text}: ${JSON.stringify(route)}`);
    assert.equal(printRoute(route), canonical, text);
    assert.equal(route.text, text);
  }
});

test('a whole route, field by field', () => {
  assert.deepEqual(parseRoute('10.1.0.0/16 via 10.0.0.1 metric 7'), {
    family: 4,
    type: 'unicast',
    dst: '10.1.0.0/16',
    via: '10.0.0.1',
    dev: null,
    src: null,
    metric: 7,
    table: null,
    scope: null,
    mtuBytes: null,
    advmssBytes: null,
    onlink: false,
    text: '10.1.0.0/16 via 10.0.0.1 metric 7',
  });
});

test('what is not understood is named', () => {
  const table: readonly (readonly [string, string])[] = [
    ['', 'the route is empty'],
    ['default via', '"via" lacks its value'],
    ['default via 10.0.0.1/24', '"via 10.0.0.1/24": "10.0.0.1/24" is not an IP address: write 10.0.0.1 or fd00::1'],
    ['default via 10.0.0.1 via 10.0.0.2', '"via" is given twice'],
    ['default 10.0.0.0/8', '"10.0.0.0/8" is not understood'],
    ['10.0.0.0/8 vai 10.0.0.1', '"vai" is not understood'],
    ['foo', '"foo" is not understood'],
    ['10.0.0.0/8 via fe80::1', '"fe80::1" is IPv6, but what stands before it is IPv4'],
    ['10.0.0.0/8 via inet6 fe80::1', 'an IPv4 route through an IPv6 gateway is not supported'],
    ['-4 fd00::/64', '"fd00::/64" is IPv6, but what stands before it is IPv4'],
    ['10.0.0.1/8', '"10.0.0.1/8" has bits set beyond its length, which the kernel refuses: write 10.0.0.0/8'],
    ['10.0.0.0/33', '"10.0.0.0/33" has an impossible prefix length: IPv4 takes 0 to 32'],
    ['default nexthop via 10.0.0.1 weight 1', '"nexthop" is not supported in a route'],
    ['10.0.0.0/8 encap mpls 100 via 10.0.0.1', '"encap" is not supported in a route'],
    ['10.0.0.0/8 mtu lock 1400', '"mtu lock" is not supported'],
    ['10.0.0.0/8 metric -1', '"metric -1": "-1" is not a number from 0 to 4294967295'],
    ['10.0.0.0/8 metric 4294967296', '"metric 4294967296": "4294967296" is not a number from 0 to 4294967295'],
    ['10.0.0.0/8 table mine', '"table mine": there is no table of this name'],
    ['10.0.0.0/8 via 0.0.0.0', '"via 0.0.0.0": "0.0.0.0" is no address: it stands for none, or for any'],
    ['fd00::/8 src ::', '"src ::": "::" is no address: it stands for none, or for any'],
    ['10.0.0.0/8 table local', '"table local" is the kernel\'s own'],
    ['10.0.0.0/8 table 255', '"table 255" is the kernel\'s own'],
    ['10.0.0.0/8 mtu 0', '"mtu 0": the kernel takes 1 to 65520 in a route'],
    ['10.0.0.0/8 mtu 65535', '"mtu 65535": the kernel takes 1 to 65520 in a route'],
    ['fd00::/8 mtu 65521', '"mtu 65521": the kernel takes 1 to 65520 in a route'],
    ['10.0.0.0/8 advmss 0', '"advmss 0": the kernel takes 1 to 65495 in a route'],
    ['fd00::/8 advmss 65496', '"advmss 65496": the kernel takes 1 to 65495 in a route'],
    ['10.0.0.0/8 scope site', '"scope site" is not supported'],
    ['10.0.0.0/8 proto static', '"proto" can\'t be chosen'],
    ['10.0.0.0/8 dev a/b', '"dev a/b": "a/b" contains "/": a device name has no "/", ":", "%" or white space'],
    ['local 10.0.0.1', 'routes of type "local" are not supported'],
    ['blackhole 10.0.0.0/8 via 10.0.0.1', 'a blackhole route leads nowhere, so it takes no gateway'],
    ['10.0.0.0/8 via 10.0.0.1 scope link', '"scope link" can\'t be had with a gateway'],
    ['10.0.0.0/8 onlink', '"onlink" needs a gateway'],
    ['unicast unicast default', '"unicast" is given twice'],
  ];
  for (const [text, message] of table) {
    const fault = parseRoute(text);
    assert.ok(isFault(fault), text);
    assert.equal(fault.message, message);
  }
});
