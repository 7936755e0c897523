/** `play/` carries out messages at their time. */
import type { Job } from '../../src/wire/apply.ts';
import type { CueReport, PlayerOrder } from '../../src/wire/play.ts';
import { applyJobs } from '../apply.ts';
import { Namespaces } from '../namespaces.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import { HomeLost } from '../netns.ts';

type Cue = Extract<PlayerOrder, { order: 'cue' }>;

/**
 * Sockets are opened this long before their time, and no earlier: an open one keeps a namespace alive whose node has ended, and the
 * names of the links in it.
 */
const OPEN_AHEAD_MS = 100;
/** A timer of the kernel may come this late. What is left is waited for without sleeping. */
const SPIN_MS = 1.5;

export class Player {
  readonly #stop: Int32Array;

  constructor(stop: SharedArrayBuffer) {
    this.#stop = new Int32Array(stop);
  }

  /** Waits for the time of a cue, and carries it out. */
  perform({ id, dueMs, jobs }: Cue): CueReport {
    const skipped = { id, firstMs: null, lastMs: null, failures: [], isSkipped: true };
    if (!this.#sleepUntil(dueMs - OPEN_AHEAD_MS)) return skipped;
    using spaces = new Namespaces();
    openAll(spaces, jobs);
    if (!this.#sleepUntil(dueMs - SPIN_MS)) return skipped;
    while (nowMs() < dueMs);
    let firstMs: number | null = null;
    NetlinkSocket.onSend = () => {
      firstMs ??= nowMs();
    };
    try {
      const results = applyJobs(spaces, jobs);
      const failures = results.flatMap(({ failures: own }, job) => own.map((failure) => ({ job, failure })));
      return { id, firstMs, lastMs: firstMs === null ? null : nowMs(), failures, isSkipped: false };
    } finally {
      NetlinkSocket.onSend = null;
    }
  }

  /** False: the thread is to stop. */
  #sleepUntil(timeMs: number): boolean {
    const leftMs = timeMs - nowMs();
    if (leftMs > 0) Atomics.wait(this.#stop, 0, 0, leftMs);
    return Atomics.load(this.#stop, 0) === 0;
  }
}

/** One that can't be opened fails its job later, which says why. */
function openAll(spaces: Namespaces, jobs: readonly Job[]): void {
  for (const { ns } of jobs) {
    try {
      void spaces.get(ns).socket;
    } catch (error) {
      if (error instanceof HomeLost) throw error;
    }
  }
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
