/** Runs the daemon's loop on an engine and a kernel in memory. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type Controls, type DaemonTiming, runDaemon } from '../../../src/daemon/loop.ts';
import type { Event } from '../../../src/events.ts';
import { CommandRuns } from '../../../src/lab/commands/runs.ts';
import { eventText } from '../../../src/report/lines.ts';
import { FakeEngine } from './fake-engine.ts';
import { FakeKernel } from './fake-kernel.ts';

const TIMING: DaemonTiming = {
  debounceMs: 2,
  driftDelayMs: 0,
  resyncEveryMs: 3_600_000,
  retryMinMs: 20,
  retryMaxMs: 80,
  reconnectMinMs: 5,
  reconnectMaxMs: 20,
};
/** A busy machine may stand still for seconds. */
const WAIT_MS = 30_000;

export class Lab implements AsyncDisposable {
  readonly engine = new FakeEngine();
  readonly kernel = new FakeKernel();
  readonly events: Event[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #controls: Controls | null = null;

  /** How others ask for something, once the loop runs. */
  get controls(): Controls {
    assert.ok(this.#controls, 'the daemon has not begun');
    return this.#controls;
  }

  begin(timing: Partial<DaemonTiming> = {}, atEnd: 'remove' | 'leave' = 'remove'): void {
    this.#running = runDaemon({
      reconciler: this.kernel,
      engines: [this.engine],
      runs: new CommandRuns({ emit: (event) => this.events.push(event), lab: null, tell: 'warning' }),
      emit: (event) => this.events.push(event),
      signal: this.#stop.signal,
      atEnd,
      attend: (controls) => {
        this.#controls = controls;
        return { [Symbol.dispose]: () => {} };
      },
      timing: { ...TIMING, ...timing },
    });
    this.#running.catch(() => {});
  }

  get ended(): Promise<void> {
    return this.#running;
  }

  end(): Promise<void> {
    this.#stop.abort();
    return this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end().catch(() => {});
  }

  said(message: string): number {
    return this.events.filter((event) => eventText(event, (_style, text) => text) === `${message}\n`).length;
  }

  /** Whether there is exactly one link for each running process. */
  get exact(): boolean {
    const wanted = this.engine.running.map(({ id, pid }) => `${id} ${pid}`).sort();
    const there = [...this.kernel.ports].map(([id, pid]) => `${id} ${pid}`).sort();
    return wanted.join() === there.join();
  }
}

/** Something to wait for, and what ends the wait. */
export function gate(): { readonly held: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { held, open };
}

export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain: ${what}`);
    await delay(2);
  }
}

export const CONNECTED = 'All links connected';
