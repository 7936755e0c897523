/** Every node of a lab against every other. */
import { type CheckNode, type Spot, spotsOf } from './node.ts';

/** From one node to one address of another. */
export interface Pair {
  readonly from: CheckNode;
  readonly to: CheckNode;
  readonly address: string;
  /** null: the kernel chooses. */
  readonly source: string | null;
}

/**
 * The ordered pairs of nodes, each with the addresses that are tried: the loopbacks, from loopback to loopback, or of a node without one
 * all addresses of its links. A family that one of the two does not have is left out, and so is a node without any address. `isFrom`
 * says which nodes try. The first pairs are of different nodes, so that none has all the work at once.
 */
export function pairsOf(nodes: readonly CheckNode[], isFrom: (node: CheckNode) => boolean): readonly Pair[] {
  const known = nodes.map((node) => ({ node, loopbacks: spotsOf(node.loopbacks), ...addressesOf(node) }));
  const pairs: Pair[] = [];
  for (let apart = 1; apart < known.length; apart++) {
    for (const [at, one] of known.entries()) {
      const other = known[(at + apart) % known.length];
      if (other === undefined || !isFrom(one.node)) continue;
      for (const { address, family } of other.spots) {
        if (!one.families.has(family)) continue;
        const source = one.loopbacks.find((spot) => spot.family === family)?.address ?? null;
        pairs.push({ from: one.node, to: other.node, address, source });
      }
    }
  }
  return pairs;
}

function addressesOf({ loopbacks, devices }: CheckNode): {
  readonly spots: readonly Spot[];
  readonly families: ReadonlySet<number>;
} {
  const own = spotsOf(loopbacks);
  const ofLinks = spotsOf(devices.flatMap(({ prefixes }) => prefixes));
  const families = new Set([...own, ...ofLinks].map(({ family }) => family));
  return { spots: own.length > 0 ? own : ofLinks, families };
}
