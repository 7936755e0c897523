/** ContainerEngine over dockerode: Docker's API, which Podman speaks too. Import it lazily. */
import Docker from 'dockerode';
import { LinkloomError } from '../errors.ts';
import type { Container } from '../topology/topology.ts';
import { containerOf, isOneOff, macsOf, siblingLabels, withoutOneOffs } from './container.ts';
import type { ContainerEngine, ContainerEvent, EngineKind, ExecOptions } from './engine.ts';
import { statusCodeOf, unreachableEngine, wordsOf } from './engine-words.ts';
import { decodeEvents } from './event-stream.ts';
import { execIn } from './exec.ts';
import { startFailureStatus } from './exec-start.ts';

/** An engine that does not answer a simple request for this long is taken for hung. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Most inspect calls at the same time (1 ms each on an idle engine). */
const INSPECTS_AT_ONCE = 32;

/** Connects and sends one request. Throws E_ENGINE if there is no answer. */
export async function openEngine(kind: EngineKind, socketPath: string): Promise<ContainerEngine> {
  const engine = new DockerodeEngine(kind, socketPath);
  await engine.ping();
  return engine;
}

class DockerodeEngine implements ContainerEngine {
  readonly kind: EngineKind;
  readonly socketPath: string;
  readonly #docker: Docker;

  constructor(kind: EngineKind, socketPath: string) {
    this.kind = kind;
    this.socketPath = socketPath;
    // An empty host keeps dockerode from following DOCKER_HOST instead of the path it is given.
    this.#docker = new Docker({ socketPath, host: '', protocol: 'http' });
  }

  /** Sends one list call with the shortest possible answer. */
  async ping(): Promise<void> {
    await this.#ask(this.#docker.listContainers({ limit: 1, abortSignal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }));
  }

  async list(known?: ReadonlyMap<string, Container>): Promise<readonly Container[]> {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const running = await this.#ask(this.#docker.listContainers({ abortSignal: signal }));
    const found: Container[] = [];
    for (let from = 0; from < running.length; from += INSPECTS_AT_ONCE) {
      const ids = running.slice(from, from + INSPECTS_AT_ONCE).map((entry) => entry.Id);
      const containers = await Promise.all(ids.map(async (id) => known?.get(id) ?? (await this.#describe(id))));
      for (const container of containers) if (container !== null) found.push(container);
    }
    return await Promise.all(withoutOneOffs(found).map((container) => this.#asReplica(container)));
  }

  async inspect(idOrName: string): Promise<Container | null> {
    const container = await this.#describe(idOrName);
    return container === null ? null : await this.#asReplica(container);
  }

  /**
   * The container, without its service if it is a one-off whose service has another container, even a stopped one: then it is
   * no replica.
   */
  async #asReplica(container: Container): Promise<Container> {
    if (!container.isOneOff || container.service === null) return container;
    const filters = { label: siblingLabels(container) };
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const all = await this.#ask(this.#docker.listContainers({ all: true, filters, abortSignal: signal }));
    return all.every(({ Labels: labels }) => isOneOff(labels ?? {})) ? container : { ...container, service: null };
  }

  async #describe(idOrName: string): Promise<Container | null> {
    try {
      const options = { abortSignal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
      return containerOf(await this.#docker.getContainer(idOrName).inspect(options));
    } catch (error) {
      if (statusCodeOf(error) === 404) return null;
      throw this.#unreachable(error);
    }
  }

  async networkMacs(id: string): Promise<readonly string[]> {
    const options = { abortSignal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
    return macsOf(await this.#ask(this.#docker.getContainer(id).inspect(options)));
  }

  async events(signal: AbortSignal): Promise<AsyncIterable<ContainerEvent>> {
    // Actions are not filtered, since their names differ between releases of Podman, and there are few other events.
    const filters = { type: ['container' as const] };
    const late = new AbortController();
    const abortSignal = AbortSignal.any([signal, late.signal]);
    const options: Docker.GetEventsOptions & { abortSignal: AbortSignal } = { filters, abortSignal };
    const timer = setTimeout(() => late.abort(new Error('no answer')), ANSWER_TIMEOUT_MS);
    const stream = await this.#ask(this.#docker.getEvents(options)).finally(() => clearTimeout(timer));
    return decodeEvents(stream as NodeJS.ReadableStream & AsyncIterable<Buffer>);
  }

  async exec(id: string, argv: readonly string[], options: ExecOptions): Promise<number> {
    try {
      return await execIn(this.#docker.getContainer(id), argv, options);
    } catch (error) {
      const words = wordsOf(error);
      const failed = startFailureStatus(words);
      if (failed !== null) {
        options.onOutput('stderr', Buffer.from(`${words}\n`));
        return failed;
      }
      const status = statusCodeOf(error);
      if (status !== 404 && status !== 409) throw this.#unreachable(error);
      const isPaused = error instanceof Error && /\bpaused\b/.test(error.message);
      const what = isPaused ? 'is paused, so nothing can be run in it' : 'does not run';
      throw new LinkloomError('E_NODE_MISSING', `container ${id.slice(0, 12)} ${what}`, { cause: error });
    }
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): LinkloomError {
    return unreachableEngine(this, error);
  }
}
