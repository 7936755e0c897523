/** Implements Reconciler on a session: it makes passes over the whole lab or over some of its containers, one after another. */

import { mayListen } from '../engine/machine/privilege.ts';
import { LinkMonitor } from '../engine/threads/monitor.ts';
import type { Emit, LinkListener } from '../events.ts';
import { freshNodes, startCommands } from '../lab/commands/nodes.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import { DeviceTracker } from '../lab/live/devices.ts';
import { NodeNames } from '../lab/nodes/names.ts';
import { tellOrphans } from '../lab/orphans.ts';
import { restoreParked } from '../lab/override/reset-links.ts';
import type { Pass, Scope } from '../lab/pass.ts';
import { mayRise, type Reconciled, reconcile } from '../lab/pipeline.ts';
import type { PreflightMode } from '../lab/preflight/look-before.ts';
import type { Session } from '../lab/session.ts';
import { Waiting } from '../lab/waiting.ts';
import type { Happening } from '../lab-events.ts';
import { groupOf, ROLE } from '../net/mark.ts';
import { type NsId, OWN_NS, processNs } from '../net/ns-id.ts';
import { notRunning } from '../plan/pending/pending.ts';
import type { Container, Node } from '../topology/topology.ts';
import { DriftDetector } from './drift/detector.ts';
import { concernOf, namespacesToHear } from './drift/listening.ts';
import { postpone } from './drift/postpone.ts';
import { startPrograms } from './nodes.ts';
import { orAborted } from './or-aborted.ts';
import type { ReconcileRequest, ReconcileResult, Reconciler } from './reconciler.ts';
import { resultOf, triedOf } from './result.ts';
import { tellOnce } from './tell.ts';

/** After so many passes in a row that left links held back, the next resync looks again: others change the lab all the time. */
const RISES_MAX = 5;

export interface ReconcilerOptions {
  readonly emit: Emit;
  /** Hears what becomes of each link; absent: nobody does. */
  readonly links?: LinkListener | undefined;
  /** Runs the commands of named namespaces. */
  readonly runs: CommandRuns;
  /** Whether the first pass runs the commands of all named namespaces, not only of those whose links it makes. */
  readonly rerunCommands: boolean;
  /** Whether the first pass takes back what was set by hand. Default false. */
  readonly reset?: boolean;
  /** What becomes of what preflight finds. Default `skip`. */
  readonly preflight?: PreflightMode;
  /** Whether links with `state: late` stay down for now. Default: they rise once all links of the lab are made. */
  readonly holdsLate?: () => boolean;
  /** Takes what the kernel shows of the lab's devices, as it changes. Absent: nobody wants to know. */
  readonly onDevice?: (event: Happening) => void;
  /** Called with each pass that was carried out. */
  readonly onReconciled?: (reconciled: Reconciled) => void;
  /** Removes the lab. */
  readonly remove: () => Promise<void>;
}

export class LabReconciler implements Reconciler {
  #session: Session;
  /** Takes the events of passes, and reports each warning once. */
  readonly #emit: Emit;
  /** Takes events that are reported every time. */
  readonly #emitEach: Emit;
  readonly #links: LinkListener | undefined;
  readonly #runs: CommandRuns;
  readonly #remove: () => Promise<void>;
  readonly #preflight: PreflightMode;
  readonly #onReconciled: (reconciled: Reconciled) => void;
  readonly #holdsLate: () => boolean;
  /** How often in a row a pass was asked for in which held-back links could rise. */
  #rises = 0;
  #rerunCommands: boolean;
  #reset: boolean;
  #drift: DriftDetector;
  #waiting: Waiting;
  #monitor: LinkMonitor | null = null;
  readonly #devices: DeviceTracker | null;
  /** By namespace, as its links name it. */
  readonly #nodes = new Map<NsId, string>();
  readonly #names = new NodeNames();
  /** The containers of the last pass. */
  #containers: readonly Container[] = [];
  /** The nodes that are no containers, as the last pass over the whole lab found them. */
  #netns: readonly Node[] = [];

