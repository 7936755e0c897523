/** Counters of links, read again and again → rates. */
import type { Workers } from '../../engine/workers.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { LinkStatus, StatusReport } from '../../plan/status/status.ts';
import type { CountedDevice, CountersResult } from '../../wire/task.ts';

/** What passes through a link, as its node sees it. */
export interface LinkRates {
  readonly operstate: string;
  /** Per second, between the last two looks. null: there was only one look yet, or the device is another one. */
  readonly perSecond: CountedDevice['counters'] | null;
  /** Since the device was made. */
  readonly total: CountedDevice['counters'];
}

export interface LiveLink {
  readonly status: LinkStatus;
  /** null: its device is not there, or can't be read. */
  readonly rates: LinkRates | null;
}

export interface LiveReport {
  readonly report: StatusReport;
  readonly links: readonly LiveLink[];
  /** When the counters were read, in milliseconds since the Unix epoch, and how long that took. */
  readonly timeMs: number;
  readonly costMs: number;
}

interface Sample {
  readonly atMs: number;
  readonly device: CountedDevice;
}

type Samples = ReadonlyMap<NsId, ReadonlyMap<number, Sample>>;

const NAMES = [
  ...(['rxPackets', 'txPackets', 'rxBytes', 'txBytes'] as const),
  ...(['rxDropped', 'txDropped', 'rxErrors', 'txErrors'] as const),
];

/** The most namespaces that one task reads: other tasks wait meanwhile. */
const NAMESPACES_A_TASK = 500;

export class RateMeter {
  readonly #workers: Workers;
  #before: Samples = new Map();

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** Reads the counters of these links. Throws what a worker's death throws. */
  async look(report: StatusReport, links: readonly LinkStatus[]): Promise<LiveReport> {
    const beganMs = performance.now();
    const namespaces = [...new Set(links.flatMap(({ ns, observed }) => (observed === null ? [] : [ns])))];
    const now = await this.#read(namespaces);
    const live = links.map((status) => ({ status, rates: this.#ratesOf(status, now) }));
    this.#before = now;
    return { report, links: live, timeMs: Date.now(), costMs: performance.now() - beganMs };
  }

  async #read(namespaces: readonly NsId[]): Promise<Samples> {
    const results: Promise<CountersResult>[] = [];
    for (let at = 0; at < namespaces.length; at += NAMESPACES_A_TASK) {
      const part = namespaces.slice(at, at + NAMESPACES_A_TASK);
      results.push(this.#workers.ask({ task: 'counters', namespaces: part }));
    }
    const samples = new Map<NsId, ReadonlyMap<number, Sample>>();
    for (const { namespaces: read } of await Promise.all(results)) {
      for (const { ns, atMs, devices } of read)
        samples.set(ns, new Map(devices.map((device) => [device.ifindex, { atMs, device }])));
    }
    return samples;
  }

  #ratesOf({ ns, observed }: LinkStatus, now: Samples): LinkRates | null {
    const sample = observed === null ? undefined : now.get(ns)?.get(observed.ifindex);
    if (sample === undefined) return null;
    const before = this.#before.get(ns)?.get(sample.device.ifindex);
    const { operstate, counters: total } = sample.device;
    return { operstate, total, perSecond: before === undefined ? null : perSecond(before, sample) };
  }
}

/** null: a counter has gone back, so it is another device, or no time has passed. */
function perSecond(before: Sample, now: Sample): LinkRates['perSecond'] {
  const seconds = (now.atMs - before.atMs) / 1000;
  const [was, is] = [before.device.counters, now.device.counters];
  if (seconds <= 0 || NAMES.some((name) => is[name] < was[name])) return null;
  const rate = (name: (typeof NAMES)[number]): number => (is[name] - was[name]) / seconds;
  return {
    ...{
      rxPackets: rate('rxPackets'),
      txPackets: rate('txPackets'),
      rxBytes: rate('rxBytes'),
      txBytes: rate('txBytes'),
    },
    ...{
      rxDropped: rate('rxDropped'),
      txDropped: rate('txDropped'),
      rxErrors: rate('rxErrors'),
      txErrors: rate('txErrors'),
    },
  };
}
