/** The part that each host has of a lab, and what ties the parts together. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { partOf, waitsFor, withoutCommands } from '../../../src/spread/part.ts';
import { numbered, type Spread, Whereabout } from '../../../src/spread/spread.ts';
import { hostLines } from '../../../src/topology/nodes/hosts.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { check, lines } from '../config/loading.ts';

const HOSTS = {
  h1: { address: '192.0.2.1', port: 8472 },
  h2: { address: '192.0.2.2', port: 8472 },
  h3: { address: '192.0.2.3', port: 8472 },
};

async function topologyOf(text: string): Promise<Topology> {
  const { topology, diagnostics } = await check(text);
  assert.deepEqual(
    lines(diagnostics).filter((line) => line.includes('error')),
    [],
  );
  return topology;
}

function spreadOf(topology: Topology, place: Spread['place'], more: Partial<Spread> = {}): Spread {
  const spread = { hosts: HOSTS, place, claims: new Map(), vni: {}, ...more };
  const keys = numbered(new Whereabout(topology, spread));
  return { ...spread, vni: Object.fromEntries(keys.map((key, at) => [key, 16_385 + at])), ...more };
}

/** What a part makes: links, bridges with their modes, tunnels, commands and nodes, each as a text. */
function shownOf(topology: Topology, spread: Spread, host: string) {
  const { topology: part, peers, untied } = partOf(topology, spread, host);
  return {
    links: part.links.map(({ selector, dev }) => `${selector.name}:${dev}`),
    bridges: part.bridges.map(({ name, mode }) => `${name} ${mode}`),
    tunnels: part.tunnels.map(
      ({ bridge, local, port, remote, vni, flood }) =>
        `${bridge} ${vni} ${local}:${port} → ${flood?.join('+') ?? remote}`,
    ),
    commands: part.commands.map(({ selector: { name } }) => name),
    nodes: (part.nodes ?? []).map(({ name }) => name),
    peers,
    untied,
  };
}

const NONE = { links: [], bridges: [], tunnels: [], commands: [], nodes: [], peers: [], untied: [] };

describe('a wire', () => {
  const TEXT = 'nodes: {a: {exec: [date]}, b: , c: }\nwires: [[a:eth1, b:eth1], [b:eth2, c:eth1]]';
  const place = { 'node/a': 'h1', 'node/b': 'h1', 'node/c': 'h2' };

  test('of one host stays as it is, and one between hosts becomes a patch and a tunnel at either end', async () => {
    const topology = await topologyOf(TEXT);
    const spread = spreadOf(topology, place);
    assert.deepEqual(shownOf(topology, spread, 'h1'), {
      ...{ links: ['a:eth1', 'b:eth1', 'b:eth2'], bridges: ['wire-0 direct', 'wire-1 patch'] },
      tunnels: ['wire-1 16385 192.0.2.1:8472 → 192.0.2.2'],
      ...{ commands: ['a'], nodes: ['a', 'b'], peers: ['h2'], untied: [] },
    });
    assert.deepEqual(shownOf(topology, spread, 'h2'), {
      ...{ links: ['c:eth1'], bridges: ['wire-1 patch'] },
      tunnels: ['wire-1 16385 192.0.2.2:8472 → 192.0.2.1'],
      ...{ commands: [], nodes: ['c'], peers: ['h1'], untied: [] },
    });
    assert.deepEqual(shownOf(topology, spread, 'h3'), NONE);
  });

  test('goes through the trunk where both hosts have one; a LAN never does', async () => {
    const topology = await topologyOf(TEXT);
    const inTrunk = async (with1: boolean, with2: boolean, of = topology, at: Spread['place'] = place) => {
      const hosts = {
        h1: { ...HOSTS.h1, ...(with1 && { trunk: true as const }) },
        h2: { ...HOSTS.h2, ...(with2 && { trunk: true as const }) },
      };
      const parts = ['h1', 'h2'].map((host) => partOf(of, spreadOf(of, at, { hosts }), host).topology.tunnels);
      return parts.map((tunnels) => tunnels.map(({ isInTrunk, port }) => `${isInTrunk === true} ${port}`).join());
    };
    assert.deepEqual(await inTrunk(true, true), ['true 8473', 'true 8473']);
    for (const [one, other] of [
      [true, false],
      [false, true],
      [false, false],
    ] as const)
      assert.deepEqual(await inTrunk(one, other), ['false 8472', 'false 8472']);
    const lan = await topologyOf(
      'bridges: [{bridge: lan}]\nlinks: [{netns: a, dev: e, bridge: lan}, {netns: b, dev: e, bridge: lan}]',
    );
    assert.deepEqual(await inTrunk(true, true, lan, { 'netns/a': 'h1', 'netns/b': 'h2' }), [
      'false 8472',
      'false 8472',
    ]);
  });

  test('without a VNI, or to a host without an address, is told', async () => {
    const topology = await topologyOf(TEXT);
    assert.deepEqual(shownOf(topology, spreadOf(topology, place, { vni: {} }), 'h1').untied, ['wire-1']);
    const hosts = { h1: HOSTS.h1, h3: HOSTS.h3 };
    assert.deepEqual(shownOf(topology, spreadOf(topology, place, { hosts }), 'h1').untied, ['wire-1']);
  });

  test('keeps its VNI where another is put before it in the file', async () => {
    const keys = async (text: string) =>
      numbered(new Whereabout(await topologyOf(text), spreadOf(await topologyOf(text), place)));
    assert.deepEqual(await keys(TEXT), ['node/b:eth2 node/c:eth1']);
    const longer = TEXT.replace('wires: [', 'wires: [[a:eth2, c:eth2], ');
    assert.deepEqual(await keys(longer), ['node/a:eth2 node/c:eth2', 'node/b:eth2 node/c:eth1']);
  });
});

