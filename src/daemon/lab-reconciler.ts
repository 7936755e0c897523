/** The pipeline as the daemon needs it: the whole lab, or just some containers of it, again and again. */

import { observe } from '../engine/observe.ts';
import { mayListen } from '../engine/privilege.ts';
import type { Execution } from '../engine/run.ts';
import { LinkMonitor } from '../engine/threads/monitor.ts';
import { SparePool } from '../engine/threads/spares.ts';
import type { Emit } from '../events.ts';
import { freshNodes, startCommands } from '../lab/commands/nodes.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import type { Session } from '../lab/session.ts';
import {
  applyPlan,
  look,
  networkOf,
  type Planned,
  planOf,
  planSurely,
  type Snapshot,
  tellOrphans,
  wantsOf,
} from '../lab/stages.ts';
import { groupOf, ROLE } from '../net/mark.ts';
import { isNamed, type NamedNs, type NsId, OWN_NS, processNs } from '../net/ns-id.ts';
import { diff } from '../plan/diff.ts';
import { planGone } from '../plan/links/gone.ts';
import { notRunning } from '../plan/pending/pending.ts';
import type { Plan } from '../plan/plan.ts';
import type { Placement } from '../plan/switch/placement.ts';
import { instantiate } from '../topology/instantiate.ts';
import { Scope, wiresOf } from '../topology/scope.ts';
import type { Container, Link, Network, Node } from '../topology/topology.ts';
import { announcements } from './announce.ts';
import { concernOf, namespacesToHear } from './drift/ears.ts';
import { hold } from './drift/hold.ts';
import { InOrder } from './drift/in-order.ts';
import type { ReconcileRequest, ReconcileResult, Reconciler } from './reconciler.ts';
import { resultOf, triedOf } from './result.ts';
import { SharedNamespaces } from './shared.ts';
import { tellOnce } from './tell.ts';
import { Waiting } from './waiting.ts';

export interface ReconcilerOptions {
  readonly emit: Emit;
  /** For the commands of named namespaces. */
  readonly runs: CommandRuns;
  /** In the first pass those of all named namespaces, not only of those whose links are made. */
  readonly rerunCommands: boolean;
  /** Take the lab away. */
  readonly remove: () => Promise<void>;
}

export class LabReconciler implements Reconciler {
  #session: Session;
  readonly #emit: Emit;
  readonly #runs: CommandRuns;
  readonly #remove: () => Promise<void>;
  #scope: Scope;
  #rerunCommands: boolean;
  /** Where bridges are, from the last pass over the whole lab. */
  #placement: Placement | null = null;
  #inOrder: InOrder;
  #waiting: Waiting;
  readonly #tellDrift: Emit;
  readonly #shared = new SharedNamespaces();
  #monitor: LinkMonitor | null = null;
  /** As of the last pass. */
  #containers: readonly Container[] = [];
  /** Nodes that are named namespaces, as of the last pass over the whole lab. */
  #netns: readonly Node[] = [];

  constructor(session: Session, { emit, runs, rerunCommands, remove }: ReconcilerOptions) {
    this.#session = session;
    this.#emit = tellOnce(emit);
    this.#runs = runs;
    this.#rerunCommands = rerunCommands;
    this.#remove = remove;
    this.#tellDrift = emit;
    this.#inOrder = new InOrder(emit);
    this.#waiting = new Waiting(notRunning(session.filter));
    this.#scope = new Scope(session.topology, session.filter);
  }

  /** From now on make this real, of the same lab. Not while it reconciles. */
  adopt(session: Session): void {
    this.#session = session;
    this.#inOrder = new InOrder(this.#tellDrift);
    this.#waiting = new Waiting(notRunning(session.filter));
    this.#scope = new Scope(session.topology, session.filter);
    this.#placement = null;
  }

  wants(container: Container): boolean {
    return this.#scope.wants(container);
  }

  commandsOf(container: Container): ReturnType<Reconciler['commandsOf']> {
    return this.#scope.commandsOf(container);
  }

