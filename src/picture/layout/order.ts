/** Orders the nodes of each tier so that few edges cross: each goes to the mean place of its neighbours (the barycentre method). */

const SWEEPS = 12;

/** Tiers as lists of nodes, from the top. `neighbours` are those of the network; only those in the next tiers count. */
export function ordered(
  tiers: readonly (readonly number[])[],
  neighbours: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const tierOf = new Map(tiers.flatMap((nodes, tier) => nodes.map((node) => [node, tier] as const)));
  const place = new Map<number, number>();
  let current = tiers.map((nodes) => [...nodes]);
  settle(current, place);
  let best = { tiers: current, crossings: crossings(current, neighbours, tierOf, place) };
  for (let sweep = 0; sweep < SWEEPS && best.crossings > 0; sweep += 1) {
    const isDown = sweep % 2 === 0;
    current = current.map((nodes) => [...nodes]);
    for (let at = 1; at < current.length; at += 1) {
      const tier = isDown ? at : current.length - 1 - at;
      const fixed = isDown ? tier - 1 : tier + 1;
      sortTier(
        current[tier] ?? [],
        (node) => (neighbours[node] ?? []).filter((next) => tierOf.get(next) === fixed),
        place,
      );
    }
    const found = crossings(current, neighbours, tierOf, place);
    if (found < best.crossings) best = { tiers: current, crossings: found };
  }
  return best.tiers;
}

function settle(tiers: readonly (readonly number[])[], place: Map<number, number>): void {
  for (const nodes of tiers) for (const [at, node] of nodes.entries()) place.set(node, at / nodes.length);
}

function sortTier(nodes: number[], towards: (node: number) => readonly number[], place: Map<number, number>): void {
  const wish = new Map(
    nodes.map((node) => {
      const around = towards(node);
      const mean = around.reduce((sum, next) => sum + (place.get(next) ?? 0), 0) / around.length;
      return [node, around.length === 0 ? (place.get(node) ?? 0) : mean];
    }),
  );
  nodes.sort(
    (one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0) || (place.get(one) ?? 0) - (place.get(other) ?? 0),
  );
  for (const [at, node] of nodes.entries()) place.set(node, at / nodes.length);
}

/** How many pairs of edges between neighbouring tiers cross, counted as inversions in a tree of sums. */
function crossings(
  tiers: readonly (readonly number[])[],
  neighbours: readonly (readonly number[])[],
  tierOf: ReadonlyMap<number, number>,
  place: ReadonlyMap<number, number>,
): number {
  let total = 0;
  for (let tier = 0; tier + 1 < tiers.length; tier += 1) {
    const below = tiers[tier + 1] ?? [];
    const at = new Map(below.map((node, index) => [node, index]));
    const sums = new Float64Array(below.length + 1);
    let seen = 0;
    for (const node of tiers[tier] ?? []) {
      const ends = (neighbours[node] ?? []).filter((next) => tierOf.get(next) === tier + 1);
      ends.sort((one, other) => (place.get(one) ?? 0) - (place.get(other) ?? 0));
      const own = ends.map((end) => at.get(end) ?? 0);
      for (const end of own) total += seen - sumUpTo(sums, end);
      for (const end of own) add(sums, end);
      seen += own.length;
    }
  }
  return total;
}

function sumUpTo(sums: Float64Array, index: number): number {
  let sum = 0;
  for (let at = index + 1; at > 0; at -= at & -at) sum += sums[at] ?? 0;
  return sum;
}

function add(sums: Float64Array, index: number): void {
  for (let at = index + 1; at < sums.length; at += at & -at) sums[at] = (sums[at] ?? 0) + 1;
}
