import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bridgeOf } from '../../../../src/kinds/links/link-kinds.ts';
import type { GraphFormat } from '../../../../src/report/graph/formats.ts';
import { graphOf } from '../../../../src/report/graph/model.ts';
import { drawn } from '../../../../src/report/graph/text.ts';
import { isFault } from '../../../../src/topology/text/fault.ts';
import { parseNetem } from '../../../../src/topology/text/netem.ts';
import type { Topology, TunnelSpec } from '../../../../src/topology/topology.ts';
import { linkloom, ROOT } from '../../../support/bin.ts';
import { needs } from '../../../support/needs.ts';
import { drawnBridge, drawnLink } from '../../../support/picture/drawings.ts';

const [link, bridge, where] = [drawnLink, drawnBridge, () => undefined];

function tunnel(type: TunnelSpec['type'], vni: number, remote: string, more: Partial<TunnelSpec> = {}): TunnelSpec {
  return { type, bridge: 's1', remote, vni, netem: null, netemText: [], extra: {}, where, ...more };
}

const everything: Topology = {
  lab: 'all-of-it',
  bridges: [bridge('s1', 'linux'), bridge('wire "b\\n"', 'patch'), bridge('d1', 'direct'), bridge('idle', 'ovs')],
  links: [
    link('service h1', 'eth0', { bridge: 's1', addresses: ['10.0.0.1/24', 'fd00::1/64'], outerDev: 'h1-out' }),
    link('service h1', 'eth1', { bridge: 'wire "b\\n"', netemText: ['delay 10ms', 'loss 1%'] }),
    link('container c2', 'eth0', {
      bridge: 's1',
      nat: '10.9.9.9',
      forwards: [{ outerPort: 1080, innerPort: 80, protocol: 'tcp' }],
      state: 'down',
    }),
    link('container c2', 'd0', { type: 'dummy', addresses: ['8.8.8.8/24'] }),
    link('container c2', 'wan', { type: 'macvlan', base: 'host', outerDev: 'ens3', mode: 'bridge' }),
    link('netns r1', 'tag5', { type: 'vlan', base: 'host', outerDev: 'ens3', vlanId: 5 }),
    link('netns r1', 'sub', { type: 'ipvlan', base: 'local', outerDev: 'eth9', mode: 'l2' }),
    link('netns r1', 'up0', { bridge: 'd1' }),
    link('netns r2', 'up0', { bridge: 'd1' }),
  ],
  tunnels: [
    tunnel('geneve', 1001, '192.0.2.7', { netemText: ['rate 10mbit'] }),
    tunnel('vxlan', 1002, '192.0.2.7'),
    tunnel('vxlan', 1003, '2001:db8::7'),
  ],
  commands: [],
};

const router: Topology = {
  lab: 'router',
  bridges: [bridge('s1', 'linux'), bridge('s2', 'linux'), bridge('s3', 'linux')],
  links: [1, 2, 3].flatMap((n) => [
    link('service r0', `eth-s${n}`, { bridge: `s${n}`, addresses: [`10.${n}.0.1/16`] }),
    link(`service h${n}`, 'eth0', { bridge: `s${n}`, addresses: [`10.${n}.0.100/16`] }),
  ]),
  tunnels: [],
  commands: [],
};

/** Of the source tree: compiled tests carry no fixtures. */
function golden(format: GraphFormat): string {
  return readFileSync(new URL(`../../../../../test/fixtures/graph/${format}.txt`, import.meta.url), 'utf8');
}

