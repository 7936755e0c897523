/**
 * Names and descriptions of the shapes. They are in a file of their own, so that the command line need not load the
 * arithmetic.
 */

/** Options that only some shapes have. */
export type ShapeOption = 'alpha' | 'beta' | 'pods' | 'leaves' | 'oversubscription';

export interface ShapeInfo {
  readonly summary: string;
  /** The meaning of `--links` for this shape; null if it has none. */
  readonly links: string | null;
  /** Whether `links` alone (and the options of the shape) decide how many nodes there are. */
  readonly isOwnSize?: true;
  /** The other options of the shape, with their defaults. */
  readonly options?: Readonly<Partial<Record<ShapeOption, number>>>;
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
    isOwnSize: true,
    defaults: { nodes: 36, links: 4 },
  },
  random: {
    summary: 'connected at random, by a seed',
    links: 'links per node, on average',
    defaults: { nodes: 10, links: 3 },
  },
  waxman: {
    summary: 'random, near nodes rather than far ones',
    links: null,
    options: { alpha: 0.25, beta: 0.4 },
    defaults: { nodes: 20, links: 1 },
  },
  'barabasi-albert': {
    summary: 'random, a few nodes with many wires',
    links: 'wires that each new node brings',
    defaults: { nodes: 20, links: 2 },
  },
  'ring-of-rings': {
    summary: 'a ring of hubs, each on a ring of its own',
    links: 'rings',
    defaults: { nodes: 16, links: 4 },
  },
  isp: {
    summary: 'core, aggregation and access routers',
    links: 'uplinks of each router below the core',
    defaults: { nodes: 30, links: 2 },
  },
  'data-centre': {
    summary: 'pods of spines and leaves, with hosts, under super spines',
    links: 'spines per pod, and so uplinks of a leaf',
    isOwnSize: true,
    options: { pods: 2, leaves: 4, oversubscription: 3 },
    defaults: { nodes: 64, links: 2 },
  },
} as const satisfies Readonly<Record<string, ShapeInfo>>;

/** The shapes of networks that `generate` knows: the keys of `SHAPES`. */
export type ShapeName = keyof typeof SHAPES;
