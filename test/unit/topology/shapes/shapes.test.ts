import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { LinkloomError } from '../../../../src/errors.ts';
import { type GeneratedConfig, generate, type ShapeOptions } from '../../../../src/topology/shapes/generate.ts';
import { SHAPES, type ShapeName } from '../../../../src/topology/shapes/names.ts';
import { printConfig } from '../../../../src/topology/shapes/print.ts';

const NAMES = Object.keys(SHAPES) as ShapeName[];

/** `n0:eth0 b0-0 10.0.0.1/30 …` for each link. */
function linesOf(config: GeneratedConfig): string[] {
  return config.links.map((link) => `${link.netns}:${link.dev} ${link.bridge} ${link.ip}`);
}

/** Wires as pairs of node names, in order. */
function wiresOf(config: GeneratedConfig): string[] {
  const wires: string[] = [];
  for (let i = 0; i < config.links.length; i += 2) {
    assert.equal(config.links[i]?.bridge, config.links[i + 1]?.bridge);
    wires.push(`${config.links[i]?.netns}-${config.links[i + 1]?.netns}`);
  }
  return wires;
}

function refusal(shape: ShapeName, options: ShapeOptions): string {
  try {
    generate(shape, options);
  } catch (error) {
    assert.ok(error instanceof LinkloomError);
    assert.equal(error.code, 'E_USAGE');
    assert.ok(error.hint);
    return error.message;
  }
  return assert.fail(`${shape} ${JSON.stringify(options)} was not refused`);
}

test('circulant is exact', () => {
  assert.deepEqual(linesOf(generate('circulant', { nodes: 3, links: 4 })), [
    'n0:eth0 b0-0 10.0.0.1/30',
    'n1:eth1 b0-0 10.0.0.2/30',
    'n0:eth2 b0-1 10.0.0.5/30',
    'n2:eth3 b0-1 10.0.0.6/30',
    'n1:eth0 b1-0 10.0.0.9/30',
    'n2:eth1 b1-0 10.0.0.10/30',
    'n1:eth2 b1-1 10.0.0.13/30',
    'n0:eth3 b1-1 10.0.0.14/30',
    'n2:eth0 b2-0 10.0.0.17/30',
    'n0:eth1 b2-0 10.0.0.18/30',
    'n2:eth2 b2-1 10.0.0.21/30',
    'n1:eth3 b2-1 10.0.0.22/30',
  ]);
});

test('circulant by its definition, at size', () => {
  const [nodes, links] = [1000, 10];
  const byEnd = new Map(
    generate('circulant', { nodes, links }).links.map((link) => [`${link.netns}:${link.dev}`, link]),
  );
  assert.equal(byEnd.size, nodes * links);
  for (let i = 0; i < nodes; i++) {
    for (let h = 0; h < links / 2; h++) {
      const q = (i * links) / 2 + h;
      const network = 10 * 2 ** 24 + 4 * q;
      const ip = (offset: number): string => {
        const value = network + offset;
        return `${Math.floor(value / 2 ** 24)}.${Math.floor(value / 65536) % 256}.${Math.floor(value / 256) % 256}.${value % 256}/30`;
      };
      const even = byEnd.get(`n${i}:eth${2 * h}`);
      const odd = byEnd.get(`n${(i + 1 + h) % nodes}:eth${2 * h + 1}`);
      assert.deepEqual([even?.bridge, even?.ip], [`b${i}-${h}`, ip(1)]);
      assert.deepEqual([odd?.bridge, odd?.ip], [`b${i}-${h}`, ip(2)]);
    }
  }
});

