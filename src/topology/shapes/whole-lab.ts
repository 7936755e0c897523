/** A shape as a whole lab: entries of `nodes:`, and `wires:` between them, whose addresses a plan gives. */

import { patternOf } from '../../config/nodes/pattern.ts';
import type { BridgeMode } from '../../kinds/bridge-modes.ts';
import { type ShapeNumbers, shapeOf } from './generate.ts';
import type { ShapeName } from './names.ts';

export interface WholeLabOptions extends ShapeNumbers {
  readonly lab?: string | undefined;
  /** The mode of all wires. Default: that of wires, `direct`. */
  readonly mode?: BridgeMode | 'auto' | undefined;
  readonly mtuBytes?: number | undefined;
  /** Images of nodes by patterns of their names, the first that matches counts; a node without one is a namespace. */
  readonly images: readonly { readonly pattern: string; readonly image: string }[];
  /** Whether nodes of a tier get the number of one AS, as RFC 7938 has it. */
  readonly asns: boolean;
}

/** An entry of `nodes:`. */
export interface GeneratedNode {
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WholeLab {
  readonly lab?: string;
  readonly defaults?: object;
  readonly nodes: Readonly<Record<string, GeneratedNode>>;
  readonly wires: readonly (readonly [string, string])[];
}

/** The first of the AS numbers of 32 bits for private use (RFC 6996). */
const FIRST_ASN = 4_200_000_000;

/** Makes the lab of a shape. Throws E_USAGE for numbers that the shape can't have. */
export function wholeLab(name: ShapeName, options: WholeLabOptions): WholeLab {
  const shape = shapeOf(name, options);
  const { lab, mode, mtuBytes: mtu } = options;
  const images = options.images.map(({ pattern, image }) => ({ matches: patternOf([pattern]), image }));
  const link = { ...(mode === undefined ? {} : { mode }), ...(mtu === undefined ? {} : { mtu }) };
  const asns = options.asns && shape.tierOf !== undefined ? asnsOf(shape.nodes, shape.tierOf) : null;
  const nodes = Array.from({ length: shape.nodes }, (_, node): [string, GeneratedNode] => {
    const called = shape.nameOf(node);
    const image = images.find(({ matches }) => matches.test(called))?.image;
    const place = shape.placeOf?.(node);
    const labels = {
      ...(place === undefined ? {} : { x: place.x.toFixed(4), y: place.y.toFixed(4) }),
      ...(asns === null ? {} : { asn: String(asns[node]) }),
    };
    return [
      called,
      { ...(image === undefined ? {} : { image }), ...(Object.keys(labels).length > 0 ? { labels } : {}) },
    ];
  });
  return {
    ...(lab === undefined ? {} : { lab }),
    ...(Object.keys(link).length > 0 ? { defaults: { link } } : {}),
    nodes: Object.fromEntries(nodes),
    wires: shape.wires.map(({ a, b }) => [
      `${shape.nameOf(a.node)}:eth${a.port}`,
      `${shape.nameOf(b.node)}:eth${b.port}`,
    ]),
  };
}

/** A number for each tier, and for each node that is in none. */
function asnsOf(nodes: number, tierOf: (node: number) => string | null): readonly number[] {
  const tiers = new Map<string, number>();
  let next = FIRST_ASN;
  return Array.from({ length: nodes }, (_, node) => {
    const tier = tierOf(node);
    if (tier === null) return next++;
    const known = tiers.get(tier);
    if (known === undefined) tiers.set(tier, next++);
    return known ?? next - 1;
  });
}
