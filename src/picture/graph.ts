/**
 * `picture/` turns the data of a drawing into positions, lines and labels. Files and the page use it alike: it is pure, and knows
 * neither Node.js nor a browser.
 *
 * This file: the drawing as data, from which every format is written. Ids are unique in a drawing, and the same configuration
 * always gives the same ids.
 */

/** A device: a small box. */
export interface GraphDevice {
  readonly id: string;
  readonly label: string;
  /** Further facts, one per line: addresses, `netem delay 10ms`, `state down`. */
  readonly notes: readonly string[];
  /** What impairs it, in netem's words. Absent: nothing. */
  readonly impair?: string;
  /** It is left down. Absent: it is up. */
  readonly isDown?: true;
}

/** A box of devices. */
export interface GraphGroup {
  readonly id: string;
  readonly name: string;
  readonly devices: readonly GraphDevice[];
}

export type GraphNodeKind = 'node' | 'service' | 'container' | 'netns' | 'host' | 'group';

export interface GraphNode extends GraphGroup {
  /** `group`: several nodes that were folded into one box. */
  readonly kind: GraphNodeKind;
  /** Absent: not known. */
  readonly position?: Position;
}

/** Where a node is: longitude and latitude in `degrees`, or `pixels` of a page, y downwards. */
export interface Position {
  readonly x: number;
  readonly y: number;
  readonly unit: 'degrees' | 'pixels';
}

export interface GraphBridge extends GraphGroup {
  readonly mode: string;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The kind of link or tunnel: `veth`, `vlan`, `geneve`. */
  readonly type: string;
  /** The edge's text; '' for none. */
  readonly label: string;
  /** How many edges were folded into this one. Absent: it is one. */
  readonly count?: number;
  /** The devices of each edge that was folded into this one. Absent: none was. */
  readonly parts?: readonly (readonly [from: string, to: string])[];
}

export interface Graph {
  readonly lab: string;
  readonly nodes: readonly GraphNode[];
  readonly bridges: readonly GraphBridge[];
  /** Devices of the host: those on which links are made, and those of its own links. */
  readonly host: readonly GraphDevice[];
  /** Far ends of tunnels. */
  readonly remotes: readonly GraphDevice[];
  readonly edges: readonly GraphEdge[];
}
