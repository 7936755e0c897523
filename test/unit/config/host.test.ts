/** `host: true`: the host itself as a node. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { printConfig } from '../../../src/config/print.ts';
import { OWN_NS } from '../../../src/net/ns-id.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import { showConfig } from '../../../src/topology/show-config.ts';
import type { Container } from '../../../src/topology/topology.ts';
import { check, codedLines } from './loading.ts';

const LAB = `
lab: l
links:
  - {host: true, dev: h0, bridge: b, ip: 10.0.0.1/24}
  - {netns: a, dev: e0, bridge: b}
wires:
  - ['host:h1', netns/a:e1]
commands:
  - {host: true, command: 'true'}
`;

const CALLED_HOST: Container = {
  ...{ id: 'a'.repeat(64), name: 'host', pid: 7, service: 'web', index: 1 },
  ...{ project: 'p', workingDir: null, isOneOff: false, isPaused: false },
};

describe('the host as a node', () => {
  test('its links are in the namespace that is the host’s, and called host', async () => {
    const { topology, diagnostics } = await check(LAB);
    assert.deepEqual(codedLines(diagnostics), []);
    const { network } = instantiate(topology, { containers: [], netns: 'all', host: 'pid/1' }, null);
    const ends = network.links.map(({ id, node }) => `${id} ${node.kind} ${node.ns}`);
    assert.deepEqual(
      ends.filter((end) => end.startsWith('host:')),
      ['host:h0 host pid/1', 'host:h1 host pid/1'],
    );
  });

  test('a container that is called host gets its kind before its name, the host never', async () => {
    const { topology } = await check(
      `${LAB}  - {service: web, command: 'true'}\n`.replace('wires:', '  - {service: web, dev: e0, bridge: b}\nwires:'),
    );
    const { network } = instantiate(topology, { containers: [CALLED_HOST], netns: 'all', host: OWN_NS }, null);
    const ids = network.links.map(({ id }) => id);
    assert.ok(ids.includes('host:h0') && ids.includes('container/host:e0'), ids.join());
  });

  test('config prints it back, and --show-config is read again', async () => {
    const first = await check(LAB);
    const printed = printConfig(first.config, {
      format: 'json',
      lab: 'l',
      defaultBridgeMode: 'auto',
      defaultMtuBytes: 65_535,
    });
    const second = await check(printed);
    assert.deepEqual(codedLines(second.diagnostics), []);
    assert.deepEqual(showConfig(second.topology), showConfig(first.topology));
    const shown = showConfig(first.topology);
    const third = await check(JSON.stringify({ ...shown, services: {} }));
    assert.deepEqual(codedLines(third.diagnostics), []);
    assert.deepEqual(
      third.topology.links.map(({ selector, dev }) => `${selector.kind} ${dev}`).sort(),
      first.topology.links.map(({ selector, dev }) => `${selector.kind} ${dev}`).sort(),
    );
  });

  for (const [text, fault] of [
    ['links: [{host: false, dev: h0, bridge: b}]', '[wrong-type] 1:16: error: links[0]: host must be true, not false'],
    [
      'links: [{host: true, netns: a, dev: h0, bridge: b}]',
      '[node-ambiguous] 1:10: error: a:h0: both netns and host are given',
    ],
    [
      'links: [{netns: host, dev: h0, bridge: b}]',
      '[netns-name] 1:17: error: host:h0: netns "host" is the host itself',
    ],
    [
      'links: [{container: host, dev: h0, bridge: b}]',
      '[node-name] 1:21: error: host:h0: container "host" is the host itself',
    ],
    ['nodes: {host: {}}', '[node-name] 1:9: error: nodes: "host" is the host itself'],
    [
      'wires: [["netns/host:e0", "netns/a:e0"]]',
      '[netns-name] 1:10: error: wires[0]: "netns/host:e0": "host" is the host itself',
    ],
  ] as const) {
    test(text, async () => {
      const [first = ''] = codedLines((await check(text)).diagnostics);
      assert.ok(first.startsWith(fault), first);
    });
  }
});