test('the plain shapes', () => {
  const table: readonly (readonly [ShapeName, ShapeOptions, readonly string[]])[] = [
    ['line', { nodes: 3 }, ['n0-n1', 'n1-n2']],
    ['line', { nodes: 2, links: 4 }, ['n0-n1', 'n0-n1']],
    ['line', { nodes: 2, links: 1 }, ['n0-n1']],
    ['ring', { nodes: 3 }, ['n0-n1', 'n1-n2', 'n2-n0']],
    ['star', { nodes: 4 }, ['n0-n1', 'n0-n2', 'n0-n3']],
    ['full', { nodes: 4 }, ['n0-n1', 'n0-n2', 'n0-n3', 'n1-n2', 'n1-n3', 'n2-n3']],
    ['grid', { nodes: 5 }, ['n0-n1', 'n0-n3', 'n1-n2', 'n1-n4', 'n3-n4']],
    ['torus', { nodes: 6 }, ['n0-n1', 'n0-n3', 'n1-n2', 'n1-n4', 'n2-n0', 'n2-n5', 'n3-n4', 'n4-n5', 'n5-n3']],
    ['torus', { nodes: 4 }, ['n0-n1', 'n0-n2', 'n1-n3', 'n2-n3']],
    ['torus', { nodes: 5 }, ['n0-n1', 'n1-n2', 'n2-n3', 'n3-n4', 'n4-n0']],
    [
      'clos',
      { nodes: 5, links: 2 },
      ['spine0-leaf0', 'spine1-leaf0', 'spine0-leaf1', 'spine1-leaf1', 'spine0-leaf2', 'spine1-leaf2'],
    ],
    ['fat-tree', { links: 2 }, ['core0-agg0', 'agg0-edge0', 'edge0-host0', 'core0-agg1', 'agg1-edge1', 'edge1-host1']],
  ];
  for (const [shape, options, wires] of table) assert.deepEqual(wiresOf(generate(shape, options)), wires, shape);
});

test('each node numbers its own interfaces, each wire has its own subnet and bridge', () => {
  assert.deepEqual(linesOf(generate('ring', { nodes: 3, base: '192.168.0.0' })), [
    'n0:eth0 b0-0 192.168.0.1/30',
    'n1:eth1 b0-0 192.168.0.2/30',
    'n1:eth0 b1-0 192.168.0.5/30',
    'n2:eth1 b1-0 192.168.0.6/30',
    'n2:eth0 b2-0 192.168.0.9/30',
    'n0:eth1 b2-0 192.168.0.10/30',
  ]);
  assert.deepEqual(generate('ring', { nodes: 5 }), generate('circulant', { nodes: 5 }));
  assert.deepEqual(linesOf(generate('star', { nodes: 3, links: 2 })), [
    'n0:eth0 b0-0 10.0.0.1/30',
    'n1:eth0 b0-0 10.0.0.2/30',
    'n0:eth1 b0-1 10.0.0.5/30',
    'n1:eth1 b0-1 10.0.0.6/30',
    'n0:eth2 b0-2 10.0.0.9/30',
    'n2:eth0 b0-2 10.0.0.10/30',
    'n0:eth3 b0-3 10.0.0.13/30',
    'n2:eth1 b0-3 10.0.0.14/30',
  ]);
});

test('a fat tree of k-port switches uses every port', () => {
  assert.equal(SHAPES['fat-tree'].defaults.nodes, 4 + 8 + 8 + 16);
  assert.equal(generate('fat-tree', { nodes: 36 }).links.length, 2 * 48);
  const links = generate('fat-tree', { links: 6 }).links;
  const ports = new Map<string, number>();
  for (const link of links) ports.set(link.netns ?? '', (ports.get(link.netns ?? '') ?? 0) + 1);
  assert.equal(ports.size, 9 + 18 + 18 + 54);
  for (const [node, count] of ports) assert.equal(count, node.startsWith('host') ? 1 : 6, node);
});

test('random is connected, simple, of the size asked for, and the same for a seed', () => {
  for (const [nodes, links] of [
    [2, 1],
    [50, 3],
    [20, 18],
    [8, 7],
  ] as const) {
    const wires = wiresOf(generate('random', { nodes, links, seed: 7 }));
    assert.equal(wires.length, Math.max(nodes - 1, Math.floor((nodes * links) / 2)));
    assert.equal(new Set(wires.map((wire) => wire.split('-').sort().join('-'))).size, wires.length);
    const reached = new Set(['n0']);
    for (let before = 0; before < reached.size; ) {
      before = reached.size;
      for (const wire of wires) {
        const ends = wire.split('-');
        assert.notEqual(ends[0], ends[1]);
        if (ends.some((end) => reached.has(end))) for (const end of ends) reached.add(end);
      }
    }
    assert.equal(reached.size, nodes);
  }
  assert.deepEqual(generate('random', { seed: 3 }), generate('random', { seed: 3 }));
  assert.notDeepEqual(generate('random', { seed: 3 }), generate('random', { seed: 4 }));
});

