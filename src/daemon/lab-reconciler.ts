/** The daemon's Reconciler: passes over the whole lab or over some of its containers, one after the other, on one session. */

import { mayListen } from '../engine/machine/privilege.ts';
import { LinkMonitor } from '../engine/threads/monitor.ts';
import type { Emit, LinkListener } from '../events.ts';
import { freshNodes, startCommands } from '../lab/commands/nodes.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import { tellOrphans } from '../lab/orphans.ts';
import type { Pass, Scope } from '../lab/pass.ts';
import { type Reconciled, reconcile } from '../lab/pipeline.ts';
import type { Session } from '../lab/session.ts';
import { Waiting } from '../lab/waiting.ts';
import { groupOf, ROLE } from '../net/mark.ts';
import { type NsId, OWN_NS, processNs } from '../net/ns-id.ts';
import { notRunning } from '../plan/pending/pending.ts';
import type { Container, Node } from '../topology/topology.ts';
import { hold } from './drift/hold.ts';
import { InOrder } from './drift/in-order.ts';
import { concernOf, namespacesToHear } from './drift/listening.ts';
import type { ReconcileRequest, ReconcileResult, Reconciler } from './reconciler.ts';
import { resultOf, triedOf } from './result.ts';
import { tellOnce } from './tell.ts';

export interface ReconcilerOptions {
  readonly emit: Emit;
  /** Hears what becomes of each link; absent: nobody does. */
  readonly links?: LinkListener | undefined;
  /** For the commands of named namespaces. */
  readonly runs: CommandRuns;
  /** In the first pass those of all named namespaces, not only of those whose links are made. */
  readonly rerunCommands: boolean;
  /** Take the lab away. */
  readonly remove: () => Promise<void>;
}

export class LabReconciler implements Reconciler {
  #session: Session;
  /** For events of passes: each warning is told once. */
  readonly #emit: Emit;
  /** For events that are told each time. */
  readonly #emitEach: Emit;
  readonly #links: LinkListener | undefined;
  readonly #runs: CommandRuns;
  readonly #remove: () => Promise<void>;
  #rerunCommands: boolean;
  #inOrder: InOrder;
  #waiting: Waiting;
  #monitor: LinkMonitor | null = null;
  /** As of the last pass. */
  #containers: readonly Container[] = [];
  /** Nodes that are named namespaces, as of the last pass over the whole lab. */
  #netns: readonly Node[] = [];

  constructor(session: Session, { emit, links, runs, rerunCommands, remove }: ReconcilerOptions) {
    this.#session = session;
    this.#emit = tellOnce(emit);
    this.#emitEach = emit;
    this.#links = links;
    this.#runs = runs;
    this.#rerunCommands = rerunCommands;
    this.#remove = remove;
    this.#inOrder = new InOrder(links, session.revision);
    this.#waiting = new Waiting(notRunning(session.filter));
  }

  /** Use this session, of the same lab, from now on. Must not be called while `reconcile` runs. */
  adopt(session: Session): void {
    this.#session = session;
    this.#inOrder = new InOrder(this.#links, session.revision);
    this.#waiting = new Waiting(notRunning(session.filter));
  }

  wants(container: Container): boolean {
    return this.#session.wholeLab.parts.wants(container);
  }

  commandsOf(container: Container): ReturnType<Reconciler['commandsOf']> {
    return this.#session.wholeLab.parts.commandsOf(container);
  }

  watch(onChange: (scope: 'all' | ReadonlySet<string>) => void): void {
    const detail = (message: string): void => this.#emit({ type: 'detail', message });
    if (!mayListen()) {
      detail('without CAP_NET_BROADCAST changes made by others are found by the periodic check alone');
      return;
    }
    this.#monitor = new LinkMonitor({
      group: groupOf(this.#session.topology.lab, ROLE.nodeEnd),
      onHeard: (changes) => {
        const scope = concernOf(changes, this.#containers, this.#netns, this.#switchSide());
        onChange(this.#session.wholeLab.canNarrow(this.#containers) ? scope : 'all');
      },
      onOverrun: () => onChange('all'),
      onDeaf: (why) => detail(`changes made by others may be found by the periodic check alone: ${why}`),
    });
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { signal, containers } = request;
    this.#containers = containers;
    let held: ReadonlySet<string> = new Set();
    const scope: Scope = {
      ...scopeOf(request),
      revise: (network, plan) => {
        const now = hold(network, plan, request.paused);
        held = now.held;
        return now.plan;
      },
    };
    const onPlan = (found: Pass): void => {
      this.#inOrder.foresee(found.network, found.plan);
      tellOrphans(this.#session, found, this.#emitEach);
    };
    const io = { emit: this.#emit, links: this.#links, signal, onPlan, gone: request.gone };
    const reconciled = await reconcile(this.#session, scope, io);
    const { network, plan, execution, isWhole, ended } = reconciled;
    const drifted = this.#inOrder.record(network, plan, execution, held);
    this.#waiting.forget(ended);
    this.#waiting.record(network, plan, execution, isWhole);
    this.#listen(reconciled);
    if (!signal.aborted) this.#startCommands(reconciled);
    return {
      ...resultOf(network, plan, execution, this.#session.wholeLab.parts.count(containers)),
      drifted,
      tried: triedOf(network, plan, execution),
      held,
      pending: this.#waiting.all,
    };
  }

  async remove(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#monitor?.[Symbol.asyncDispose]();
    this.#monitor = null;
  }

  /** Starts the commands of named namespaces. The loop starts those of containers, since it knows when one has started. */
  #startCommands({ network, plan, execution }: Reconciled): void {
    const again = this.#rerunCommands;
    this.#rerunCommands = false;
    const nodes = freshNodes(network, plan, execution, again).filter(({ kind }) => kind === 'netns');
    startCommands(this.#session, nodes, [], this.#runs, again);
  }

  /** Has the monitor listen in the lab's namespaces as they are now. It also hears what this pass made; the next pass then finds no difference. */
  #listen({ network, plan, isWhole }: Reconciled): void {
    if (isWhole) this.#netns = network.nodes.filter(({ kind }) => kind === 'netns');
    if (!isWhole && plan.ops.length === 0) return;
    const nodes = [...this.#netns.map(({ ns }) => ns), ...this.#containers.map(({ pid }) => processNs(pid))];
    this.#monitor?.listen(namespacesToHear(nodes, this.#switchSide()));
  }

  #switchSide(): readonly NsId[] {
    const { side, wholeLab } = this.#session;
    return side === 'own' ? [OWN_NS] : (wholeLab.placement?.shards ?? []);
  }
}

/** A container that ended and runs again counts as running. */
function scopeOf({ scope, containers, gone }: ReconcileRequest): Scope {
  const running = new Set(containers.map(({ id }) => id));
  const ended = gone.filter(({ id }) => !running.has(id));
  const nodes = scope === 'all' ? scope : { containers: scope, netns: new Set<string>() };
  return { nodes, containers, ended };
}
