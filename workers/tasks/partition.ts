import { createRequire } from 'node:module';
import type { PartitionResult, PartitionTask } from '../../src/wire/partition.ts';

/** Of METIS 5 (Debian: libmetis5). Its `idx_t` has 32 bits there, its `real_t` is a float. */
const LIBRARY = 'libmetis.so.5';
/** METIS_OK (metis.h). */
const OK = 1;

type Kway = (...given: readonly (Int32Array | Float32Array | null)[] & { readonly length: 13 }) => number;

/**
 * Cuts a graph by METIS_PartGraphKway, which makes parts of the given shares with few edges between them. With its default options
 * it begins with the same random number each time, so that the same graph is cut alike. Needs no privilege.
 */
export function partition({ graph, shares }: PartitionTask): PartitionResult {
  const cut = load();
  if (cut === null) return { parts: null };
  const { offsets, neighbours, edgeWeights, weights } = graph;
  const parts = new Int32Array(weights.length);
  const result = cut(
    ...[Int32Array.of(weights.length), Int32Array.of(1), Int32Array.from(offsets), Int32Array.from(neighbours)],
    ...[Int32Array.from(weights), null, Int32Array.from(edgeWeights), Int32Array.of(shares.length)],
    ...[Float32Array.from(shares), null, null, new Int32Array(1), parts],
  );
  return { parts: result === OK ? [...parts] : null };
}

/** null: the library is not on this machine. */
function load(): Kway | null {
  // Only here: the library is of no use to any other task.
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  try {
    const out = 'int32_t *';
    return koffi
      .load(LIBRARY)
      .func(
        `int METIS_PartGraphKway(${out}, ${out}, ${out}, ${out}, ${out}, ${out}, ${out}, ${out}, float *, float *, ${out}, _Out_ ${out}, _Out_ ${out})`,
      ) as unknown as Kway;
  } catch {
    return null;
  }
}
