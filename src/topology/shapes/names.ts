/**
 * Names and descriptions of the shapes. They are in a file of their own, so that the command line need not load the
 * arithmetic.
 */

interface ShapeInfo {
  readonly summary: string;
  /** The meaning of `--links` for this shape. */
  readonly links: string;
  readonly defaults: { readonly nodes: number; readonly links: number };
}

const PER_NODE = 'links per node, two a wire, rounded up';
const PARALLEL = 'wires per pair of neighbours';

export const SHAPES = {
  circulant: {
    summary: 'each node wired to the M/2 after it',
    links: 'M, links per node, even',
    defaults: { nodes: 4, links: 2 },
  },
  line: { summary: 'one after another', links: PER_NODE, defaults: { nodes: 4, links: 2 } },
  ring: { summary: 'a line that is closed', links: PER_NODE, defaults: { nodes: 4, links: 2 } },
  star: { summary: 'n0 wired to all others', links: 'links per leaf', defaults: { nodes: 4, links: 1 } },
  grid: { summary: 'rows and columns', links: PARALLEL, defaults: { nodes: 9, links: 1 } },
  torus: { summary: 'a grid closed in both directions', links: PARALLEL, defaults: { nodes: 9, links: 1 } },
  full: { summary: 'every node wired to every other', links: PARALLEL, defaults: { nodes: 4, links: 1 } },
  clos: { summary: 'leaves wired to all spines', links: 'spines', defaults: { nodes: 6, links: 2 } },
  'fat-tree': {
    summary: 'three layers of switches and hosts',
    links: 'ports per switch, even',
    defaults: { nodes: 36, links: 4 },
  },
  random: {
    summary: 'connected at random, by a seed',
    links: 'links per node, on average',
    defaults: { nodes: 10, links: 3 },
  },
} as const satisfies Readonly<Record<string, ShapeInfo>>;

export type ShapeName = keyof typeof SHAPES;