describe('a LAN', () => {
  const TEXT = `
links:
  - {netns: a, bridge: lan}
  - {netns: b, bridge: lan}
  - {netns: c, bridge: lan}
  - {netns: d, bridge: lan}
  - {netns: d, bridge: alone, dev: eth1}
bridges: [{bridge: lan, mode: linux}, {bridge: alone, mode: linux}, {bridge: spare, mode: linux}]`;
  const place = { 'netns/a': 'h1', 'netns/b': 'h2', 'netns/c': 'h3', 'netns/d': 'h3' };

  test('of several hosts has one tunnel at each, which floods to all others', async () => {
    const topology = await topologyOf(TEXT);
    const spread = spreadOf(topology, place);
    assert.deepEqual(shownOf(topology, spread, 'h1'), {
      ...NONE,
      ...{ links: ['a:eth0'], bridges: ['lan linux', 'spare linux'], peers: ['h2', 'h3'] },
      tunnels: ['lan 16385 192.0.2.1:8472 → 192.0.2.2+192.0.2.3'],
    });
    assert.deepEqual(shownOf(topology, spread, 'h3'), {
      ...NONE,
      ...{ links: ['c:eth0', 'd:eth0', 'd:eth1'], bridges: ['lan linux', 'alone linux'], peers: ['h1', 'h2'] },
      tunnels: ['lan 16385 192.0.2.3:8472 → 192.0.2.1+192.0.2.2'],
    });
  });

  test('of two hosts has a flood list too, so that a third changes nothing else', async () => {
    const topology = await topologyOf(TEXT);
    const spread = spreadOf(topology, { ...place, 'netns/b': 'h1' });
    assert.deepEqual(shownOf(topology, spread, 'h1').tunnels, ['lan 16385 192.0.2.1:8472 → 192.0.2.3']);
    assert.notEqual(partOf(topology, spread, 'h1').topology.tunnels[0]?.flood, undefined);
  });

  test("with a tunnel of the file's own has that on one host only", async () => {
    const topology = await topologyOf(`${TEXT}\ntunnels: [{type: vxlan, vni: 7, bridge: lan, remote: 198.51.100.1}]`);
    const spread = spreadOf(topology, place);
    const own = (host: string) => partOf(topology, spread, host).topology.tunnels.filter(({ vni }) => vni === 7).length;
    assert.deepEqual(['h1', 'h2', 'h3'].map(own), [1, 0, 0]);
  });

  test('that is external is tied by whoever made it', async () => {
    const topology = await topologyOf(TEXT.replace('lan, mode: linux', 'lan, external: true'));
    const shown = shownOf(topology, spreadOf(topology, place), 'h1');
    assert.deepEqual([shown.tunnels, shown.peers, shown.untied], [[], [], []]);
  });
});

