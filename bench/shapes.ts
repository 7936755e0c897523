/** Makes the labs that are measured, by shape and number of links. */
import { linkloom } from './rivals/linkloom.ts';
import { type Work, workOf } from './work.ts';

export const SHAPES = ['circulant', 'direct', 'bridge', 'patch'] as const;
export type Shape = (typeof SHAPES)[number];

/** Ports of one big bridge. A larger lab has several bridges, as a Linux bridge takes 1,023 ports. */
const BRIDGE_PORTS = 1000;
/** Links of a node. The number is even, as `circulant` needs. */
const LINKS_PER_NODE = { small: 4, large: 10 } as const;

/** The nodes and the links per node for about `links` links: 400 is 100 × 4, 10,000 is 1,000 × 10. */
export function sizeOf(links: number): { readonly nodes: number; readonly perNode: number } {
  const perNode = links > 1000 ? LINKS_PER_NODE.large : LINKS_PER_NODE.small;
  return { nodes: Math.max(perNode + 1, Math.round(links / perNode)), perNode };
}

/** The lab that all contenders make. */
export async function workFor(shape: Shape, links: number): Promise<Work> {
  if (shape === 'bridge') return workOf(bigBridges(links), 'bench');
  const { nodes, perNode } = sizeOf(links);
  const mode = ['--bridge-mode', shape === 'circulant' ? 'auto' : shape];
  const words = ['circulant', '--nodes', String(nodes), '--links', String(perNode), ...mode];
  return workOf(await linkloom(['generate', ...words, '--runtime', 'netns', '--format', 'json']), 'bench');
}

function bigBridges(links: number): string {
  const { nodes, perNode } = sizeOf(links);
  const all = Array.from({ length: nodes * perNode }, (_, at) => {
    const inBridge = at % BRIDGE_PORTS;
    return {
      netns: `n${Math.floor(at / perNode)}`,
      dev: `eth${at % perNode}`,
      bridge: `b${Math.floor(at / BRIDGE_PORTS)}`,
      ip: `10.${Math.floor(at / BRIDGE_PORTS)}.${inBridge >> 8}.${inBridge & 255}/32`,
    };
  });
  return JSON.stringify({ links: all });
}
