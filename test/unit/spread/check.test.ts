/** What is refused or warned of once a lab is on several hosts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSpread } from '../../../src/spread/check.ts';
import type { Spread } from '../../../src/spread/spread.ts';
import { check, codedLines } from '../config/loading.ts';

const HOSTS = { h1: { address: '192.0.2.1', port: 8472 }, h2: { address: '192.0.2.2', port: 8472 } };

async function faultsOf(text: string, place: Spread['place'], more: Partial<Spread> = {}, underlays = {}) {
  const { topology } = await check(text);
  const spread = { hosts: HOSTS, place, claims: new Map(), vni: {}, ...more };
  return codedLines(checkSpread(topology, spread, { underlays: new Map(Object.entries(underlays)), rooms: new Map() }));
}

test('nodes that can be on no host', async () => {
  assert.deepEqual(await faultsOf('nodes:\n  a: {on: h3}\n  b:\n  c: {on: h2}\n', { 'node/c': 'h2' }), [
    '[spread-no-host] 2:6: error: node a is to be on the host h3, which does not take part (`linkloom daemon --store URL --host h3` on that host makes it take part)',
    '[spread-no-host] 3:5: error: node b: there is no host to place it on (`linkloom daemon --store URL --host NAME` on that host makes it take part)',
  ]);
  assert.deepEqual(await faultsOf('links: [{container: db, bridge: lan}, {service: web, bridge: lan}]', {}), []);
});

test('links and commands of the host that do not say which one', async () => {
  const text = `
links:
  - {netns: a, bridge: lan}
  - {netns: b, bridge: lan}
  - {host: true, bridge: lan, dev: veth0}
  - {host: true, bridge: own, dev: veth1}
  - {netns: b, bridge: own, dev: eth1}
commands: [{host: true, command: date}]`;
  const place = { 'netns/a': 'h1', 'netns/b': 'h2' };
  assert.deepEqual(await faultsOf(text, place), [
    '[spread-host-end] 5:5: error: host:veth0: the lab is on several hosts, and what it is tied to does not say which one is meant (tie it to nodes of one host, which `on:` places)',
    '[spread-host-end] 8:12: error: a command of the host: the lab is on several hosts, and it does not say which one is meant (run it in a node, or on the hosts yourself)',
  ]);
  assert.deepEqual(await faultsOf(text, { 'netns/a': 'h1', 'netns/b': 'h1' }, { hosts: { h1: HOSTS.h1 } }), []);
});

test('a bridge of the hosts themselves', async () => {
  const text = 'bridges: [{bridge: br0, external: true}]\nlinks: [{netns: a, bridge: br0}, {netns: b, bridge: br0}]';
  assert.deepEqual(await faultsOf(text, { 'netns/a': 'h1', 'netns/b': 'h2' }, {}, { h1: 1500, h2: 1500 }), [
    '[spread-external] 1:11: warning: bridge br0 is external, and its nodes are on h1, h2: each uses the one of its own host (see that these bridges are one network, or place the nodes on one host by `on:`)',
  ]);
});

test('nodes that wait for nodes of another host', async () => {
  const text = 'nodes:\n  a: {wait_for: [b, c]}\n  b:\n  c:\n';
  assert.deepEqual(await faultsOf(text, { 'node/a': 'h1', 'node/b': 'h1', 'node/c': 'h2' }), [
    '[spread-wait] 2:6: error: node a is on h1 and waits for c, which is on h2 (give both the same `on:`)',
  ]);
});

test('containers of one name on two hosts; a service may have some on each', async () => {
  const text = 'links: [{container: db, bridge: lan}, {service: web, bridge: lan}]';
  const claims = new Map([
    ['container/db', ['h1', 'h2']],
    ['service/web', ['h1', 'h2']],
  ]);
  assert.deepEqual(await faultsOf(text, {}, { claims }), [
    '[spread-claimed-twice] error: a container called db runs on h1 and h2 (stop or rename one of them)',
  ]);
});

test('hosts of two families or ports, only where wires go from one to the other', async () => {
  const hosts = { h1: HOSTS.h1, h2: { address: 'fd00::2', port: 8472 } };
  const text = 'nodes: {a: , b: , c: }\nwires: [[a:eth1, b:eth1], [a:eth2, c:eth1], [b:eth2, c:eth2]]';
  const apart = { 'node/a': 'h1', 'node/b': 'h1', 'node/c': 'h2' };
  assert.deepEqual(await faultsOf(text, apart, { hosts }), [
    '[spread-addresses] 2:45: error: wires go from h1 (192.0.2.1) to h2 (fd00::2), and a tunnel has one family of addresses (give both an `address` of one family in `hosts:`)',
  ]);
  assert.deepEqual(await faultsOf(text, { ...apart, 'node/c': 'h1' }, { hosts }), []);
  assert.deepEqual(await faultsOf(text, apart, { hosts: { h1: HOSTS.h1, h2: { ...HOSTS.h2, port: 9000 } } }), [
    '[spread-addresses] 2:45: error: wires go from h1 (port 8472) to h2 (port 9000), and a vxlan hears and sends by one port (give both the same `port` in `hosts:`)',
  ]);
});

test('wires that the network between the hosts is too small for, once for each reason', async () => {
  const text = `
nodes: {a: , b: , c: }
wires:
  - [a:eth1, b:eth1]
  - {ends: [a:eth2, c:eth1], mtu: 1450}
  - {ends: [b:eth2, c:eth2], mtu: 1451}
  - [b:eth3, c:eth3]
  - [a:eth4, c:eth4]`;
  const place = { 'node/a': 'h1', 'node/b': 'h1', 'node/c': 'h2' };
  assert.deepEqual(await faultsOf(text, place, {}, { h1: 9000, h2: 1500 }), [
    '[spread-mtu] 6:5: warning: packets of b:eth2 and 1 other link (MTU 1451) do not fit the network between hosts: that of h2 takes 1500, of which 50 are headers (`mtu: 1450` for these links, or an MTU of 1501 between the hosts)',
    '[spread-mtu] 7:5: warning: packets of b:eth3 and 3 other links (MTU 65535) do not fit the network between hosts: that of h2 takes 1500, of which 50 are headers (`mtu: 1450` for these links, or an MTU of 65585 between the hosts)',
  ]);
  const six = { h1: { address: 'fd00::1', port: 1 }, h2: { address: 'fd00::2', port: 1 } };
  assert.match((await faultsOf(text, place, { hosts: six }, { h2: 1500 }))[0] ?? '', /b:eth2|a:eth2.*70 are headers/);
  assert.deepEqual(await faultsOf(text, place), []);
});

test('nodes that may use more than their host has', async () => {
  const text = `
nodes:
  a: {image: alpine, cpus: 2, memory: 6g}
  b: {image: alpine, cpus: 2.5, memory: 7g}
  c: {image: alpine, memory: 900g}
  d:`;
  const { topology } = await check(text);
  const place = { 'node/a': 'h1', 'node/b': 'h1', 'node/c': 'h2', 'node/d': 'h1' };
  const spread = { hosts: HOSTS, place, claims: new Map(), vni: {} };
  const found = (cpus: number | null, gib: number | null): readonly string[] => {
    const h1 = { name: 'h1', cpus, memoryBytes: gib === null ? null : gib * 2 ** 30 };
    return codedLines(checkSpread(topology, spread, { underlays: new Map(), rooms: new Map([['h1', h1]]) }));
  };
  assert.deepEqual(found(4, 12.5), [
    '[spread-room] 4:6: warning: the nodes on the host h1 may use 4.5 processors, and it has 4 (place some of them elsewhere by `on:`; the largest is b)',
    '[spread-room] 4:6: warning: the nodes on the host h1 may use 13 GiB of memory, and it has 12.5 (place some of them elsewhere by `on:`; the largest is b)',
  ]);
  assert.deepEqual(found(4.5, 13), []);
  assert.deepEqual(found(null, null), []);
});
