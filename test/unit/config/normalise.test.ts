/** Config → Topology: defaults, forms, bridge modes; and what is said of features that are still to come. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parentOf } from '../../../src/kinds/links/link-kinds.ts';
import { type NormaliseOptions, normalise } from '../../../src/topology/normalise.ts';
import { showConfig } from '../../../src/topology/show-config.ts';
import { check, lines } from './loading.ts';

async function topologyOf(text: string, options: Partial<NormaliseOptions> = {}) {
  const { config, diagnostics } = await check(text);
  assert.deepEqual(lines(diagnostics), []);
  return normalise(config, { lab: 'lab', haveOpenvswitch: null, ...options });
}

describe('normalise', () => {
  test('fills in every default of a veth', async () => {
    const { topology } = await topologyOf('links: [{service: a, bridge: b}]');
    const [{ where, ...link } = { where: () => undefined }] = topology.links;
    assert.deepEqual(link, {
      selector: { kind: 'service', name: 'a' },
      type: 'veth',
      dev: 'eth0',
      bridge: 'b',
      outerDev: null,
      mac: null,
      addresses: [],
      mtuBytes: 65535,
      routes: [],
      state: 'up',
      queues: 1,
      nat: null,
      forwards: [],
      netem: null,
      netemText: [],
      ethtool: ['--offload tx off'],
      numbers: {},
      txChecksumOff: true,
    });
    assert.deepEqual([where()?.line, where()?.column], [1, 9]);
  });

  test('gives every text its one form', async () => {
    const { topology } = await topologyOf(
      'links: [{service: a, bridge: b, ip: ["FD00:0::1/64", 10.0.0.1/8], mac: "C2:AB:00:00:00:01", route: default via 10.0.0.2, forward: "08:80/udp", netem: [delay 10ms, loss 1%]}]',
    );
    const [link] = topology.links;
    assert.deepEqual(link?.addresses, ['fd00::1/64', '10.0.0.1/8']);
    assert.equal(link?.mac, 'c2:ab:00:00:00:01');
    assert.deepEqual([link?.routes[0]?.dst, link?.routes[0]?.via], ['0.0.0.0/0', '10.0.0.2']);
    assert.deepEqual(link?.numbers, {});
    assert.deepEqual(link?.forwards, [{ outerPort: 8, innerPort: 80, protocol: 'udp' }]);
    assert.deepEqual([link?.netem?.delayUs, link?.netem?.loss], [10_000, 0.01]);
  });

  test('each fault of impair and netem has the place of its own words', async () => {
    const text = `links:
  - netns: a
    bridge: b
    impair:
      delay: 10ms
      loss: 200%
      rate: 10mbt
  - netns: b
    bridge: b
    netem:
      - loss 300%
      - delay
      - 10ms rate 5mbt
  - {netns: c, bridge: b, impair: {jitter: 1ms}}
  - netns: c
    impair: {loss: 1%}
`;
    assert.deepEqual(
      (await check(text)).diagnostics
        .filter(({ severity }) => severity === 'error')
        .map((fault) => lines([fault])[0]?.split(': error')[0]),
      ['6:13', '7:13', '11:9', '13:9', '14:44'],
    );
  });

  test('impair says the same as netem', async () => {
    const netemOf = async (keys: string) =>
      (await topologyOf(`links: [{service: a, bridge: b, ${keys}}]`)).topology.links[0]?.netem;
    const impair = await netemOf('impair: {delay: 10ms, jitter: 1ms, loss: 1%, rate: 100mbit, limit: 50}');
    assert.deepEqual(impair, await netemOf('netem: delay 10ms 1ms loss 1% rate 100mbit limit 50'));
  });

  test('MTU and offload follow the options, and only for the types that they are for', async () => {
    const text = [
      'links:',
      '  - {service: a, dev: e0, bridge: b}',
      '  - {service: a, dev: e1, type: dummy}',
      '  - {service: a, dev: e2, type: macvlan, outer-dev: p}',
      '  - {service: a, dev: e3, bridge: b, mtu: 1400, ethtool: -K rx off}',
    ].join('\n');
    const { topology } = await topologyOf(text, { defaultMtuBytes: 5111, keepVethOffload: true });
    assert.deepEqual(
      topology.links.map((link) => [link.mtuBytes, link.ethtool, parentOf(link)?.base ?? null]),
      [
        [5111, [], null],
        [5111, [], null],
        [null, [], 'host'],
        [1400, ['-K rx off'], null],
      ],
    );
  });

  test('bridges are those defined, then those of links, then those of tunnels, with their modes settled', async () => {
    const text = [
      'bridges: [{bridge: z, mode: patch}, {bridge: y, mode: auto}]',
      'links: [{service: a, bridge: x}, {service: a, dev: e1, bridge: z}]',
      'tunnels: [{type: vxlan, bridge: w, remote: 10.0.0.1, vni: 7}]',
    ].join('\n');
    const modes = async (options: Partial<NormaliseOptions>) =>
      (await topologyOf(text, options)).topology.bridges.map(({ name, mode }) => `${name}=${mode}`).join(' ');
    assert.equal(await modes({}), 'z=patch y=linux x=linux w=linux');
    assert.equal(await modes({ haveOpenvswitch: true }), 'z=patch y=ovs x=ovs w=ovs');
    assert.equal(
      await modes({ haveOpenvswitch: false, defaultBridgeMode: 'direct' }),
      'z=patch y=linux x=direct w=direct',
    );
  });

  test('a bridge that asks for auto is told that it falls back; one that names nothing falls back silently', async () => {
    const said = async (keys: string, haveOpenvswitch: boolean | null) =>
      lines((await topologyOf(`bridges: [{bridge: b${keys}}]`, { haveOpenvswitch })).diagnostics);
    assert.deepEqual(await said(', mode: auto', false), [
      "1:29: warning: bridge b mode is 'auto', but no 'openvswitch' kernel module loaded, so falling back to 'linux'",
    ]);
    assert.deepEqual(await said(', mode: auto', true), []);
    assert.deepEqual(await said('', false), []);
  });

  test('Open vSwitch that is asked for is no fault of the configuration: the machine is asked when it is needed', async () => {
    const { topology, diagnostics } = await topologyOf(
      'bridges: [{bridge: b, mode: ovs}, {bridge: c, datapath: netdev}]',
      { haveOpenvswitch: false },
    );
    assert.deepEqual(lines(diagnostics), []);
    assert.deepEqual(
      topology.bridges.map(({ mode, datapath }) => [mode, datapath]),
      [
        ['ovs', null],
        ['ovs', 'netdev'],
      ],
    );
  });

  test('replies to forwards go back to linkloom by the first link of a node that has some', async () => {
    const text = [
      'links:',
      '  - {service: a, dev: e0, bridge: b, ip: 10.0.0.1/24}',
      '  - {service: a, dev: e1, bridge: b, ip: 10.1.0.1/24, forward: "80:80/tcp", route: default via 10.1.0.2}',
      '  - {service: a, dev: e2, bridge: b, ip: 10.2.0.1/24, forward: "81:80/tcp"}',
      '  - {service: c, dev: e1, bridge: b, ip: 10.3.0.1/24, forward: "82:80/tcp", route: 172.17.0.2/32 via 10.3.0.9}',
    ].join('\n');
    const routes = async (uplinkAddress?: string) =>
      (await topologyOf(text, { uplinkAddress })).topology.links.map((link) =>
        link.routes.map(({ text }) => text).join(),
      );
    assert.deepEqual(await routes(), ['', 'default via 10.1.0.2', '', '172.17.0.2/32 via 10.3.0.9']);
    const known = ['', 'default via 10.1.0.2,172.17.0.2/32', '', '172.17.0.2/32 via 10.3.0.9'];
    assert.deepEqual(await routes('172.17.0.2'), known);
  });

  test('nat has an address of its family to translate from', async () => {
    const said = async (keys: string) =>
      lines((await topologyOf(`links: [{netns: a, bridge: b, ${keys}}]`)).diagnostics).map((line) => line.slice(6));
    assert.deepEqual(await said('ip: 10.0.0.1/24, nat: 10.0.0.9'), []);
    assert.deepEqual(await said('ip: [10.0.0.1/24, "fd00::1/64"], nat: "FD00::9"'), []);
  });

  test('a forward without an uplink is an error', async () => {
    const text = 'links: [{service: a, bridge: b, ip: 10.0.0.1/24, forward: "80:80/tcp"}]';
    assert.equal((await topologyOf(text, { uplinkAddress: null })).diagnostics.length, 1);
    assert.equal((await topologyOf(text, { uplinkAddress: '172.17.0.2' })).diagnostics.length, 0);
  });
});

describe("conlink's --show-config", () => {
  test("a MAC and a tunnel's netem are as they were written", async () => {
    const { topology } = await topologyOf(
      [
        'links: [{container: c, bridge: b, mac: "C2:00:00:00:00:aB"}]',
        'tunnels:',
        '  - {type: vxlan, bridge: b, remote: 10.0.0.9, vni: 1, netem: delay 1ms}',
        '  - {type: vxlan, bridge: b, remote: 10.0.0.9, vni: 2, netem: [delay 1ms, loss 1%]}',
        '  - {type: vxlan, bridge: b, remote: 10.0.0.9, vni: 3, impair: {delay: 1ms}}',
        '  - {type: vxlan, bridge: b, remote: 10.0.0.9, vni: 4}',
      ].join('\n'),
    );
    const shown = JSON.parse(JSON.stringify(showConfig(topology)));
    assert.equal(topology.links[0]?.mac, 'c2:00:00:00:00:ab');
    assert.equal(shown.containers.c.links[0].mac, 'C2:00:00:00:00:aB');
    assert.deepEqual(
      shown.tunnels.map(({ netem }: { netem: unknown }) => netem),
      ['delay 1ms', ['delay 1ms', 'loss 1%'], ['delay 1ms'], undefined],
    );
  });

  test('has the shape that its tools read', async () => {
    const { topology } = await topologyOf(
      [
        'bridges: [{bridge: s1, mode: linux, x-note: kept}]',
        'links:',
        '  - {service: r0, dev: eth1, bridge: s1, ip: 10.0.0.1/24, mac: "c2:00:00:00:00:01", route: default via 10.0.0.2, forward: "80:8080/tcp", netem: delay 1ms}',
        '  - {container: c, type: ipvlan, mode: l2, outer-dev: enp1s0}',
        '  - {service: r0, type: vlan, vlanid: 5, outer-dev: enp1s0}',
        'commands: [{service: r0, command: id}]',
      ].join('\n'),
    );
    const shown = JSON.parse(JSON.stringify(showConfig(topology)));
    const mac = shown.services.r0.links[1].mac;
    assert.match(mac, /^c2(:[0-9a-f]{2}){5}$/);
    const s1 = { bridge: 's1', mode: 'linux', 'x-note': 'kept' };
    assert.deepEqual(shown, {
      bridges: { s1 },
      tunnels: null,
      containers: {
        c: {
          links: [
            {
              type: 'ipvlan',
              dev: 'eth0',
              base: 'host',
              container: 'c',
              mode: 'l2',
              'outer-dev': 'enp1s0',
              ethtool: [],
            },
          ],
        },
      },
      services: {
        r0: {
          links: [
            {
              type: 'veth',
              dev: 'eth1',
              base: 'conlink',
              service: 'r0',
              bridge: s1,
              ip: '10.0.0.1/24',
              mac: 'c2:00:00:00:00:01',
              mtu: 65535,
              route: ['default via 10.0.0.2'],
              forward: [[80, 8080, 'tcp']],
              netem: ['delay 1ms'],
              ethtool: ['--offload tx off'],
            },
            {
              type: 'vlan',
              dev: 'eth0',
              base: 'host',
              service: 'r0',
              mac,
              vlanid: 5,
              'outer-dev': 'enp1s0',
              ethtool: [],
            },
          ],
          commands: [{ service: 'r0', command: 'id' }],
        },
      },
    });
  });
});