  heed(onChange: (scope: 'all' | ReadonlySet<string>) => void): void {
    const detail = (message: string): void => this.#emit({ type: 'detail', message });
    if (!mayListen()) {
      detail('without CAP_NET_BROADCAST changes made by others are found by the periodic check alone');
      return;
    }
    this.#monitor = new LinkMonitor({
      group: groupOf(this.#session.topology.lab, ROLE.nodeEnd),
      onHeard: (changes) => {
        const scope = concernOf(changes, this.#containers, this.#netns, this.#switchSide());
        onChange(this.#scope.canNarrow(this.#containers) ? scope : 'all');
      },
      onOverrun: () => onChange('all'),
      onDeaf: (why) => detail(`changes made by others may be found by the periodic check alone: ${why}`),
    });
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    this.#containers = request.containers;
    const isWhole = request.scope === 'all' || this.#placement === null || !this.#scope.canNarrow(request.containers);
    await using spares = isWhole ? SparePool.expect(this.#session.topology) : null;
    const network = isWhole ? this.#wholeNetwork(request) : this.#narrowNetwork(request);
    const running = new Set(request.containers.map(({ id }) => id));
    const gone = this.#linksOf(request.gone.filter(({ id }) => !running.has(id)));
    const see = (): Promise<Snapshot> =>
      isWhole ? this.#lookAtAll(network, request) : this.#lookAtSome(network, gone);
    let held: ReadonlySet<string> = new Set();
    const { files } = this.#session.files;
    const planOn = (snapshot: Snapshot): Promise<Planned> =>
      planSurely(this.#session, network, snapshot, (seen) => {
        const wanted = isWhole
          ? planOf(this.#session, network, seen)
          : diff(network, seen.observed, seen.placement, { prune: false, files });
        const now = hold(network, wanted, request.paused);
        held = now.held;
        if (isWhole) return now.plan;
        const ops = [...planGone(this.#session.topology.lab, gone, seen.observed), ...now.plan.ops];
        return { ...now.plan, ops };
      });
    const snapshot = await see();
    if (!isWhole && this.#shared.reachBeyond(network, snapshot.observed)) {
      return await this.reconcile({ ...request, scope: 'all' });
    }
    this.#shared.note(network.nodes, snapshot.observed, isWhole);
    const planned = await planOn(snapshot);
    const lines = announcements(network, planned.plan, this.#linksOf(request.gone));
    for (const message of lines) this.#emit({ type: 'notice', message });
    if (isWhole) tellOrphans(this.#session, planned.plan, this.#tellDrift);
    const io = { emit: this.#emit, signal: request.signal, spares };
    const { plan, execution } = await applyPlan(this.#session, network, planned, io, async () => planOn(await see()));
    const drifted = this.#inOrder.record(network, plan, execution, held);
    this.#waiting.forget(gone);
    this.#waiting.record(network, plan, execution, isWhole);
    if (isWhole) this.#netns = network.nodes.filter(({ kind }) => kind === 'netns');
    if (isWhole || plan.ops.length > 0) {
      const nodes = [...this.#netns.map(({ ns }) => ns), ...request.containers.map(({ pid }) => processNs(pid))];
      this.#listen(nodes);
    }
    if (!request.signal.aborted) this.#startCommands(network, plan, execution);
    return {
      ...resultOf(network, plan, execution, this.#scope.count(request.containers)),
      drifted,
      tried: triedOf(network, plan, execution),
      held,
      pending: this.#waiting.all,
    };
  }

  /** Of named namespaces; those of containers are the loop's, which knows when one has started. */
  #startCommands(network: Network, plan: Plan, execution: Execution): void {
    const again = this.#rerunCommands;
    this.#rerunCommands = false;
    const nodes = freshNodes(network, plan, execution, again).filter(({ kind }) => kind === 'netns');
    startCommands(this.#session, nodes, [], this.#runs, again);
  }

  async remove(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#monitor?.[Symbol.asyncDispose]();
    this.#monitor = null;
  }

  #switchSide(): readonly NsId[] {
    return this.#session.side === 'own' ? [OWN_NS] : (this.#placement?.shards ?? []);
  }

  /** Listen where the lab is now; what was made in this very pass is heard, and found in order. */
  #listen(nodes: readonly NsId[]): void {
    this.#monitor?.listen(namespacesToHear(nodes, this.#switchSide()));
  }

  #wholeNetwork({ containers }: ReconcileRequest): Network {
    return networkOf(this.#session, containers, this.#emit);
  }

  /** Only the links of the containers in scope (and the other ends of their wires), and the bridges they are tied to. */
  #narrowNetwork({ scope, containers }: ReconcileRequest): Network {
    const ids = scope === 'all' ? new Set<string>() : scope;
    const narrow = this.#scope.narrow(containers.filter(({ id }) => ids.has(id)));
    const { filter, host } = this.#session;
    const network = networkOf({ topology: narrow, filter, host }, containers, this.#emit);
    const wires = wiresOf(narrow.bridges);
    const links = network.links.filter(({ node, spec }) => ids.has(node.id ?? '') || wires.has(spec.bridge ?? ''));
    const nodes = new Set(links.map((link) => link.node));
    return { ...network, links, nodes: network.nodes.filter((node) => nodes.has(node)) };
  }

  /** Links of containers whose process has ended. */
  #linksOf(ended: readonly Container[]): readonly Link[] {
    if (ended.length === 0) return [];
    const { filter, host } = this.#session;
    return instantiate(this.#scope.narrow(ended), { containers: ended, netns: 'all', host }, filter).network.links;
  }

  async #lookAtAll(network: Network, { containers }: ReconcileRequest): Promise<Snapshot> {
    const snapshot = await look(this.#session, network, containers);
    this.#placement = snapshot.placement;
    return snapshot;
  }

  async #lookAtSome(network: Network, gone: readonly Link[]): Promise<Snapshot> {
    const placement = this.#placement ?? { nsOfBridge: new Map(), shards: [], uplinkMac: null };
    const shards = new Set<NamedNs>();
    for (const { spec } of [...network.links, ...gone]) {
      const ns = spec.bridge === null ? undefined : placement.nsOfBridge.get(spec.bridge);
      if (ns !== undefined && isNamed(ns)) shards.add(ns);
    }
    const options = { side: this.#session.side, wants: wantsOf(network), shards: [...shards], strays: null };
    return {
      observed: await observe(this.#session.pool, network, options),
      placement: { ...placement, shards: [...shards] },
    };
  }
}
