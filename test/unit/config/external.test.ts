/** `external: true`: what may be said of a bridge that others made, and what becomes of its links. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { printConfig } from '../../../src/config/print.ts';
import { sha256Hex } from '../../../src/net/digest.ts';
import { checkNetwork } from '../../../src/topology/checks.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import { showConfig } from '../../../src/topology/show-config.ts';
import { check, codedLines } from './loading.ts';

const BRIDGE = '{bridge: br-lab, external: true}';
const LINK = '{netns: a, dev: eth1, bridge: br-lab, ip: 10.0.0.2/24}';
const LAB = `bridges: [${BRIDGE}]\nlinks: [${LINK}]\n`;

const printed = { format: 'json', lab: 'l', defaultBridgeMode: 'ovs', defaultMtuBytes: 65_535 } as const;

const networkOf = async (text: string) =>
  instantiate((await check(text)).topology, { containers: [], netns: 'all', host: 'pid/1' }, null).network;

describe('a bridge that others made', () => {
  for (const [more, fault] of [
    ['mode: linux', 'external and mode exclude each other'],
    ['datapath: netdev', 'external and datapath exclude each other'],
    ['mcast-snooping: true', 'external and mcast-snooping exclude each other'],
    ['vlans: 5', 'external and vlans exclude each other'],
  ] as const) {
    test(`may have no ${more}`, async () => {
      const { diagnostics } = await check(`bridges: [{bridge: br-lab, external: true, ${more}}]\nlinks: [${LINK}]\n`);
      const said = codedLines(diagnostics);
      assert.ok(
        said.some((line) => line.startsWith('[keys-exclude] ') && line.includes(`bridge br-lab: ${fault}`)),
        said.join('\n'),
      );
    });
  }

  test('may have keys of others, `x-…`, and nothing else but true', async () => {
    const noted = await check(`bridges: [{bridge: br-lab, external: true, x-note: theirs}]\nlinks: [${LINK}]\n`);
    assert.deepEqual(codedLines(noted.diagnostics), []);
    for (const value of ['1', '"true"', 'null']) {
      const { diagnostics } = await check(`bridges: [{bridge: br-lab, external: ${value}}]\nlinks: [${LINK}]\n`);
      assert.ok(diagnostics.length > 0, value);
    }
  });

  for (const [more, code, message] of [
    ['tunnels: [{type: vxlan, bridge: br-lab, remote: 192.0.2.1, vni: 5}]', 'tunnel-bridge', 'br-lab is external'],
    ['links: [{service: a, bridge: br-lab, ip: 10.0.0.3/24, forward: "80:80/tcp"}]', 'forward-bridge', 'external'],
  ] as const) {
    test(`has no ${code}`, async () => {
      const { diagnostics } = await check(`bridges: [${BRIDGE}]\n${more}\n`);
      const said = codedLines(diagnostics);
      assert.ok(
        said.some((line) => line.startsWith(`[${code}] `) && line.includes(message)),
        said.join('\n'),
      );
    });
  }

  test('has a name that a device can have', async () => {
    const { diagnostics } = await check('bridges: [{bridge: "no device/", external: true}]\n');
    assert.match(codedLines(diagnostics).join('\n'), /^\[bridge-name\] /);
  });

  test('gives its links the MTU that it has, whatever the default, also as `config` prints them', async () => {
    const { config, topology } = await check(`lab: l\n${LAB}`);
    assert.equal(topology.links[0]?.mtuBytes, null);
    const again = await check(printConfig(config, printed));
    assert.deepEqual(codedLines(again.diagnostics), []);
    assert.deepEqual(showConfig(again.topology), showConfig(topology));
    assert.deepEqual([again.topology.links[0]?.mtuBytes, again.topology.bridges[0]?.isExternal], [null, true]);
  });

  test('has ports whose names no other lab’s and no other node’s have', async () => {
    const [port] = (await networkOf(`lab: one\n${LAB}`)).links;
    const id = sha256Hex('one\0a').slice(0, 8);
    assert.equal(port && 'outerDev' in port && port.outerDev, `c${id}-eth1`);
    const [other] = (await networkOf(`lab: two\n${LAB}`)).links;
    assert.notEqual(other && 'outerDev' in other && other.outerDev, `c${id}-eth1`);
  });

  test('shares the names of devices with the host’s links, and with nothing in a switch namespace', async () => {
    const host = (dev: string): string =>
      `bridges: [${BRIDGE}]\nlinks: [${LINK}, {host: true, dev: ${dev}, bridge: other}]\n`;
    const clashes = checkNetwork(await networkOf(host('br-lab'))).map(({ message }) => message);
    assert.match(clashes.join('\n'), /host:br-lab has the name of bridge br-lab/);
    const outer = `bridges: [${BRIDGE}]\nlinks: [${LINK}, {netns: b, dev: eth1, bridge: other, outer-dev: br-lab}]\n`;
    assert.deepEqual(
      checkNetwork(await networkOf(outer)).filter(({ severity }) => severity === 'error'),
      [],
    );
  });

  test('holds as many links as others leave room for: the kernel says how many', async () => {
    const links = Array.from({ length: 1100 }, (_, n) => `{netns: n${n}, dev: eth1, bridge: br-lab}`);
    const network = await networkOf(`bridges: [${BRIDGE}]\nlinks: [${links.join(', ')}]\n`);
    assert.deepEqual(
      checkNetwork(network).filter(({ severity }) => severity === 'error'),
      [],
    );
  });
});
