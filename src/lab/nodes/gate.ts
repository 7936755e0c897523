/** Decides when a node may start, by its `wait_for`: other nodes have to run, to have their links, to be healthy, or to have ended with status 0. */
import { setTimeout as delay } from 'node:timers/promises';
import { LinkloomError } from '../../errors.ts';
import type { NodeRuntime } from '../../runtime/nodes/node-runtime.ts';
import type { ContainerDefinition, WaitFor } from '../../topology/nodes/definition.ts';
import type { Topology } from '../../topology/topology.ts';
import { outcomeOf } from '../outcome.ts';
import type { Reconciled } from '../pipeline.ts';

/** Time between two questions about a node's health. */
const POLL_MS = 250;

export class Gate {
  readonly #runtime: NodeRuntime;
  readonly #lab: string;
  readonly #linksOf = new Map<string, Set<string>>();
  readonly #running = new Set<string>();
  readonly #made = new Set<string>();
  readonly #failed = new Map<string, string>();
  /** Containers that neither run nor have failed. */
  readonly #left: Set<string>;
  readonly #blocked = new Set<string>();
  /** Whether links of containers that have come to run are being made. */
  #isLinking = false;
  #changed: () => void = () => {};
  #change: Promise<void>;

  constructor({ lab, nodes = [], links }: Topology, runtime: NodeRuntime) {
    this.#runtime = runtime;
    this.#lab = lab;
    this.#left = new Set(nodes.flatMap(({ kind, name }) => (kind === 'container' ? [name] : [])));
    for (const { kind, name } of nodes) if (kind === 'netns') this.#running.add(name);
    for (const { selector, dev } of links) {
      if (selector.kind !== 'node') continue;
      const known = this.#linksOf.get(selector.name) ?? new Set();
      this.#linksOf.set(selector.name, known.add(`${selector.name}:${dev}`));
    }
    this.#change = this.#nextChange();
  }

  /** Records which links of a pass are made. */
  linked({ plan, execution }: Reconciled): void {
    for (const planned of plan.links) {
      const outcome = outcomeOf(planned, execution);
      if (outcome !== 'failed' && outcome !== 'skipped' && outcome !== 'waits') this.#made.add(planned.link);
    }
  }

  /** Records that a container runs. Its links are made until `settle` is called. */
  runs({ name }: ContainerDefinition): void {
    this.#isLinking = true;
    this.#running.add(name);
    this.#left.delete(name);
  }

  failed(name: string, why: string): void {
    this.#failed.set(name, why);
    this.#left.delete(name);
  }

  /** Makes all nodes that wait look again. */
  settle(): void {
    this.#isLinking = false;
    this.#changed();
    this.#change = this.#nextChange();
  }

  /** Resolves when the node may start. Throws E_NODE_FAILED if what it waits for can never come. */
  async open(definition: ContainerDefinition, signal: AbortSignal | null): Promise<void> {
    for (const wait of definition.waitFor) await this.#come(definition.name, wait, signal);
  }

  async #come(name: string, { node, until }: WaitFor, signal: AbortSignal | null): Promise<void> {
    const isThere = (): boolean => (until === 'links' ? this.#isLinked(node) : this.#running.has(node));
    while (!isThere()) {
      if (signal?.aborted) return;
      const why = this.#failed.get(node);
      if (why !== undefined) throw inVain(name, `node ${node} failed`, 'see to that one first');
      this.#blocked.add(name);
      const isStuck = !this.#isLinking && this.#blocked.size === this.#left.size;
      if (isStuck && until === 'links' && this.#running.has(node)) {
        throw inVain(name, `the links of ${node} can't be made before ${name} runs`, 'wait for `started` instead');
      }
      await Promise.race([this.#change, delay(POLL_MS)]);
      this.#blocked.delete(name);
    }
    if (until === 'healthy' || until === 'exited') await this.#ends(name, node, until, signal);
  }

  async #ends(name: string, node: string, until: 'healthy' | 'exited', signal: AbortSignal | null): Promise<void> {
    const found = await this.#runtime.find(`${this.#lab}.${node}`);
    if (found === null) throw inVain(name, `node ${node} is gone`, 'run it again');
    if (until === 'exited') {
      const status = await this.#runtime.waitExit(found.id, signal ?? new AbortController().signal);
      if (status !== 0 && !signal?.aborted)
        throw inVain(name, `node ${node} ended with status ${status}`, 'its log may tell why');
      return;
    }
    while (!signal?.aborted) {
      const health = await this.#runtime.health(found.id);
      if (health === 'healthy') return;
      if (health === 'none') throw inVain(name, `node ${node} has no healthcheck`, 'give it a `healthcheck`');
      await delay(POLL_MS);
    }
  }

  #isLinked(node: string): boolean {
    return this.#running.has(node) && [...(this.#linksOf.get(node) ?? [])].every((link) => this.#made.has(link));
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}

function inVain(name: string, why: string, hint: string): LinkloomError {
  return new LinkloomError('E_NODE_FAILED', `it waits in vain: ${why}`, { where: name, hint });
}
