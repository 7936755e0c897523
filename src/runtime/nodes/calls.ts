/** Calls to one engine's API. Each call has a time limit, and what the engine refuses becomes an error for people. */
import Docker from 'dockerode';
import { LinkloomError } from '../../errors.ts';
import { NODE_LABEL } from '../../topology/nodes/definition.ts';
import type { EngineKind } from '../engine.ts';
import { statusCodeOf, unreachableEngine, wordsOf } from '../engine-words.ts';
import { refusedNode } from './refused.ts';

/** The longest wait for an answer to a question. */
const ANSWER_TIMEOUT_MS = 10_000;
/** The longest wait for a change: a busy machine may be making a hundred containers at once. */
const WORK_TIMEOUT_MS = 120_000;

/** The HTTP statuses of success, in the form that dockerode takes. */
const DONE = { 200: true, 201: true, 204: true } as const;

export class EngineCalls {
  readonly kind: EngineKind;
  readonly socketPath: string;
  readonly docker: Docker;

  constructor(kind: EngineKind, socketPath: string) {
    this.kind = kind;
    this.socketPath = socketPath;
    // An empty host keeps dockerode from following DOCKER_HOST instead of the path it is given.
    this.docker = new Docker({ socketPath, host: '', protocol: 'http' });
  }

  async inspect(idOrName: string): Promise<Docker.ContainerInspectInfo | null> {
    try {
      return await this.docker.getContainer(idOrName).inspect(answered());
    } catch (error) {
      if (statusCodeOf(error) === 404) return null;
      throw this.unreachable(error);
    }
  }

  async inspectOr(id: string): Promise<Docker.ContainerInspectInfo> {
    const found = await this.inspect(id);
    if (found !== null) return found;
    throw missing(id);
  }

  /** Makes a call for which dockerode has no method, or none that returns the whole answer. */
  dial(method: 'GET' | 'POST', path: string, options: object, more: object = {}): Promise<unknown> {
    const statusCodes = {
      ...DONE,
      400: 'bad parameter',
      404: 'no such container',
      409: 'conflict',
      500: 'server error',
    };
    return new Promise((resolve, reject) => {
      this.docker.modem.dial({ path, method, options, statusCodes, ...working(), ...more }, (error: unknown, data) =>
        error ? reject(error) : resolve(data),
      );
    });
  }

  /** Opens an answer as a stream. dockerode's own method reads the whole log of a container into memory unless it is followed. */
  stream(path: string, query: object): Promise<unknown> {
    return this.dial('GET', path, query, { isStream: true, abortSignal: undefined });
  }

  /** Waits for a change and returns the answer. Statuses in `fine` count as success. `node` and `what` are for the error. */
  async work<T>(node: string, what: string, answer: Promise<unknown>, ...fine: readonly number[]): Promise<T> {
    try {
      return (await answer) as T;
    } catch (error) {
      if (fine.includes(statusCodeOf(error) ?? 0)) return undefined as T;
      throw await this.refusal(node, what, error);
    }
  }

  /** The error for what the engine refused. `node` is NODE, or the id of its container. */
  async refusal(node: string, what: string, error: unknown): Promise<LinkloomError> {
    if (this.isSilent(error)) return this.unreachable(error);
    if (statusCodeOf(error) === 404 && /no such container/i.test(wordsOf(error))) return missing(node, error);
    const found = await this.inspect(node).catch(() => null);
    return refusedNode(found?.Config.Labels?.[NODE_LABEL.node] ?? node, what, error);
  }

  /** Whether the error means that the engine did not answer. It is false for an HTTP status, and for an error about a file. */
  isSilent(error: unknown): boolean {
    if (error instanceof LinkloomError || statusCodeOf(error) !== null) return false;
    const path = error instanceof Error && 'path' in error ? error.path : undefined;
    return path === undefined || path === this.socketPath;
  }

  async ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw this.unreachable(error);
    }
  }

  unreachable(error: unknown): LinkloomError {
    return unreachableEngine(this, error);
  }
}

function missing(id: string, cause?: unknown): LinkloomError {
  return new LinkloomError('E_NODE_MISSING', `there is no container ${id.slice(0, 12)}`, { cause });
}

/** The options of a call that asks a question. */
export function answered(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
}

/** The options of a call that changes something. `moreS`: seconds that the engine itself may wait before it answers. */
export function working(moreS = 0): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(WORK_TIMEOUT_MS + moreS * 1000) };
}
