/** Follows container engines: which containers run, and each that starts or ends. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from '../../runtime/engine.ts';
import type { Container } from '../../topology/topology.ts';

export type ContainerChange = 'started' | 'ended' | 'paused' | 'unpaused';

export interface ContainerWatchOptions {
  readonly engines: readonly ContainerEngine[];
  readonly onChange: (container: Container, change: ContainerChange) => void;
  /** An engine does not answer any more (its socket and why), or answers again (null). */
  readonly onLost: (socketPath: string, why: string | null) => void;
  readonly signal: AbortSignal;
}

/** Between two attempts to reach an engine. */
const RETRY_MS = 1_000;

export class ContainerWatch {
  readonly #options: ContainerWatchOptions;
  readonly #running = new Map<string, { readonly container: Container; readonly engine: ContainerEngine }>();
  #isReady = false;

  constructor(options: ContainerWatchOptions) {
    this.#options = options;
  }

  /** The containers that run. */
  get running(): readonly Container[] {
    return [...this.#running.values()].map(({ container }) => container);
  }

  /** Lists what runs, and follows it until the signal aborts. Throws E_ENGINE if an engine does not answer. */
  async begin(): Promise<{ readonly ended: Promise<void> }> {
    const streams = await Promise.all(this.#options.engines.map((engine) => this.#subscribe(engine)));
    this.#isReady = true;
    const following = this.#options.engines.map((engine, at) => this.#follow(engine, streams[at]));
    return { ended: Promise.all(following).then(() => {}) };
  }

  async #subscribe(engine: ContainerEngine): Promise<Awaited<ReturnType<ContainerEngine['events']>>> {
    const events = await engine.events(this.#options.signal);
    await this.#compare(engine);
    return events;
  }

  async #follow(engine: ContainerEngine, first: AsyncIterable<{ readonly id: string }> | undefined): Promise<void> {
    const { signal, onLost } = this.#options;
    let stream = first;
    while (!signal.aborted) {
      try {
        if (stream === undefined) {
          stream = await this.#subscribe(engine);
          onLost(engine.socketPath, null);
        }
        for await (const { id } of stream) this.#store(engine, id, await engine.inspect(id));
        if (!signal.aborted) onLost(engine.socketPath, 'its event stream ended');
      } catch (error) {
        // Only the first of several failed attempts is told: then there was a stream.
        if (!signal.aborted && stream !== undefined) onLost(engine.socketPath, messageOf(error));
      }
      stream = undefined;
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #compare(engine: ContainerEngine): Promise<void> {
    const listed = new Map((await engine.list()).map((container) => [container.id, container]));
    for (const { container, engine: owner } of [...this.#running.values()]) {
      if (owner === engine && !listed.has(container.id)) this.#store(engine, container.id, null);
    }
    for (const container of listed.values()) this.#store(engine, container.id, container);
  }

  #store(engine: ContainerEngine, id: string, now: Container | null): void {
    const before = this.#running.get(id)?.container;
    if (before !== undefined && before.pid !== now?.pid) {
      this.#running.delete(id);
      this.#tell(before, 'ended');
    }
    if (now === null) return;
    this.#running.set(id, { container: now, engine });
    if (before?.pid !== now.pid) this.#tell(now, 'started');
    else if (before.isPaused !== now.isPaused) this.#tell(now, now.isPaused ? 'paused' : 'unpaused');
  }

  #tell(container: Container, change: ContainerChange): void {
    if (this.#isReady) this.#options.onChange(container, change);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
