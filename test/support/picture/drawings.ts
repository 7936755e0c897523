/** Topologies to be drawn. */
import type { BridgeMode } from '../../../src/kinds/bridge-modes.ts';
import { generate, type ShapeOptions } from '../../../src/topology/shapes/generate.ts';
import type { ShapeName } from '../../../src/topology/shapes/names.ts';
import type { BridgeSpec, LinkSpec, Topology } from '../../../src/topology/topology.ts';
import { linkSpec, type Wish } from '../model/link-specs.ts';

const where = () => undefined;

/** `service h1`, `eth0` and what differs from a plain veth. */
export function drawnLink(node: string, dev: string, more: Wish = {}): LinkSpec {
  const [kind, name = ''] = node.split(/ (.*)/s);
  return linkSpec({ kind: kind as LinkSpec['selector']['kind'], name }, { dev, where, ...more });
}

export function drawnBridge(name: string, mode: BridgeMode = 'linux'): BridgeSpec {
  return { name, mode, datapath: null, mcastSnooping: false, extra: {}, where };
}

/** A topology of links, with a Linux bridge for each name that they have. */
export function drawnTopology(lab: string, links: readonly LinkSpec[]): Topology {
  const bridges = new Set(links.flatMap((link) => ('bridge' in link ? [link.bridge] : [])));
  return { lab, links, bridges: [...bridges].map((name) => drawnBridge(name)), tunnels: [], commands: [] };
}

/** What `generate` prints, as a topology. */
export function shapedTopology(shape: ShapeName, options: ShapeOptions = {}): Topology {
  const links = generate(shape, options).links.map(({ netns = '', dev, bridge, ip }) =>
    drawnLink(`netns ${netns}`, dev, { bridge, addresses: [ip] }),
  );
  return drawnTopology(shape, links);
}

/** A LAN: one bridge, and nodes on it. */
export function lanTopology(nodes: number): Topology {
  return drawnTopology(
    'lan',
    Array.from({ length: nodes }, (_, at) =>
      drawnLink(`netns h${at}`, 'eth0', { bridge: 'lan', addresses: [`10.0.${at >> 8}.${at & 255}/16`] }),
    ),
  );
}
