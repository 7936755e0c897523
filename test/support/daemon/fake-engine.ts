/** A container engine in memory. Its answers take time, and its events can be lost, doubled or delayed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine, ContainerEvent, ExecOptions } from '../../../src/runtime/engine.ts';
import type { Container } from '../../../src/topology/topology.ts';

export class FakeEngine implements ContainerEngine {
  readonly kind = 'docker';
  readonly socketPath = '/fake/docker.sock';
  /** How long an inspect takes. The answer is what was true when it was asked. */
  inspectMs = 0;
  /** What each answer waits for. */
  held: Promise<void> = Promise.resolve();
  /** Called for each exec. */
  onExec: (id: string, argv: readonly string[], options: ExecOptions) => Promise<number> = async () => 0;
  readonly #running = new Map<string, Container>();
  readonly #streams = new Set<EventQueue>();
  /** Whether it answers nothing. */
  hangs = false;
  /** How often it was asked for containers and has answered, and how often it refused anything while it was down. */
  asked = 0;
  answered = 0;
  refused = 0;
  #down = false;
  #nextPid = 1000;

  /** Starts a container, or starts it again, as a new process. */
  start(name: string, tell = true): Container {
    const id = name.padEnd(64, '0');
    const container: Container = {
      id,
      name,
      pid: this.#nextPid++,
      service: null,
      index: 1,
      project: null,
      workingDir: null,
      isOneOff: false,
      isPaused: false,
    };
    this.#running.set(id, container);
    if (tell) this.tell({ action: 'start', id, name });
    return container;
  }

  stop(name: string, tell = true): void {
    const id = name.padEnd(64, '0');
    this.#running.delete(id);
    if (tell) this.tell({ action: 'die', id, name });
  }

  /** Pauses or unpauses a container. */
  pause(name: string, isPaused: boolean): void {
    const id = name.padEnd(64, '0');
    const container = this.#running.get(id);
    if (container !== undefined) this.#running.set(id, { ...container, isPaused });
    this.tell({ action: 'start', id, name });
  }

  tell(event: ContainerEvent): void {
    for (const stream of this.#streams) stream.push(event);
  }

  /** Cuts all streams and refuses everything, as an engine does that is being restarted. */
  goDown(): void {
    this.#down = true;
    for (const stream of this.#streams) stream.cut();
  }

  comeUp(): void {
    this.#down = false;
  }

  get running(): readonly Container[] {
    return [...this.#running.values()];
  }

  async networkMacs(): Promise<readonly string[]> {
    this.#mustBeUp();
    return [];
  }

  async list(): Promise<readonly Container[]> {
    this.#mustBeUp();
    const now = this.running;
    await this.#answerTime();
    return now;
  }

  async inspect(id: string): Promise<Container | null> {
    this.#mustBeUp();
    const now = this.#running.get(id) ?? null;
    await this.#answerTime();
    return now;
  }

  async events(signal: AbortSignal): Promise<AsyncIterable<ContainerEvent>> {
    this.#mustBeUp();
    const queue = new EventQueue();
    this.#streams.add(queue);
    signal.addEventListener('abort', () => {
      this.#streams.delete(queue);
      queue.cut();
    });
    return queue.read();
  }

  exec(id: string, argv: readonly string[], options: ExecOptions): Promise<number> {
    return this.onExec(id, argv, options);
  }

  async #answerTime(): Promise<void> {
    this.asked += 1;
    await (this.hangs ? new Promise<never>(() => {}) : delay(this.inspectMs));
    await this.held;
    this.answered += 1;
  }

  #mustBeUp(): void {
    if (!this.#down) return;
    this.refused += 1;
    throw new Error('connect ECONNREFUSED /fake/docker.sock');
  }
}

class EventQueue {
  readonly #events: ContainerEvent[] = [];
  #cut = false;
  #wake: () => void = () => {};

  push(event: ContainerEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  cut(): void {
    this.#cut = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<ContainerEvent, void, undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (this.#cut) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
