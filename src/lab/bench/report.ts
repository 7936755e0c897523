/** What `bench` measured, as plain data. */
import type { Timings } from '../../events.ts';
import type { ShapeName } from '../../topology/shapes/names.ts';

/** What is measured: the first `up`, one with nothing to do, `down` until all is gone from the kernel. */
export const STEPS = ['up', 'again', 'down'] as const;
export type Step = (typeof STEPS)[number];

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
}

export interface BenchReport {
  readonly machine: Machine;
  readonly shape: ShapeName;
  readonly nodes: number;
  readonly links: number;
  /** In the order in which they ran. */
  readonly rounds: readonly Readonly<Record<Step, Timings>>[];
  readonly medians: Readonly<Record<Step, Timings>>;
}
