/**
 * Has the engine make the containers of `nodes:`, and makes the links of each as soon as it runs. Containers that come to run at about
 * the same time are linked in one pass, while others still start.
 */
import { nameContainers } from '../../engine/container-names.ts';
import { diagnosticOf, LinkloomError } from '../../errors.ts';
import type { Emit, Failure } from '../../events.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import { type BringOptions, bringNodes, type NodeOutcome } from '../../runtime/nodes/bring.ts';
import type { Surroundings } from '../../runtime/nodes/node-runtime.ts';
import { openNodeRuntime } from '../../runtime/nodes/open.ts';
import type { ContainerDefinition } from '../../topology/nodes/definition.ts';
import type { Container, Topology } from '../../topology/topology.ts';
import type { Scope } from '../pass.ts';
import type { Reconciled } from '../pipeline.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { batched } from './batched.ts';
import { Gate } from './gate.ts';
import { surroundingsOf } from './hosts.ts';
import type { NodeTally } from './node-tally.ts';
import { removeUndescribed } from './undescribed.ts';

export interface ContainersIo extends Io {
  /** Makes the links of some nodes. */
  readonly link: (scope: Scope) => Promise<Reconciled>;
  readonly tally: NodeTally;
}

type Running = Extract<NodeOutcome, { state: 'running' }>;

export function containerDefinitions({ nodes = [] }: Pick<Topology, 'nodes'>): readonly ContainerDefinition[] {
  return nodes.flatMap((definition) => (definition.kind === 'container' ? [definition] : []));
}

/**
 * Makes and starts the containers of a lab. `first` is an earlier pass over the whole lab. A container that fails is reported, and the
 * others go on. Throws E_ENGINE if the engine does not answer.
 */
export async function bringContainers(session: Session, first: Reconciled, io: ContainersIo): Promise<void> {
  const definitions = containerDefinitions(session.topology);
  // If both engines answer, this is Docker.
  const [engine] = session.engines;
  if (definitions.length === 0 || engine === undefined) return;
  const runtime = await openNodeRuntime(engine);
  const surroundings = surroundingsOf(session);
  const gate = new Gate(session.topology, runtime);
  gate.linked(first);
  const linker = new Linker(session, engine, first.containers, io, gate);
  const options: BringOptions = {
    around: (): Surroundings => surroundings,
    mayStart: (definition) => gate.open(definition, io.signal),
    onPull: (progress) => tellPull(progress, io.emit),
    signal: io.signal,
  };
  const { lab } = session.topology;
  for await (const batch of batched(bringNodes(runtime, lab, definitions, options))) await linker.take(batch);
  io.tally.removed(await removeUndescribed(session, runtime, io.emit));
}

/** Makes the links of containers that have come to run, one pass for each batch. */
class Linker {
  readonly #session: Session;
  readonly #engine: ContainerEngine;
  readonly #io: ContainersIo;
  readonly #gate: Gate;
  /** The running containers, by id. */
  readonly #known: Map<string, Container>;
  readonly #linked: ReadonlySet<string>;

  constructor(session: Session, engine: ContainerEngine, known: readonly Container[], io: ContainersIo, gate: Gate) {
    this.#session = session;
    this.#engine = engine;
    this.#io = io;
    this.#gate = gate;
    this.#known = new Map(known.map((container) => [container.id, container]));
    this.#linked = new Set(this.#known.keys());
  }

  async take(batch: readonly NodeOutcome[]): Promise<void> {
    const running: Running[] = [];
    for (const outcome of batch) {
      this.#io.tally.brought(outcome);
      if (outcome.state === 'failed') this.#fail(outcome.definition, outcome.error);
      if (outcome.state === 'running') running.push(outcome);
    }
    if (running.length === 0) return this.#gate.settle();
    const { topology, workers } = this.#session;
    for (const { definition, warnings } of running) tellWarnings(definition, warnings, this.#io.emit);
    const named = running.map(({ definition, pid }) => ({ name: definition.realName, pid }));
    await Promise.all([nameContainers(workers, topology.lab, named, this.#io.emit), this.#link(running)]);
    this.#gate.settle();
  }

  async #link(running: readonly Running[]): Promise<void> {
    const fresh = running.filter(({ id }) => !this.#linked.has(id));
    const come = (await Promise.all(fresh.map((one) => this.#describe(one)))).flatMap((one) =>
      one === null ? [] : [one],
    );
    for (const { definition } of running) this.#gate.runs(definition);
    const ended = running.flatMap(({ replaced }) => this.#known.get(replaced ?? '') ?? []);
    for (const { id } of ended) this.#known.delete(id);
    if (come.length === 0 && ended.length === 0) return;
    for (const container of come) {
      this.#known.set(container.id, container);
      this.#session.adopt(this.#engine, container);
    }
    const nodes = { containers: new Set(come.map(({ id }) => id)), netns: new Set<string>() };
    this.#gate.linked(await this.#io.link({ nodes, containers: [...this.#known.values()], ended }));
  }

  async #describe({ definition, id }: Running): Promise<Container | null> {
    const container = await this.#engine.inspect(id);
    if (container !== null) return container;
    const message = 'its container ended before its links were made';
    this.#fail(definition, new LinkloomError('E_NODE_FAILED', message, { hint: 'its log may tell why' }));
    return null;
  }

  #fail({ name, realName }: ContainerDefinition, { code, message, hint }: LinkloomError): void {
    this.#gate.failed(name, message);
    const failure: Failure = { subject: { kind: 'node', name }, code, message, ...(hint !== undefined && { hint }) };
    this.#io.tally.failed(realName, failure);
    this.#io.emit({ type: 'failure', failure });
  }
}

function tellPull({ image, state, totalBytes }: Parameters<BringOptions['onPull']>[0], emit: Emit): void {
  if (state !== 'goes on') emit({ type: 'pull', state, image, bytes: totalBytes });
}

function tellWarnings({ name, where }: ContainerDefinition, warnings: readonly string[], emit: Emit): void {
  for (const warning of warnings) {
    const message = `node ${name}: the engine says: ${warning}`;
    emit({ type: 'diagnostic', diagnostic: diagnosticOf('node-not-whole', message, { where: where() }) });
  }
}
