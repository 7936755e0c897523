/** Calls of one engine about containers, with bounded waits, and its refusals as errors for people. */
import Docker from 'dockerode';
import { LinkloomError } from '../../errors.ts';
import { NODE_LABEL } from '../../topology/nodes/definition.ts';
import type { EngineKind } from '../engine.ts';
import { statusCodeOf, unreachableEngine, wordsOf } from '../engine-words.ts';
import { refusedNode } from './refused.ts';

/** For questions. */
const ANSWER_TIMEOUT_MS = 10_000;
/** For what takes an engine some time: a hundred containers at once on a busy machine. */
const WORK_TIMEOUT_MS = 120_000;

/** The statuses that are none to fail by, as dockerode wants to know them. */
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

  /** What dockerode has no method for that gives all of the answer. */
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

  /** dockerode would collect the log of a container that is not followed. */
  stream(path: string, query: object): Promise<unknown> {
    return this.dial('GET', path, query, { isStream: true, abortSignal: undefined });
  }

  async work<T>(node: string, what: string, answer: Promise<unknown>, ...fine: readonly number[]): Promise<T> {
    try {
      return (await answer) as T;
    } catch (error) {
      if (fine.includes(statusCodeOf(error) ?? 0)) return undefined as T;
      throw await this.refusal(node, what, error);
    }
  }

  /** `node` is NODE, or the id of its container. */
  async refusal(node: string, what: string, error: unknown): Promise<LinkloomError> {
    if (this.isSilent(error)) return this.unreachable(error);
    if (statusCodeOf(error) === 404 && /no such container/i.test(wordsOf(error))) return missing(node, error);
    const found = await this.inspect(node).catch(() => null);
    return refusedNode(found?.Config.Labels?.[NODE_LABEL.node] ?? node, what, error);
  }

  /** Whether it is no answer of the engine's, nor a fault of a file. */
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

/** For a question. */
export function answered(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
}

/** For a change, of which the engine waits `moreS` itself. */
export function working(moreS = 0): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(WORK_TIMEOUT_MS + moreS * 1000) };
}
