/**
 * Tables of the distributions of netem's delays. A table holds the values of 4,096 equally likely quantiles, in units of
 * 1/8192 standard deviation (struct disttable in net/sched/sch_netem.c). tc reads such tables from files that some systems
 * lack, so this program computes them.
 */
import { NETEM_DIST_SCALE } from '../netlink/tc-constants.ts';

const ENTRIES = 4096;
const INT16_MAX = 32767;

/** The Pareto distribution of tc's tables: its shape parameter, its mean and its scale. */
const PARETO_SHAPE = 3;
const PARETO_MEAN = PARETO_SHAPE / (PARETO_SHAPE - 1);
const PARETO_SCALE = 4 / 3;
/** Share of the Pareto part in `paretonormal`. */
const PARETO_SHARE = 0.75;

/** The quantile function of each distribution: probability → value in standard deviations. */
const QUANTILES: Readonly<Record<string, (probability: number) => number>> = {
  normal: normalQuantile,
  pareto: paretoQuantile,
  paretonormal: (p) => PARETO_SHARE * paretoQuantile(p) + (1 - PARETO_SHARE) * normalQuantile(p),
};

const tables = new Map<string, Buffer>();

/** The table for TCA_NETEM_DELAY_DIST, as 16-bit integers; null for `uniform`, which needs none. Throws RangeError for an unknown name. */
export function distributionTable(name: string): Buffer | null {
  if (name === 'uniform') return null;
  const known = tables.get(name);
  if (known) return known;
  const quantile = QUANTILES[name];
  if (!quantile) throw new RangeError(`no distribution is called ${name}`);
  const table = Buffer.alloc(ENTRIES * 2);
  for (let entry = 0; entry < ENTRIES; entry++) {
    const value = Math.round(quantile((entry + 0.5) / ENTRIES) * NETEM_DIST_SCALE);
    table.writeInt16LE(Math.max(-INT16_MAX, Math.min(INT16_MAX, value)), entry * 2);
  }
  tables.set(name, table);
  return table;
}

function paretoQuantile(probability: number): number {
  return ((1 - probability) ** (-1 / PARETO_SHAPE) - PARETO_MEAN) * PARETO_SCALE;
}

/** Found by bisection. It is slow, but each table is computed only once. */
function normalQuantile(probability: number): number {
  let low = -8;
  let high = 8;
  while (high - low > 1e-7) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The cumulative normal distribution at `x`: 1/2 + φ(x)(x + x³/3 + x⁵/(3·5) + …) (Marsaglia, 2004). */
function normalShare(x: number): number {
  let sum = x;
  let term = x;
  for (let odd = 3; Math.abs(term) > 1e-12; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