describe('graph', () => {
  for (const format of ['dot', 'mermaid', 'json'] as const) {
    test(`draws every kind of thing as ${format}`, () => {
      assert.equal(drawn(everything, format).text, golden(format));
    });
  }

  test('has an edge between known devices for every link but dummy ones, and one for every tunnel', () => {
    const { nodes, bridges, host, remotes, edges } = graphOf(everything);
    const devices = [...nodes, ...bridges].flatMap((group) => group.devices);
    const ids = [...devices, ...host, ...remotes].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { from, to } of edges) assert.ok(ids.includes(from) && ids.includes(to), `${from} → ${to}`);
    // Nine links, of which one is a dummy, and two are one wire; no other bridge has two.
    assert.equal(edges.length, 9 - 1 - 1 + 3);
  });

  test('draws a wire of more or fewer than two ends as a box', () => {
    const [one, other] = everything.links.filter((spec) => bridgeOf(spec) === 'd1');
    assert.ok(one && other);
    for (const links of [[one], [one, other, link('netns r3', 'up0', { bridge: 'd1' })]]) {
      const graph = graphOf({ ...everything, links, tunnels: [] });
      assert.equal(graph.bridges.find(({ name }) => name === 'd1')?.devices.length, links.length);
    }
  });

  test('names a device and its node on enough lines for who greps them', () => {
    const lines = drawn(router, 'dot', { ports: true }).text.split('\n');
    assert.ok(lines.filter((line) => /r0.*eth/.test(line)).length >= 10);
  });

  test('is had from the command line', async () => {
    const file = join(ROOT, 'examples/router/lab.yaml');
    const [dot, mermaid, wrong] = await Promise.all([
      linkloom(['graph', '-f', file]),
      linkloom(['graph', 'mermaid', '-f', file]),
      linkloom(['graph', 'png', '-f', file]),
    ]);
    assert.equal(dot.stderr, '');
    assert.match(dot.stdout, /^digraph "router" \{\n(.*\n)*\}\n$/);
    assert.match(mermaid.stdout, /^flowchart LR\n/);
    assert.equal(wrong.exitCode, 2);
  });

  test('draws what --show-config prints as what it was made from', async () => {
    const file = join(ROOT, 'examples/router/lab.yaml');
    const shown = await linkloom(['--network-file', file, '--show-config']);
    const [direct, through] = await Promise.all([
      linkloom(['graph', 'json', '--lab', 'one', '-f', file]),
      linkloom(['graph', 'json', '--lab', 'one', '-f', '-'], { input: shown.stdout }),
    ]);
    assert.equal(through.stderr, '');
    assert.deepEqual(JSON.parse(through.stdout), JSON.parse(direct.stdout));
  });

  test('draws a bridge of two links as an edge, in every mode, and with its ports if asked for', () => {
    for (const mode of ['linux', 'ovs', 'patch'] as const) {
      const topology = { ...router, bridges: router.bridges.map(({ name }) => bridge(name, mode)) };
      const graph = graphOf(topology);
      assert.deepEqual([graph.bridges.length, graph.edges.length], [0, 3], mode);
      assert.deepEqual(
        [graph.edges[0]?.from, graph.edges[0]?.to, graph.edges[0]?.label],
        ['service/r0:eth-s1', 'service/h1:eth0', 's1'],
      );
      const asked = graphOf(topology, { ports: true });
      assert.deepEqual([asked.bridges.length, asked.edges.length], [3, 6], mode);
    }
  });

  test("keeps the box of a bridge that is the host's, that has a tunnel, one link, or three", () => {
    const [s1] = router.bridges;
    assert.ok(s1);
    const ends = router.links.filter((spec) => bridgeOf(spec) === 's1');
    const kept = (more: Partial<Topology>): number =>
      graphOf({ ...router, bridges: [s1], links: ends, ...more }).bridges.length;
    assert.equal(kept({}), 0);
    assert.equal(kept({ bridges: [{ ...s1, isExternal: true }] }), 1);
    assert.equal(kept({ tunnels: [tunnel('vxlan', 7, '192.0.2.1')] }), 1);
    assert.equal(kept({ links: ends.slice(1) }), 1);
    assert.equal(kept({ links: [...ends, link('service h9', 'eth0', { bridge: 's1' })] }), 1);
  });

  test('draws impairments that are written as `impair`', () => {
    const [one, ...others] = router.links;
    assert.ok(one);
    const netem = parseNetem('delay 25ms loss 1%');
    assert.ok(!isFault(netem));
    const graph = graphOf({ ...router, links: [{ ...one, netem }, ...others] });
    assert.equal(graph.nodes[0]?.devices[0]?.impair, 'delay 25ms loss 1%');
    assert.match(drawn({ ...router, links: [{ ...one, netem }, ...others] }, 'dot').text, /netem delay 25ms loss 1%/);
  });

  test('is a language that GraphViz takes', needs('program:dot'), () => {
    for (const topology of [everything, router, { ...router, links: [], bridges: [] }]) {
      const got = spawnSync('dot', ['-Tplain'], { input: drawn(topology, 'dot').text, encoding: 'utf8' });
      assert.equal(got.stderr, '');
      assert.equal(got.status, 0);
      const count = (word: string) => got.stdout.split('\n').filter((line) => line.startsWith(`${word} `)).length;
      const graph = graphOf(topology);
      assert.equal(count('edge'), graph.edges.length);
      const groups = [...graph.nodes, ...graph.bridges];
      const boxes = groups.reduce((sum, { devices }) => sum + Math.max(devices.length, 1), 0);
      assert.equal(count('node'), boxes + graph.host.length + graph.remotes.length);
    }
  });
});