  constructor(session: Session, options: ReconcilerOptions) {
    const {
      emit,
      links,
      runs,
      rerunCommands,
      reset = false,
      preflight = 'skip',
      onDevice,
      onReconciled = () => {},
      holdsLate = () => false,
      remove,
    } = options;
    this.#session = session;
    const seen = { lab: session.topology.lab, nodeOf: (ns: NsId) => this.#nodes.get(ns) ?? null, tellsLinks: false };
    this.#devices = onDevice === undefined ? null : new DeviceTracker(seen, onDevice);
    this.#emit = tellOnce(emit);
    this.#emitEach = emit;
    this.#links = links;
    this.#runs = runs;
    this.#rerunCommands = rerunCommands;
    this.#reset = reset;
    this.#remove = remove;
    this.#preflight = preflight;
    this.#onReconciled = onReconciled;
    this.#holdsLate = holdsLate;
    this.#drift = new DriftDetector(links, session.revision);
    this.#waiting = new Waiting(notRunning(session.filter));
  }

  /** Uses this session, of the same lab, from now on. Must not be called while `reconcile` runs. */
  adopt(session: Session): void {
    this.#session = session;
    this.#drift = new DriftDetector(this.#links, session.revision);
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
      onSeen: this.#devices === null ? undefined : (seen) => this.#devices?.take(seen),
      onOverrun: () => onChange('all'),
      onDeaf: (why) => detail(`changes made by others may be found by the periodic check alone: ${why}`),
    });
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { signal, containers } = request;
    this.#containers = containers;
    const isReset = (request.reset ?? false) || this.#reset;
    let postponed: ReadonlySet<string> = new Set();
    const scope: Scope = {
      ...scopeOf(request),
      holdsLate: this.#holdsLate(),
      ...(isReset && { resets: 'all' as const }),
      revise: (network, plan) => {
        const now = postpone(network, plan, request.paused);
        postponed = now.postponed;
        return now.plan;
      },
    };
    const onPlan = (found: Pass): void => {
      this.#drift.foresee(found.network, found.plan);
      tellOrphans(this.#session, found, this.#emitEach);
    };
    const { gone } = request;
    const io = { emit: this.#emit, links: this.#links, signal, onPlan, gone, preflight: this.#preflight };
    const reconciled = await reconcile(this.#session, scope, io);
    if (isReset) await restoreParked(this.#session, reconciled, 'all', io);
    this.#reset = false;
    const { network, plan, execution, isWhole, ended } = reconciled;
    for (const { node, id, dev } of network.links) this.#nodes.set(node.ns, id.slice(0, -dev.length - 1));
    if (request.rerunCommands) this.#rerunCommands = true;
    const drifted = this.#drift.record(network, plan, execution, postponed);
    this.#waiting.forget(ended);
    this.#waiting.record(network, plan, execution, isWhole);
    const listening = this.#listen(reconciled);
    if (!signal.aborted) {
      await this.#names.renew(this.#session, containers, this.#emit);
      this.#startCommands(reconciled);
      await this.#startPrograms(reconciled, signal);
    }
    // Whoever has a turn after this pass can be sure that what he does is heard.
    await orAborted(listening, signal);
    this.#onReconciled(reconciled);
    this.#rises = mayRise(reconciled) ? this.#rises + 1 : 0;
    return {
      ...resultOf(network, plan, execution, this.#session.wholeLab.parts.count(containers)),
      drifted,
      tried: triedOf(network, plan, execution),
      postponed,
      pending: this.#waiting.all,
      mayRise: this.#rises > 0 && this.#rises <= RISES_MAX,
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

  /** Starts the commands of named namespaces. The loop starts those of containers, since it knows when a container has started. */
  #startCommands({ network, plan, execution }: Reconciled): void {
    const again = this.#rerunCommands;
    this.#rerunCommands = false;
    const nodes = freshNodes(network, plan, execution, again).filter(({ kind }) => kind !== 'container');
    startCommands(this.#session, nodes, [], this.#runs, again);
  }

  /** Starts the programs of a namespace that this pass has made: those of its predecessor ran in the namespace that is gone. */
  async #startPrograms({ plan }: Reconciled, signal: AbortSignal): Promise<void> {
    const isMade = plan.ops.some((op) => op.op === 'netns.add' && op.role === 'node');
    if (isMade) await startPrograms(this.#session.topology, { emit: this.#emitEach, signal });
  }

  /**
   * Lets the monitor listen in the lab's present namespaces. It also hears what this pass has made; the next pass then finds no
   * difference. Resolves when it does.
   */
  async #listen({ network, plan, isWhole }: Reconciled): Promise<void> {
    if (isWhole) this.#netns = network.nodes.filter(({ kind }) => kind !== 'container');
    if (!isWhole && plan.ops.length === 0) return;
    const nodes = [...this.#netns.map(({ ns }) => ns), ...this.#containers.map(({ pid }) => processNs(pid))];
    await this.#monitor?.listen(namespacesToHear(nodes, this.#switchSide(), (ns) => this.#bridgesOfOthers(ns)));
  }

  /** The bridges of others in a namespace: their links wait for those that are missing. */
  #bridgesOfOthers(ns: NsId): readonly string[] {
    const { topology, wholeLab } = this.#session;
    if (ns !== wholeLab.placement?.externalNs) return [];
    return topology.bridges.flatMap(({ name, isExternal }) => (isExternal ? [name] : []));
  }

  #switchSide(): readonly NsId[] {
    const { side, wholeLab } = this.#session;
    const placement = wholeLab.placement;
    const own: readonly NsId[] = side === 'own' ? [OWN_NS] : (placement?.shards ?? []);
    const external = placement?.externalNs ?? null;
    return external === null ? own : [...own, external];
  }
}

/** The scope of a pass. A container that has ended and runs again counts as running. */
function scopeOf({ scope, containers, gone, prune = false }: ReconcileRequest): Scope {
  const running = new Set(containers.map(({ id }) => id));
  const ended = gone.filter(({ id }) => !running.has(id));
  const nodes = scope === 'all' ? scope : { containers: scope, netns: new Set<string>() };
  return { nodes, containers, ended, ...(prune && { pruneOrphans: true }) };
}
