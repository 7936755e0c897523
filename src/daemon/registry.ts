/** Keeps the running containers for which the lab has links or commands, as their engines last described them. */
import type { Emit, Event } from '../events.ts';
import { withoutOneOffs } from '../runtime/container.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import type { Container } from '../topology/topology.ts';
import type { Worklist } from './worklist.ts';

export interface Entry {
  readonly container: Container;
  readonly engine: ContainerEngine;
}

type ContainerChange = Extract<Event, { type: 'container' }>['change'];

/** Decides whether the lab wants a container. */
type Wants = { wants(container: Container): boolean };

/**
 * Only `look` changes the registry, one call at a time per container, so that an older answer can't overwrite a newer one. If a
 * container's process id differs from the known one, the container has ended and was started again.
 */
export class Registry {
  readonly #entries = new Map<string, Entry>();
  readonly #looking = new Map<string, { again: boolean; readonly done: Promise<void> }>();
  /** Ids of containers that were unpaused, until `takeResumed` takes them. */
  readonly #resumed = new Set<string>();
  readonly #wants: Wants;
  readonly #work: Worklist;
  readonly #emit: Emit;

  constructor(wants: Wants, work: Worklist, emit: Emit) {
    this.#wants = wants;
    this.#work = work;
    this.#emit = emit;
  }

  entries(): readonly Entry[] {
    const entries = [...this.#entries.values()];
    const containers = withoutOneOffs(entries.map(({ container }) => container));
    return entries.map((entry, at) => ({ ...entry, container: containers[at] ?? entry.container }));
  }

  /** Whether the container was unpaused since the last call. */
  takeResumed(id: string): boolean {
    return this.#resumed.delete(id);
  }

  /** Whether the container's process is still the same. */
  isCurrent(container: Container): boolean {
    return this.#entries.get(container.id)?.container.pid === container.pid;
  }

  /**
   * Asks the engine about one container, and adds what has changed to the work queue. If a look at the container is already under
   * way, that look asks once more. Throws E_ENGINE if the engine does not answer.
   */
  look(engine: ContainerEngine, id: string): Promise<void> {
    const current = this.#looking.get(id);
    if (current !== undefined) {
      current.again = true;
      return current.done;
    }
    const round = { again: true, done: Promise.resolve() };
    round.done = (async () => {
      try {
        while (round.again) {
          round.again = false;
          this.#store(engine, id, await engine.inspect(id));
        }
      } finally {
        this.#looking.delete(id);
      }
    })();
    this.#looking.set(id, round);
    return round.done;
  }

  /**
   * Looks at every container of an engine whose state differs from the known one. Throws E_ENGINE if the engine does not answer.
   */
  async compare(engine: ContainerEngine): Promise<void> {
    const listed = new Map((await engine.list()).map((container) => [container.id, container]));
    const ids = new Set<string>();
    for (const container of listed.values()) {
      const known = this.#entries.get(container.id)?.container;
      const isSame = known?.pid === container.pid && known.isPaused === container.isPaused;
      if (!isSame && this.#wants.wants(container)) ids.add(container.id);
    }
    for (const { container, engine: owner } of this.#entries.values()) {
      if (owner === engine && listed.get(container.id)?.pid !== container.pid) ids.add(container.id);
    }
    await Promise.all([...ids].map((id) => this.look(engine, id)));
  }

  /** When a replica starts, looks again at one-off containers that stood in for it: they are no longer wanted. */
  #lookAtOneOffs({ service, project }: Container): void {
    for (const { container, engine } of this.#entries.values()) {
      const isStandIn = container.isOneOff && container.service === service && container.project === project;
      // If an engine does not answer, the task that follows it deals with that.
      if (isStandIn && service !== null) this.look(engine, container.id).catch(() => {});
    }
  }

  #store(engine: ContainerEngine, id: string, found: Container | null): void {
    const known = this.#entries.get(id)?.container;
    const now = found !== null && this.#wants.wants(found) ? found : null;
    if (found !== null && now === null) {
      this.#emit({ type: 'detail', message: `Event: no matching config for ${found.name}, ignoring` });
    }
    if (known !== undefined && known.pid !== now?.pid) {
      this.#entries.delete(id);
      this.#resumed.delete(id);
      this.#work.end(known);
      this.#tell('ended', known);
    }
    if (now === null) return;
    this.#entries.set(id, { container: now, engine });
    if (known === undefined && !now.isOneOff) this.#lookAtOneOffs(now);
    if (known?.pid === now.pid && known.isPaused !== now.isPaused) {
      this.#tell(now.isPaused ? 'paused' : 'unpaused', now);
      // Its commands have waited for this; the next pass starts them.
      if (!now.isPaused) {
        this.#resumed.add(id);
        this.#work.touch(id);
      }
    }
    if (known?.pid === now.pid && known.name === now.name) return;
    this.#work.touch(id);
    this.#tell('started', now);
  }

  #tell(change: ContainerChange, { name, id }: Container): void {
    this.#emit({ type: 'container', change, name, containerId: id });
  }
}
