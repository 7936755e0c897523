/** What the kernel charges for what a lab is made of. Memory is measured, time is estimated: see bench/README.md, "Preflight". */
import type { Made } from './lab.ts';

type Costs = Readonly<Record<keyof Made, number>>;

/** Kernel memory: Linux 6.18, x86-64, two processors; by SUnreclaim, SReclaimable and Percpu of /proc/meminfo. */
const BYTES: Costs = {
  namespaces: 245_000,
  pairs: 93_000,
  ports: 2_000,
  bridges: 59_000,
  patches: 13_000,
  others: 47_000,
};

/** Time of `up`, with one worker, where a bare pair of veth takes `PAIR_MS`. Estimates, after the order of size of bench/README.md's figures. */
const UP_MS: Costs = { namespaces: 0.6, pairs: 0.5, ports: 0.1, bridges: 0.2, patches: 0.1, others: 0.3 };
/** Time of `down`, likewise: namespaces go with all that is in them. */
const DOWN_MS: Costs = { namespaces: 0.9, pairs: 0.02, ports: 0.01, bridges: 1, patches: 0.01, others: 0.02 };
/** What the calibration (workers/machine/calibration.ts) is taken to show on such a machine. */
const PAIR_MS = 0.35;

function sum(made: Made, costs: Costs): number {
  return Object.entries(costs).reduce((total, [what, cost]) => total + cost * made[what as keyof Made], 0);
}

export function bytesFor(made: Made): number {
  return sum(made, BYTES);
}

/** `pairMs` null: as where it was measured. */
export function millisecondsFor(made: Made, pairMs: number | null): { readonly up: number; readonly down: number } {
  const factor = (pairMs ?? PAIR_MS) / PAIR_MS;
  return { up: sum(made, UP_MS) * factor, down: sum(made, DOWN_MS) * factor };
}
