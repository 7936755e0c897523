import { type Numbers, type Pair, refuse, type Shape, wire } from './shape.ts';

/** Two layers: `links` nodes are spines, the others are leaves. Each leaf is wired to each spine. */
export function clos({ nodes, links }: Numbers): Shape {
  const spines = links;
  if (spines >= nodes) {
    refuse(
      `clos with ${spines} spines has no leaf among ${nodes} nodes`,
      `try --nodes ${3 * spines}: leaves and spines together`,
    );
  }
  const pairs: Pair[] = [];
  for (let leaf = spines; leaf < nodes; leaf++) for (let spine = 0; spine < spines; spine++) pairs.push([spine, leaf]);
  const nameOf = (node: number): string => (node < spines ? `spine${node}` : `leaf${node - spines}`);
  return { nodes, nameOf, tierOf: (node) => (node < spines ? 'spine' : null), wires: wire(pairs) };
}

/**
 * The k-ary fat tree of Al-Fares, Loukissas and Vahdat (SIGCOMM 2008), hosts included. k = `links` is the number of
 * ports of a switch, and k alone decides the number of nodes.
 */
export function fatTree({ links: k }: Numbers): Shape {
  if (k % 2 !== 0) refuse(`fat-tree needs an even number of ports per switch, not ${k}`, `try --links ${k + 1}`);
  const half = k / 2;
  const cores = half * half;
  const aggregations = k * half;
  const edges = k * half;
  const firstEdge = cores + aggregations;
  const firstHost = firstEdge + edges;
  const pairs: Pair[] = [];
  for (let pod = 0; pod < k; pod++) {
    for (let i = 0; i < half; i++) {
      const aggregation = cores + pod * half + i;
      const edge = firstEdge + pod * half + i;
      for (let j = 0; j < half; j++) {
        pairs.push([i * half + j, aggregation], [aggregation, firstEdge + pod * half + j]);
        pairs.push([edge, firstHost + (pod * half + i) * half + j]);
      }
    }
  }
  const nameOf = (node: number): string => {
    if (node < cores) return `core${node}`;
    if (node < firstEdge) return `agg${node - cores}`;
    return node < firstHost ? `edge${node - firstEdge}` : `host${node - firstHost}`;
  };
  const tierOf = (node: number): string | null => {
    if (node < cores) return 'core';
    return node < firstEdge ? `agg of ${Math.floor((node - cores) / half)}` : null;
  };
  return { nodes: firstHost + k * half * half, nameOf, tierOf, wires: wire(pairs) };
}

/**
 * A data centre as a folded Clos network. Each pod has `leaves` leaves and `links` spines, all wired to each other; each leaf has
 * `oversubscription` hosts for each of its uplinks. Several pods are joined by planes of super spines: the i-th spine of each pod is
 * wired to all of the i-th plane, and has an uplink for `oversubscription` leaves (rounded up).
 */
export function dataCentre({ links, pods, leaves, oversubscription: ratio }: Numbers): Shape {
  const perPlane = pods === 1 ? 0 : Math.ceil(leaves / ratio);
  const supers = links * perPlane;
  const hostsPerLeaf = Math.max(1, Math.floor(links * ratio));
  const first = { spine: supers, leaf: supers + pods * links, host: supers + pods * (links + leaves) };
  const pairs: Pair[] = [];
  for (let spine = 0; spine < pods * links; spine++) {
    const plane = spine % links;
    for (let i = 0; i < perPlane; i++) pairs.push([plane * perPlane + i, first.spine + spine]);
  }
  for (let leaf = 0; leaf < pods * leaves; leaf++) {
    const pod = Math.floor(leaf / leaves);
    for (let i = 0; i < links; i++) pairs.push([first.spine + pod * links + i, first.leaf + leaf]);
    for (let i = 0; i < hostsPerLeaf; i++) pairs.push([first.leaf + leaf, first.host + leaf * hostsPerLeaf + i]);
  }
  const nameOf = (node: number): string => {
    if (node < first.spine) return `super${node}`;
    if (node < first.leaf) return `spine${node - first.spine}`;
    return node < first.host ? `leaf${node - first.leaf}` : `host${node - first.host}`;
  };
  const tierOf = (node: number): string | null => {
    if (node < first.spine) return 'super';
    return node < first.leaf ? `spine of ${Math.floor((node - first.spine) / links)}` : null;
  };
  return { nodes: first.host + pods * leaves * hostsPerLeaf, nameOf, tierOf, wires: wire(pairs) };
}
