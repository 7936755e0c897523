import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TopologyParts } from '../../../src/topology/parts.ts';
import type { TunnelSpec } from '../../../src/topology/topology.ts';
import { bridge, container, link, netns, runningContainer, topology } from './specs.ts';

const BRIDGES = [bridge('lan'), bridge('wire', 'patch'), bridge('cord', 'direct'), bridge('far', 'patch')];
const LINKS = [
  link(container('a'), { dev: 'eth0', bridge: 'lan' }),
  link(container('b'), { dev: 'eth0', bridge: 'lan' }),
  link(container('a'), { dev: 'eth1', bridge: 'wire' }),
  link(container('b'), { dev: 'eth1', bridge: 'wire' }),
  link(container('a'), { dev: 'eth2', bridge: 'cord' }),
  link(container('c'), { dev: 'eth2', bridge: 'cord' }),
  link(container('d'), { dev: 'eth3', bridge: 'far' }),
];
const TUNNELS = ['lan', 'far'].map(
  (name, vni): TunnelSpec => ({
    ...{ type: 'vxlan', bridge: name, remote: '192.0.2.2', vni },
    ...{ netem: null, netemText: [], extra: {}, where: () => undefined },
  }),
);

/** What concerns a container: its links and those at the other ends of its wires, and tunnels that are such ends. */
function concerns(name: string): { readonly links: string[]; readonly tunnels: string[] } {
  const parts = new TopologyParts(topology(LINKS, { bridges: BRIDGES, tunnels: TUNNELS }), null);
  const { links, tunnels } = parts.narrow([runningContainer(name, 7)]);
  return {
    links: links.map(({ selector, dev }) => `${selector.name}:${dev}`).sort(),
    tunnels: tunnels.map((tunnel) => tunnel.bridge),
  };
}

describe('the part of a topology that concerns a container', () => {
  it('is its own links and the other ends of its wires, but not the other ports of its bridges', () => {
    assert.deepEqual(concerns('a').links, ['a:eth0', 'a:eth1', 'a:eth2', 'b:eth1', 'c:eth2']);
    assert.deepEqual(concerns('c').links, ['a:eth2', 'c:eth2']);
  });

  it('is a tunnel, if that is the other end of a wire', () => {
    assert.deepEqual(concerns('a').tunnels, []);
    assert.deepEqual(concerns('d'), { links: ['d:eth3'], tunnels: ['far'] });
  });

  it('can stand for itself, unless a namespace shares its name with a container', () => {
    const side = link(netns('n'), { dev: 'eth0', bridge: 'lan' });
    const mixed = new TopologyParts(topology([...LINKS, side], { bridges: BRIDGES }), null);
    assert.equal(mixed.canNarrow([runningContainer('a', 7)]), true);
    assert.equal(mixed.canNarrow([runningContainer('n', 7)]), false);
    const shared = new TopologyParts(
      topology([...LINKS, link(netns('a'), { dev: 'eth9' })], { bridges: BRIDGES }),
      null,
    );
    assert.equal(shared.canNarrow([]), false);
  });
});
