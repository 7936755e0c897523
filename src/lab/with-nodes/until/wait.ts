/**
 * `until/` implements `wait`: nodes have to run, to have links, addresses, listeners or files, or to be healthy.
 *
 * This file waits until all conditions are met.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isGlob } from '../../../config/nodes/pattern.ts';
import { LinkloomError } from '../../../errors.ts';
import type { Emit } from '../../../events.ts';
import type { NodeRuntime } from '../../../runtime/nodes/node-runtime.ts';
import type { Io, Request } from '../../request.ts';
import { Session } from '../../session.ts';
import { statusOfLab } from '../../verbs/survey.ts';
import { chosenFrom, isLabNamed, isThere } from '../choose.ts';
import { type FoundNode, findNode } from '../find.ts';
import { isNamedAlone, type NodesOfLab, nodesOfLab, nodesOfTopology } from '../of-lab.ts';
import type { NodeCondition } from './conditions.ts';
import { linksNow, missingOf } from './links.ts';
import { Look } from './look.ts';

/** Time between two looks. */
const POLL_MS = 200;
/** Time between two messages that say what is waited for. */
const TELL_MS = 10_000;
/** How many missing things a message names. */
const TOLD_MAX = 10;

export interface WaitRequest {
  /** Names and globs; empty: all nodes of the lab. */
  readonly names: readonly string[];
  readonly links: boolean;
  readonly conditions: readonly NodeCondition[];
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Waited {
  readonly waitedMs: number;
  /** NODE of each. */
  readonly nodes: readonly string[];
}

/** The result of one look: the nodes that exist, and what is still missing. */
interface Seen {
  readonly nodes: readonly FoundNode[];
  readonly missing: readonly string[];
}

/** Throws E_TIMEOUT with what is still missing, E_INTERRUPTED, E_NODE_MISSING for a name that the lab does not have, and what looking throws. */
export async function waitFor(request: Request, wanted: WaitRequest, io: Io): Promise<Waited> {
  const startedMs = performance.now();
  const deadlineMs = startedMs + wanted.timeoutMs;
  await using watcher = await Watcher.open(request, wanted, io.emit);
  let tellMs = startedMs + TELL_MS / 10;
  for (;;) {
    const { nodes, missing } = await watcher.look();
    const nowMs = performance.now();
    if (missing.length === 0) return { waitedMs: nowMs - startedMs, nodes: nodes.map(({ label }) => label) };
    const what = listOf(missing);
    if (io.signal?.aborted) throw new LinkloomError('E_INTERRUPTED', `interrupted while waiting: ${what}`);
    if (nowMs >= deadlineMs) {
      const message = `not within ${wanted.timeoutMs / 1000} s: ${what}`;
      throw new LinkloomError('E_TIMEOUT', message, { hint: 'give it longer by --timeout, or see what keeps it' });
    }
    if (nowMs >= tellMs) {
      tellMs = nowMs + TELL_MS;
      io.emit({ type: 'notice', message: `Waiting: ${what} (at most ${Math.ceil((deadlineMs - nowMs) / 1000)} s)` });
    }
    await delay(
      Math.min(POLL_MS, deadlineMs - nowMs),
      undefined,
      io.signal === null ? {} : { signal: io.signal },
    ).catch(() => {});
  }
}

function listOf(missing: readonly string[]): string {
  const more = missing.length - TOLD_MAX;
  return `${missing.slice(0, TOLD_MAX).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

class Watcher implements AsyncDisposable {
  readonly #request: Request;
  readonly #wanted: WaitRequest;
  readonly #emit: Emit;
  /** null: no configuration, or none is needed. */
  readonly #session: Session | null;
  readonly #runtimes = new Map<string, Promise<NodeRuntime>>();

  private constructor(request: Request, wanted: WaitRequest, emit: Emit, session: Session | null) {
    this.#request = request;
    this.#wanted = wanted;
    this.#emit = emit;
    this.#session = session;
  }

  static async open(request: Request, wanted: WaitRequest, emit: Emit): Promise<Watcher> {
    // Each look is a pass. Its stages are not reported, and its warnings only once.
    const told = new Set<string>();
    const tell: Emit = (event) => {
      if (event.type !== 'diagnostic' || told.has(event.diagnostic.message)) return;
      told.add(event.diagnostic.message);
      emit(event);
    };
    const { names, links } = wanted;
    const isOfLab = links || names.length === 0 || names.some(isGlob) || isLabNamed(request);
    const session = isOfLab && !isNamedAlone(request) ? await Session.open(request, tell) : null;
    return new Watcher(request, wanted, tell, session);
  }

  async look(): Promise<Seen> {
    const lab = await this.#lab();
    const seen = lab === null ? await this.#onHost() : this.#ofLab(lab);
    const missing = [...seen.missing];
    if (this.#wanted.links && lab !== null) missing.push(...(await this.#links(lab, seen.nodes)));
    const look = new Look(this.#runtimes);
    for (const condition of this.#wanted.conditions) missing.push(...(await this.#check(look, condition, seen, lab)));
    return { nodes: seen.nodes, missing };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }

  async #lab(): Promise<NodesOfLab | null> {
    if (this.#session !== null) {
      const { topology, engines, filter } = this.#session;
      return await nodesOfTopology(topology, engines, filter);
    }
    return isNamedAlone(this.#request) ? await nodesOfLab(this.#request, this.#emit) : null;
  }

  async #onHost(): Promise<Seen> {
    const { names, env } = this.#wanted;
    const found = await Promise.all(names.map((name) => this.#orMissing(name, env)));
    return {
      nodes: found.flatMap((one) => (typeof one === 'string' ? [] : [one])),
      missing: found.flatMap((one) => (typeof one === 'string' ? [one] : [])),
    };
  }

  async #orMissing(name: string, env: WaitRequest['env']): Promise<FoundNode | string> {
    return findNode(name, this.#request.sockets, env).catch((error: unknown) => {
      if (error instanceof LinkloomError && error.code === 'E_NODE_MISSING') return `${name} does not run`;
      throw error;
    });
  }

  /** Waits for a name that the configuration has. A name that it does not have is an error at once. */
  #ofLab(lab: NodesOfLab): Seen {
    const { names } = this.#wanted;
    if (names.length === 0) return { nodes: lab.nodes, missing: lab.missing.map((name) => `${name} does not run`) };
    const isAwaited = (name: string): boolean => lab.missing.includes(name) || (lab.topology === null && !isGlob(name));
    const [there, absent] = [names.filter((name) => isThere(lab, name)), names.filter((name) => !isThere(lab, name))];
    const unknown = absent.filter((name) => !isAwaited(name));
    if (unknown.length > 0) chosenFrom(lab, { names: unknown, all: false });
    return {
      nodes: there.length === 0 ? [] : chosenFrom(lab, { names: there, all: false }),
      missing: absent.map((name) => `${name} does not run`),
    };
  }

  async #links({ lab }: NodesOfLab, nodes: readonly FoundNode[]): Promise<readonly string[]> {
    const report =
      this.#session === null
        ? await statusOfLab(lab, this.#request, this.#emit)
        : await linksNow(this.#session, this.#emit);
    return missingOf(report, nodes, this.#wanted.names.length === 0);
  }

  async #check(look: Look, condition: NodeCondition, seen: Seen, lab: NodesOfLab | null): Promise<readonly string[]> {
    const nodes = condition.node === null ? seen.nodes : await this.#named(condition.node, seen, lab);
    if (nodes.length === 0 && condition.node !== null) return [`${condition.node} does not run`];
    const found = await Promise.all(nodes.map((node) => this.#missing(look, node, condition)));
    const faults = found.filter((one) => one instanceof LinkloomError);
    // If all nodes are meant, only those with a health check have to be healthy.
    const isAnyLeft = this.#wanted.names.length === 0 && faults.length < nodes.length;
    if (faults[0] !== undefined && !isAnyLeft) throw faults[0];
    return found.flatMap((one, at) => (typeof one === 'string' ? [`${nodes[at]?.label}: ${one}`] : []));
  }

  /** Returns null if the condition is met, what is missing, or an error if it can never be met. */
  async #missing(look: Look, node: FoundNode, condition: NodeCondition): Promise<string | LinkloomError | null> {
    try {
      return await look.missing(node, condition);
    } catch (error) {
      if (!(error instanceof LinkloomError)) throw error;
      if (error.code === 'E_NODE_MISSING') return 'does not run';
      if (error.code === 'E_NODE_FAILED' && condition.kind === 'healthy') return error;
      throw error;
    }
  }

  async #named(name: string, seen: Seen, lab: NodesOfLab | null): Promise<readonly FoundNode[]> {
    if (lab !== null) return isThere(lab, name) ? chosenFrom(lab, { names: [name], all: false }) : [];
    const known = seen.nodes.find(({ label }) => label === name) ?? (await this.#orMissing(name, this.#wanted.env));
    return typeof known === 'string' ? [] : [known];
  }
}
