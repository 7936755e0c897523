/** What a lab costs in memory and time, by what it is made of: see bench/README.md, "Preflight". */
import type { Facts } from './facts.ts';
import type { Made } from './lab.ts';

type Costs = Readonly<Record<keyof Made, number>>;

/** Kernel memory: Linux 6.18, x86-64, two processors; by SUnreclaim, SReclaimable and Percpu of /proc/meminfo. */
const BYTES: Costs = {
  namespaces: 245_000,
  pairs: 93_000,
  ports: 2_000,
  crowdedPorts: 0,
  bridges: 59_000,
  instances: 0,
  patches: 13_000,
  others: 47_000,
  // Its namespace.
  containers: 245_000,
};

/**
 * Times of `up` and `down` on an idle machine where a bare pair of veth takes `PAIR_MS`, fitted to bench/results/scale-*.json. The
 * process itself takes `START_MS`.
 */
const UP_MS: Costs = {
  ...{ namespaces: 0.85, pairs: 0.46, ports: 0.1, crowdedPorts: 0.2, bridges: 0.1, patches: 0.08, others: 0.2 },
  ...{ instances: 350, containers: 0 },
};
const DOWN_MS: Costs = {
  ...{ namespaces: 0.5, pairs: 0.3, ports: 0, crowdedPorts: 0.58, bridges: 0, patches: 0.4, others: 0.05 },
  ...{ instances: 300, containers: 0 },
};
const START_MS = { up: 195, down: 235 } as const;
const PAIR_MS = 0.21;

/** For each bridge many kernels wait for all processors (br_multicast_dev_del, rcu_barrier), which no faster processor makes shorter. */
const BRIDGE_WAIT_MS = 16.7;
/** A bridge that takes longer than this dies slowly. */
export const SLOW_BRIDGE_MS = 5;
/** What an engine takes to make and start a container, and to remove it: Docker 20.10 on two processors (bench/README.md). */
const CONTAINER_MS = { up: 170, down: 50 } as const;

function sum(made: Made, costs: Costs): number {
  return Object.entries(costs).reduce((total, [what, cost]) => total + cost * made[what as keyof Made], 0);
}

export function bytesFor(made: Made): number {
  return sum(made, BYTES);
}

/**
 * `pairMs`: how long a bare pair of veth takes here, `bridgeMs`: how long a bridge takes to die. null: as long as where the costs were
 * measured.
 */
export function millisecondsFor(
  made: Made,
  { pairMs, bridgeMs }: Pick<Facts, 'pairMs' | 'bridgeMs'>,
): { readonly up: number; readonly down: number } {
  const factor = (pairMs ?? PAIR_MS) / PAIR_MS;
  return {
    up: (START_MS.up + sum(made, UP_MS)) * factor + CONTAINER_MS.up * made.containers,
    down:
      (START_MS.down + sum(made, DOWN_MS)) * factor +
      (bridgeMs ?? BRIDGE_WAIT_MS) * made.bridges +
      CONTAINER_MS.down * made.containers,
  };
}
