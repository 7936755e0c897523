import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIfname, checkNetnsName } from '../../../src/net/ifname.ts';
import {
  addToMac,
  autoMac,
  externalPortMac,
  isMulticast,
  linkLocalOf,
  macBytes,
  macText,
  parseMac,
} from '../../../src/net/mac.ts';

test('device names are what the kernel takes', () => {
  for (const name of ['eth0', 'a', 'eth0.100', 'veth-0_1', '0', 'DOCKER-ETH0', 'é', 'a@b', '123456789012345']) {
    assert.equal(checkIfname(name), null, name);
  }
  const table: readonly (readonly [string, RegExp])[] = [
    ['', /is empty/],
    ['1234567890123456', /is 16 bytes long/],
    ['éééééééé', /is 16 bytes long/],
    ['a/b', /contains "\/"/],
    ['a:1', /contains ":"/],
    ['eth%d', /contains "%"/],
    ['a b', /contains " "/],
    ['a\tb', /contains "\\t"/],
    ['.', /keeps for itself/],
    ['..', /keeps for itself/],
    ['all', /keeps for itself/],
    ['default', /keeps for itself/],
    ['lo', /keeps for itself/],
  ];
  for (const [name, fault] of table) assert.match(checkIfname(name) ?? '', fault, name);
});

test('network namespace names can be neither options nor paths', () => {
  for (const name of ['n0', '_x', '1', 'linkloom', 'A-b_c.d', 'x'.repeat(201)]) {
    assert.equal(checkNetnsName(name), null, name);
  }
  for (const name of [
    'linkloom-lab',
    'linkloom-lab.1',
    '',
    '-a',
    '.',
    '..',
    '.a',
    'a/b',
    'a b',
    'ä',
    'x'.repeat(202),
  ]) {
    assert.notEqual(checkNetnsName(name), null, name);
  }
});

test('MACs are read, counted up and kept unicast', () => {
  assert.deepEqual(parseMac('C2:00:0A:0b:0c:0D'), { text: 'c2:00:0a:0b:0c:0d', multicast: false });
  for (const text of ['c2:00:00:00:00', 'c2-00-00-00-00-00', 'c2:00:00:00:00:0g', 'c2:0:0:0:0:0', '']) {
    assert.equal(typeof parseMac(text), 'string', text);
  }
  assert.equal(isMulticast('01:00:5e:00:00:01'), true);
  assert.equal(addToMac('00:0a:0b:0c:0d:ff', 1), '00:0a:0b:0c:0e:00');
  assert.equal(addToMac('ff:ff:ff:ff:ff:ff', 1), null);
  assert.equal(addToMac('ff:ff:ff:ff:ff:fe', 1), 'ff:ff:ff:ff:ff:ff');
  assert.deepEqual([...macBytes('c2:00:0a:ff:01:10')], [0xc2, 0, 0x0a, 0xff, 1, 0x10]);
  assert.equal(macText(Uint8Array.of(9, 0xc2, 0, 0x0a, 0xff, 1, 0x10), 1), 'c2:00:0a:ff:01:10');
});

test('a link-local address is that of the MAC, as the kernel makes it', () => {
  assert.equal(linkLocalOf('c2:46:f0:e9:28:17'), 'fe80::c046:f0ff:fee9:2817/64');
  assert.equal(linkLocalOf('00:00:00:00:00:00'), 'fe80::200:ff:fe00:0/64');
});

test('a chosen MAC is of the names alone, and replicas count up', () => {
  const first = autoMac('lab', 'node', 'eth0');
  // c2 and the first ten hexadecimal digits of SHA-256("lab\0node\0eth0").
  assert.equal(first, 'c2:4f:5b:b7:ee:cb');
  assert.equal(autoMac('lab', 'node', 'eth0'), first);
  assert.equal(autoMac('lab', 'node', 'eth0', 2), addToMac(first, 2));
  for (const other of [
    autoMac('lab2', 'node', 'eth0'),
    autoMac('lab', 'node2', 'eth0'),
    autoMac('lab', 'node', 'eth1'),
  ]) {
    assert.notEqual(other, first);
  }
});

test('the MAC of a port on a bridge of others is above those that others give theirs', () => {
  for (const dev of ['eth0', 'eth1', 'eth2', 'eth3']) {
    const mac = externalPortMac('lab', 'node', dev);
    assert.match(mac, /^fe:ff(:[0-9a-f]{2}){4}$/);
    // Of libvirt, and the last but one that the kernel may draw.
    assert.ok(mac > 'fe:54:00:ff:ff:ff' && mac > 'fe:fe:ff:ff:ff:ff');
  }
});