test('impossible numbers are refused', () => {
  const table: readonly (readonly [ShapeName, ShapeOptions, string])[] = [
    ['circulant', { nodes: 4, links: 3 }, 'circulant needs an even number of links per node, not 3'],
    ['circulant', { nodes: 4, links: 8 }, 'circulant with 8 links per node would wire a node to itself'],
    ['line', { nodes: 1 }, 'line needs at least 2 nodes, not 1'],
    ['ring', { nodes: 2 }, 'ring needs at least 3 nodes, not 2'],
    ['star', { nodes: 0 }, '--nodes must be a whole number of at least 1, not 0'],
    ['star', { links: 1.5 }, '--links must be a whole number of at least 1, not 1.5'],
    ['clos', { nodes: 2, links: 2 }, 'clos with 2 spines has no leaf among 2 nodes'],
    ['fat-tree', { links: 3 }, 'fat-tree needs an even number of ports per switch, not 3'],
    ['fat-tree', { links: 4, nodes: 20 }, 'fat-tree of these numbers has 36 nodes, not 20'],
    ['random', { nodes: 4, links: 4 }, '4 nodes have only 6 pairs, not 8'],
    ['waxman', { links: 2 }, 'waxman has no --links'],
    ['ring', { alpha: 0.5 }, 'ring has no --alpha'],
    ['isp', { oversubscription: 2 }, 'isp has no --oversubscription'],
    ['data-centre', { nodes: 10 }, 'data-centre of these numbers has 64 nodes, not 10'],
    ['barabasi-albert', { nodes: 3, links: 3 }, 'barabasi-albert with 3 wires for each node needs more than 3 nodes'],
    ['ring-of-rings', { nodes: 16, links: 3 }, '16 nodes are no 3 rings of the same size, of at least 3 nodes each'],
    ['ring-of-rings', { nodes: 8, links: 2 }, 'ring-of-rings needs at least 3 rings, not 2'],
    ['isp', { nodes: 6 }, 'isp needs at least 7 nodes, not 6'],
    ['isp', { nodes: 30, links: 4 }, 'isp of 30 nodes has 3 core and 9 aggregation nodes, too few for 4 uplinks'],
    ['line', { base: '10.0.0.1' }, '--base: 10.0.0.1 is not the start of a /30'],
    ['line', { base: 'fd00::' }, '--base takes an IPv4 address'],
    ['line', { base: 'here' }, '--base: "here" is not an IP address: write 10.0.0.1 or fd00::1'],
    ['line', { nodes: 4, base: '255.255.255.248' }, '3 wires need more addresses than follow 255.255.255.248'],
  ];
  for (const [shape, options, message] of table) assert.equal(refusal(shape, options), message);
  assert.equal(generate('circulant', { nodes: 4, links: 6 }).links.length, 24);
  assert.equal(generate('line', { nodes: 3, base: '255.255.255.248' }).links.length, 4);
});

test('the flags of every shape', () => {
  for (const shape of NAMES) {
    const config = generate(shape, { runtime: 'service', mode: 'patch', mtuBytes: 1500, lab: 'l' });
    assert.equal(config.lab, 'l');
    assert.equal(config.bridges?.length, config.links.length / 2);
    for (const bridge of config.bridges ?? []) assert.equal(bridge.mode, 'patch');
    for (const bridge of generate(shape).bridges ?? []) assert.equal(bridge.mode, 'direct');
    for (const link of config.links) {
      assert.deepEqual(Object.keys(link), ['service', 'dev', 'bridge', 'ip', 'mtu']);
      assert.equal(link.mtu, 1500);
    }
  }
  assert.deepEqual(Object.keys(generate('line', { runtime: 'container' }).links[0] ?? {}), [
    'container',
    'dev',
    'bridge',
    'ip',
  ]);
});

test('both forms read back as the same configuration', () => {
  for (const shape of NAMES) {
    for (const lab of [undefined, 'lab-1', 'on', '123', '1e5', 'null', '0_0']) {
      const config = generate(shape, { lab, mode: lab === undefined ? 'auto' : 'linux' });
      assert.deepEqual(JSON.parse(printConfig(config, 'json')), config);
      assert.deepEqual(parse(printConfig(config, 'yaml')), config);
      assert.deepEqual(parse(printConfig(config, 'yaml'), { version: '1.1' }), config);
    }
  }
});