describe('a container', () => {
  const TEXT = 'links: [{container: db, bridge: w}, {netns: a, bridge: w}]\nbridges: [{bridge: w, mode: direct}]';
  const place = { 'netns/a': 'h1' };

  test('that runs nowhere is waited for everywhere', async () => {
    const topology = await topologyOf(TEXT);
    const spread = spreadOf(topology, place);
    assert.deepEqual(shownOf(topology, spread, 'h1'), {
      ...NONE,
      ...{ links: ['db:eth0', 'a:eth0'], bridges: ['w direct'] },
    });
    assert.deepEqual(shownOf(topology, spread, 'h2'), { ...NONE, links: ['db:eth0'], bridges: ['w direct'] });
    assert.deepEqual(numbered(new Whereabout(topology, spread)), ['container/db:eth0 netns/a:eth0']);
  });

  test('is where it runs, whatever the record says', async () => {
    const topology = await topologyOf(TEXT);
    const claims = new Map([['container/db', ['h2']]]);
    const spread = spreadOf(topology, { ...place, 'container/db': 'h3' }, { claims });
    assert.deepEqual(shownOf(topology, spread, 'h1').tunnels, ['w 16385 192.0.2.1:8472 → 192.0.2.2']);
    assert.deepEqual(shownOf(topology, spread, 'h2').links, ['db:eth0']);
    assert.deepEqual(shownOf(topology, spread, 'h3'), NONE);
  });

  test('that stopped is where it was', async () => {
    const topology = await topologyOf(TEXT);
    const spread = spreadOf(topology, { ...place, 'container/db': 'h2' });
    assert.deepEqual(shownOf(topology, spread, 'h2').tunnels, ['w 16385 192.0.2.2:8472 → 192.0.2.1']);
  });
});

describe('the host itself', () => {
  const TEXT = 'nodes: {a: , b: }\nwires: [[a:eth1, "host:veth0"], [a:eth2, b:eth1]]';

  test('is the one that has the other end', async () => {
    const topology = await topologyOf(TEXT);
    const spread = spreadOf(topology, { 'node/a': 'h2', 'node/b': 'h1' });
    assert.deepEqual(shownOf(topology, spread, 'h2').links, ['a:eth1', 'host:veth0', 'a:eth2']);
    assert.deepEqual(shownOf(topology, spread, 'h1').links, ['b:eth1']);
  });
});

test('names that all objects have are names as others', async () => {
  const topology = await topologyOf('nodes: {constructor: , toString: }\nwires: [[constructor:eth1, toString:eth1]]');
  const spread = { ...spreadOf(topology, { 'node/constructor': 'h1', 'node/toString': 'h2' }), vni: {} };
  assert.deepEqual(shownOf(topology, spread, 'h1').untied, ['wire-0']);
  assert.deepEqual(shownOf(topology, { ...spread, place: {} }, 'h1'), NONE);
});

test('a part waits for the hosts that its wires lead to, with its commands and nothing else', async () => {
  const topology = await topologyOf(
    'nodes: {a: {exec: [date]}, b: , c: }\nwires: [[a:eth1, b:eth1], [a:eth2, c:eth1]]',
  );
  const part = partOf(topology, spreadOf(topology, { 'node/a': 'h1', 'node/b': 'h2', 'node/c': 'h3' }), 'h1');
  assert.deepEqual(
    waitsFor(part, (host) => host === 'h2'),
    ['h3'],
  );
  assert.deepEqual(
    waitsFor(part, () => true),
    [],
  );
  assert.deepEqual(withoutCommands(part), { ...part.topology, commands: [] });
  assert.equal(part.topology.commands.length, 1);
});

test('the nodes of each part know the nodes of the whole lab by name', async () => {
  const text = 'nodes: {a: , b: }\nwires: [{ends: [a:eth1, b:eth1], ip: [10.0.0.1/24, 10.0.0.2/24]}]';
  const topology = await topologyOf(text);
  const { topology: part } = partOf(topology, spreadOf(topology, { 'node/a': 'h1', 'node/b': 'h2' }), 'h1');
  assert.deepEqual(hostLines(part), [
    { address: '10.0.0.1', names: ['a'] },
    { address: '10.0.0.2', names: ['b'] },
  ]);
});

test('an end falls with the other host only where it is told to, and where all ends elsewhere are lost', async () => {
  const text = `
nodes: {a: , b: , c: }
links: [{node: a, dev: eth9, bridge: lan, on-host-loss: down}, {node: b, dev: eth9, bridge: lan}, {node: c, dev: eth9, bridge: lan}]
wires:
  - {ends: [a:eth1, b:eth1], on-host-loss: down}
  - [a:eth2, b:eth2]
  - {ends: [a:eth3, c:eth3], on-host-loss: down}`;
  const topology = await topologyOf(text);
  const spread = spreadOf(topology, { 'node/a': 'h1', 'node/b': 'h2', 'node/c': 'h1' });
  const cut = (lost: readonly string[]): readonly string[] =>
    partOf(topology, spread, 'h1', new Set(lost)).topology.links.flatMap(({ selector, dev, isCutOff }) =>
      isCutOff ? [`${selector.name}:${dev}`] : [],
    );
  assert.deepEqual(cut([]), []);
  assert.deepEqual(cut(['h3']), []);
  assert.deepEqual(cut(['h2', 'h3']), ['a:eth1']);
});
