/**
 * The timing of a run in Chrome's Trace Event Format (JSON object format, complete events). The stages have one track. Each worker
 * has a track with a slice per dispatch, which contains a slice per namespace.
 */
import type { Dispatch, Event } from '../events.ts';

interface Slice {
  readonly name: string;
  /** 0: the main thread. */
  readonly thread: number;
  /** Milliseconds since the Unix epoch. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Most nodes that `slowest` names. */
const NODES_NAMED = 3;

const nowMs = (): number => performance.timeOrigin + performance.now();

/** Collects the timing of one run, which begins with the process. */
export class Trace {
  readonly #slices: Slice[] = [];
  readonly #ofNamespace = new Map<string, number>();

  /** Records the end of a stage. Ignores other events. */
  note(event: Event): void {
    if (event.type !== 'stage' || event.state !== 'end') return;
    const endedMs = nowMs();
    this.#slices.push({ name: event.stage, thread: 0, startedMs: endedMs - event.elapsedMs, endedMs, args: {} });
  }

  /** Adds a dispatch whose result has come back. */
  add({ phase, thread, jobs }: Dispatch): void {
    const startedMs = Math.min(...jobs.map((job) => job.startedMs));
    const endedMs = Math.max(...jobs.map((job) => job.endedMs));
    const ops = jobs.reduce((sum, job) => sum + job.ops, 0);
    this.#slices.push({ name: phase, thread, startedMs, endedMs, args: { namespaces: jobs.length, operations: ops } });
    for (const job of jobs) {
      const spentMs = job.endedMs - job.startedMs;
      this.#ofNamespace.set(job.ns, (this.#ofNamespace.get(job.ns) ?? 0) + spentMs);
      this.#slices.push({ ...job, name: job.ns, thread, args: { phase, operations: job.ops } });
    }
  }

  /** The whole trace as text. */
  json(): string {
    const threads = [...new Set(this.#slices.map(({ thread }) => thread))].sort((a, b) => a - b);
    const names = threads.map((tid) => ({
      ...{ ph: 'M', name: 'thread_name', pid: process.pid, tid },
      args: { name: tid === 0 ? 'stages' : `worker ${tid}` },
    }));
    const slices = this.#slices.map(({ name, thread, startedMs, endedMs, args }) => ({
      ...{ ph: 'X', name, cat: thread === 0 ? 'stage' : 'worker', pid: process.pid, tid: thread },
      ts: Math.round((startedMs - performance.timeOrigin) * 1000),
      dur: Math.round((endedMs - startedMs) * 1000),
      args,
    }));
    return `${JSON.stringify({ displayTimeUnit: 'ms', traceEvents: [...names, ...slices] })}\n`;
  }

  /** A line on the slowest stage and a line on the slowest nodes. Lines without data are left out. */
  slowest(): readonly string[] {
    const stages = this.#slices.filter(({ thread }) => thread === 0);
    const [stage] = stages.sort((a, b) => b.endedMs - b.startedMs - (a.endedMs - a.startedMs));
    const nodes = [...this.#ofNamespace].sort((a, b) => b[1] - a[1]).slice(0, NODES_NAMED);
    const lines: string[] = [];
    if (stage) lines.push(`slowest stage: ${stage.name}, ${(stage.endedMs - stage.startedMs).toFixed(0)} ms`);
    if (nodes.length > 0)
      lines.push(`slowest namespaces: ${nodes.map(([ns, ms]) => `${ns} ${ms.toFixed(1)} ms`).join(', ')}`);
    return lines;
  }
}
